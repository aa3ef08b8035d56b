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
        [self.cached, self.cache_writes, self.output]
            .into_iter()
            .fold(self.input, u64::saturating_add)
    }

    /// The most that a request of this size may take.
    fn at_most(input: u64, output: u64) -> Self {
        Self {
            cache_writes: input,
            output,
            ..Self::default()
        }
    }

    fn add(&mut self, more: Self) {
        self.input = self.input.saturating_add(more.input);
        self.cached = self.cached.saturating_add(more.cached);
        self.cache_writes = self.cache_writes.saturating_add(more.cache_writes);
        self.output = self.output.saturating_add(more.output);
    }

    fn take(&mut self, less: Self) {
        self.input = self.input.saturating_sub(less.input);
        self.cached = self.cached.saturating_sub(less.cached);
        self.cache_writes = self.cache_writes.saturating_sub(less.cache_writes);
        self.output = self.output.saturating_sub(less.output);
    }
}

/// What a Dream spent on a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Requests that were answered.
    pub requests: u32,
    /// Answers that broke the schema and were asked for again.
    #[serde(default)]
    pub repaired: u32,
    /// Requests whose answer was no use all the same.
    #[serde(default)]
    pub useless: u32,
    /// Tries to which no answer came: each counts as having cost what it might.
    #[serde(default)]
    pub unanswered: u32,
    /// Tokens; estimated where the model did not say.
    pub tokens: Tokens,
    /// US dollars; none where the price is not known.
    #[serde(default)]
    pub cost: Option<f64>,
    /// Seconds that were spent waiting for it.
    pub seconds: f64,
}

/// What a Dream has spent so far, for whoever pays: also where it comes to nothing, or is given up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bill(Arc<Mutex<Spent>>);

impl Bill {
    pub(crate) fn so_far(&self) -> Spent {
        self.0.lock().clone()
    }
}

/// Counts against a budget, on the bill.
#[derive(Debug)]
pub(crate) struct Meter {
    bill: Bill,
    budget: Budget,
    price: Option<Price>,
    begun: Instant,
}

impl Meter {
    pub(crate) fn new(budget: &Budget, price: Option<&Price>, bill: Bill) -> Self {
        let meter = Self {
            bill,
            budget: budget.clone(),
            price: price.cloned(),
            begun: Instant::now(),
        };
        meter.note(|_| ());
        meter
    }

    /// When the time is up.
    pub(crate) fn deadline(&self) -> Instant {
        // A time that no clock holds is as good as none.
        let far = self.begun + Duration::from_hours(24 * 365);
        self.begun.checked_add(self.budget.time).unwrap_or(far)
    }

    /// The tries of a request of this size.
    pub(crate) fn tries(&self, input: u64, output: u64) -> Tries<'_> {
        Tries {
            meter: self,
            input,
            output,
        }
    }

    /// Whether what is left of the budget allows a request of this size, whatever the time.
    pub(crate) fn allows(&self, input: u64, output: u64) -> bool {
        self.over(input, output).is_none()
    }

    /// Why a request of this size would go over the budget, if it would.
    fn objects(&self, input: u64, output: u64) -> Option<String> {
        self.over(input, output)
            .or_else(|| (Instant::now() >= self.deadline()).then(|| self.late()))
    }

    fn over(&self, input: u64, output: u64) -> Option<String> {
        let next = input.saturating_add(output);
        let spent = self.bill.so_far().tokens;
        let used = spent.all();
        if used.saturating_add(next) > self.budget.tokens {
            return Some(format!(
                "the budget of {} tokens is used up: {used} are spent, the next request may take {next}",
                self.budget.tokens
            ));
        }
        if let (Some(cost), Some(price)) = (self.budget.cost, &self.price) {
            let (spent, next) = (price.of(&spent), price.of(&Tokens::at_most(input, output)));
            if spent + next > cost {
                return Some(format!(
                    "the budget of {cost} USD is used up: {spent:.4} are spent, the next request may cost {next:.4}"
                ));
            }
        }
        None
    }

    /// What to say when the time is up.
    fn late(&self) -> String {
        format!("the budget of {} is used up", minutes(self.budget.time))
    }

    /// The same where it is, or would be after a wait: of what is left of it, nobody says that it is used up.
    pub(crate) fn too_late(&self, why: &str) -> String {
        if Instant::now() >= self.deadline() {
            format!("{} ({why})", self.late())
        } else {
            format!("{why} (the budget is {})", minutes(self.budget.time))
        }
    }

    /// Counts an answer; `estimate` is what it may have taken where the model does not say.
    pub(crate) fn count(&self, tokens: Option<Tokens>, estimate: Tokens) {
        self.note(|spent| {
            spent.requests += 1;
            spent.tokens.add(tokens.unwrap_or(estimate));
        });
    }

    /// Counts an answer that is asked for again.
    pub(crate) fn repair(&self) {
        self.note(|spent| spent.repaired += 1);
    }

    /// Counts a request that came to nothing.
    pub(crate) fn useless(&self) {
        self.note(|spent| spent.useless += 1);
    }

    pub(crate) fn spent(&self) -> Spent {
        self.note(|_| ());
        self.bill.so_far()
    }

    fn note(&self, what: impl FnOnce(&mut Spent)) {
        let mut spent = self.bill.0.lock();
        what(&mut spent);
        spent.cost = self.price.as_ref().map(|price| price.of(&spent.tokens));
        spent.seconds = self.begun.elapsed().as_secs_f64();
    }
}

/// The tries of one request. Each counts as costing what it may until it is known what became of it: what was sent may be
/// paid for, also where the answer was lost.
#[derive(Debug, Clone, Copy)]
pub struct Tries<'a> {
    meter: &'a Meter,
    input: u64,
    output: u64,
}

impl Tries<'_> {
    /// Begins one, unless it may go over the budget.
    ///
    /// # Errors
    /// Why it may.
    pub(super) fn begin(&self) -> Result<(), String> {
        if let Some(why) = self.meter.objects(self.input, self.output) {
            return Err(why);
        }
        self.meter.note(|spent| {
            spent.unanswered += 1;
            spent.tokens.add(Tokens::at_most(self.input, self.output));
        });
        Ok(())
    }

    /// The one that was begun last is answered, and what it took told apart; or it was never sent.
    pub(super) fn settled(&self) {
        self.meter.note(|spent| {
            spent.unanswered -= 1;
            spent.tokens.take(Tokens::at_most(self.input, self.output));
        });
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds == 60 {
        "1 minute".to_owned()
    } else if seconds.is_multiple_of(60) {
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
        let meter = Meter::new(&budget, None, bill.clone());
        let first = meter.tries(600, 400);
        assert_eq!(first.begin(), Ok(()));
        first.settled();
        meter.count(
            Some(Tokens {
                input: 500,
                output: 100,
                ..Tokens::default()
            }),
            Tokens::default(),
        );
        let why = meter.tries(300, 200).begin().err().unwrap_or_default();
        assert!(why.contains("1000 tokens is used up: 600 are spent"), "{why}");
        let billed = bill.so_far();
        assert_eq!((billed.requests, billed.unanswered, billed.tokens.all()), (1, 0, 600));
    }

    #[test]
    fn what_is_not_answered_counts_as_what_it_may_have_taken() {
        let budget = Budget {
            tokens: 1000,
            ..Budget::default()
        };
        let bill = Bill::default();
        let meter = Meter::new(&budget, None, bill.clone());
        let tries = meter.tries(300, 200);
        assert_eq!((tries.begin(), tries.begin()), (Ok(()), Ok(())));
        assert!(tries.begin().is_err(), "a third may go over");
        let billed = bill.so_far();
        assert_eq!((billed.requests, billed.unanswered, billed.tokens.all()), (0, 2, 1000));
    }

    #[test]
    fn numbers_beyond_all_bounds_use_the_budget_up() {
        let budget = Budget {
            tokens: u64::MAX - 1,
            ..Budget::default()
        };
        let bill = Bill::default();
        let meter = Meter::new(&budget, None, bill.clone());
        let tries = meter.tries(300, 200);
        assert_eq!(tries.begin(), Ok(()));
        for _ in 0..2 {
            let told = Tokens {
                input: u64::MAX,
                cached: u64::MAX,
                cache_writes: u64::MAX,
                output: u64::MAX,
            };
            meter.count(Some(told), Tokens::default());
        }
        tries.settled();
        assert_eq!(bill.so_far().tokens.all(), u64::MAX);
        assert!(tries.begin().is_err() && meter.tries(u64::MAX, u64::MAX).begin().is_err());
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
