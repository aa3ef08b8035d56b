//! What a Dream may spend on a model, and what it spent; looked up before every request.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::prices::Price;

/// What a Dream may spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Most tokens, in and out.
    pub tokens: u64,
    /// Most US dollars; none asks no price.
    pub cost: Option<f64>,
    /// Longest time with the model.
    pub time: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            tokens: 1_000_000,
            cost: None,
            time: Duration::from_mins(30),
        }
    }
}

/// Tokens, as a model counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Read at the full price.
    pub input: u64,
    /// Read from the model's cache.
    #[serde(default)]
    pub cached: u64,
    /// Written into the model's cache.
    #[serde(default)]
    pub cache_writes: u64,
    /// Written.
    pub output: u64,
}

impl Tokens {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.input + self.cached + self.cache_writes + self.output
    }

    fn add(&mut self, more: Self) {
        self.input += more.input;
        self.cached += more.cached;
        self.cache_writes += more.cache_writes;
        self.output += more.output;
    }
}

/// What a Dream spent on a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Requests that were answered.
    pub requests: u32,
    /// Answers that broke the schema and were asked for again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repaired: u32,
    /// Requests whose answer was no use all the same.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub useless: u32,
    /// Tokens; estimated where the model did not say.
    pub tokens: Tokens,
    /// US dollars; none where the price is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Seconds that were spent waiting for it.
    pub seconds: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a Dream has spent so far, for whoever pays: also where it comes to nothing, or is given up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bill(Arc<Mutex<Spent>>);

impl Bill {
    pub(crate) fn so_far(&self) -> Spent {
        self.0.lock().clone()
    }
}

/// Counts against a budget.
#[derive(Debug)]
pub(crate) struct Meter {
    bill: Bill,
    budget: Budget,
    price: Option<Price>,
    begun: Instant,
    spent: Spent,
}

impl Meter {
    pub(crate) fn new(budget: &Budget, price: Option<&Price>, bill: Bill) -> Self {
        let spent = Spent {
            cost: price.map(|_| 0.0),
            ..Spent::default()
        };
        Self {
            bill,
            budget: budget.clone(),
            price: price.cloned(),
            begun: Instant::now(),
            spent,
        }
    }

    /// When the time is up.
    pub(crate) fn deadline(&self) -> Instant {
        // A time that no clock holds is as good as none.
        let far = self.begun + Duration::from_hours(24 * 365);
        self.begun.checked_add(self.budget.time).unwrap_or(far)
    }

    /// Why a request of this size would go over the budget, if it would.
    pub(crate) fn objects(&self, input: u64, output: u64) -> Option<String> {
        let next = input + output;
        let used = self.spent.tokens.all();
        if used + next > self.budget.tokens {
            return Some(format!(
                "the budget of {} tokens is used up: {used} are spent, the next request may take {next}",
                self.budget.tokens
            ));
        }
        let most = Tokens {
            cache_writes: input,
            output,
            ..Tokens::default()
        };
        if let (Some(cost), Some(price)) = (self.budget.cost, &self.price) {
            let (spent, next) = (price.of(&self.spent.tokens), price.of(&most));
            if spent + next > cost {
                return Some(format!(
                    "the budget of {cost} USD is used up: {spent:.4} are spent, the next request may cost {next:.4}"
                ));
            }
        }
        (Instant::now() >= self.deadline()).then(|| self.late())
    }

    /// What to say when the time is up.
    pub(crate) fn late(&self) -> String {
        format!("the budget of {} is used up", minutes(self.budget.time))
    }

    /// Counts an answer; `estimate` is what it may have taken where the model does not say.
    pub(crate) fn count(&mut self, tokens: Option<Tokens>, estimate: Tokens) {
        self.spent.requests += 1;
        self.spent.tokens.add(tokens.unwrap_or(estimate));
        self.spent.cost = self.price.as_ref().map(|price| price.of(&self.spent.tokens));
        *self.bill.0.lock() = self.spent();
    }

    /// Counts an answer that is asked for again.
    pub(crate) fn repair(&mut self) {
        self.spent.repaired += 1;
    }

    /// Counts a request that came to nothing.
    pub(crate) fn useless(&mut self) {
        self.spent.useless += 1;
    }

    pub(crate) fn spent(&self) -> Spent {
        Spent {
            seconds: self.begun.elapsed().as_secs_f64(),
            ..self.spent.clone()
        }
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds.is_multiple_of(60) {
        format!("{} minutes", seconds / 60)
    } else {
        format!("{seconds} seconds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_is_begun_that_may_go_over_the_budget() {
        let budget = Budget {
            tokens: 1000,
            ..Budget::default()
        };
        let bill = Bill::default();
        let mut meter = Meter::new(&budget, None, bill.clone());
        assert_eq!(meter.objects(600, 400), None);
        meter.count(
            Some(Tokens {
                input: 500,
                output: 100,
                ..Tokens::default()
            }),
            Tokens::default(),
        );
        let why = meter.objects(300, 200).unwrap_or_default();
        assert!(why.contains("1000 tokens is used up: 600 are spent"), "{why}");
        let billed = bill.so_far();
        assert_eq!((billed.requests, billed.tokens.all()), (1, 600));
    }

    #[test]
    fn a_cost_is_looked_up_before_it_arises() {
        let price = Price::of_model("anthropic:claude-haiku-4-5-20251001");
        let budget = Budget {
            cost: Some(0.01),
            ..Budget::default()
        };
        let meter = Meter::new(&budget, price.as_ref(), Bill::default());
        assert_eq!(meter.objects(1000, 1000), None);
        // 4,000 tokens out at 5 USD a million are 0.02 USD.
        assert!(
            meter
                .objects(1000, 4000)
                .is_some_and(|why| why.contains("0.01 USD is used up"))
        );
    }
}
