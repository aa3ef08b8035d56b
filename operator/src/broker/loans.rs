//! The stores of a stream: what is lent of each, what is being asked for, and what could not be had. The object store's
//! STS is asked beside the conversation: while one store waits for it, the others are signed for.

use std::collections::BTreeMap;
use std::time::Duration;

use remanence_api::conditions::reasons;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::directory::Grant;
use super::lend::{Lent, Terms, terms};

/// When a store that could not be had is asked for again.
const RETRY: Duration = Duration::from_secs(5);

/// What came of asking.
pub(super) type Answer = (Terms, Result<Lent, String>);

/// The stores of a stream.
#[derive(Default)]
pub(super) struct Loans {
    by_store: BTreeMap<String, Loan>,
    asked: JoinSet<Answer>,
}

struct Loan {
    /// How it is to be lent now.
    terms: Terms,
    /// On these terms, or on earlier ones that give no more.
    lent: Option<Lent>,
    /// There will be an answer.
    asking: bool,
    /// Why it could not be had on these terms, and when it is asked for again.
    failed: Option<(String, Instant)>,
}

impl Loan {
    /// What was lent until now goes on if it gives no more than may be had now: to take it away would end an agent's work.
    fn on(terms: Terms, before: Option<Loan>) -> Self {
        let kept = before.and_then(|loan| loan.lent);
        Self {
            lent: kept.filter(|lent| lent.terms.id == terms.id && lent.terms.access == terms.access),
            terms,
            asking: false,
            failed: None,
        }
    }

    fn is_settled(&self) -> bool {
        self.lent.as_ref().is_some_and(|lent| lent.terms == self.terms)
    }

    /// It was not answered on these terms yet.
    fn is_new(&self) -> bool {
        !self.is_settled() && self.failed.is_none()
    }

    fn is_due(&self) -> bool {
        let rests = self.failed.as_ref().is_some_and(|(_, again)| *again > Instant::now());
        !self.is_settled() && !self.asking && !rests
    }
}

impl Loans {
    /// From now on the pod has these, on these terms. Whether something is asked for that was not before.
    pub(super) fn want(&mut self, grants: &[Grant]) -> bool {
        let mut before = std::mem::take(&mut self.by_store);
        let mut begins = false;
        for (store, terms) in terms(grants) {
            let mut loan = match before.remove(&store) {
                Some(loan) if loan.terms == terms => loan,
                other => Loan::on(terms, other),
            };
            if loan.is_due() {
                begins |= loan.is_new();
                ask(&mut self.asked, &mut loan);
            }
            self.by_store.insert(store, loan);
        }
        begins
    }

    /// The pod has nothing any more.
    pub(super) fn clear(&mut self) {
        self.by_store.clear();
    }

    /// The next answer; `None` where nothing is asked for.
    pub(super) async fn answered(&mut self) -> Option<Answer> {
        loop {
            if let Ok(answer) = self.asked.join_next().await? {
                return Some(answer);
            }
        }
    }

    /// Takes an answer in; says which store can't be had, and why. The pod may have lost the store meanwhile, or have it
    /// on other terms: then it is of no use.
    pub(super) fn take(&mut self, (terms, answer): Answer) -> Option<(String, String)> {
        let loan = self.by_store.get_mut(&terms.store)?;
        if !loan.asking || loan.terms != terms {
            return None;
        }
        loan.asking = false;
        match answer {
            Ok(lent) => {
                loan.lent = Some(lent);
                loan.failed = None;
                None
            }
            Err(why) => {
                // The pod asks again itself for another session than the one that it has.
                if !loan.is_settled() {
                    loan.failed = Some((why.clone(), Instant::now() + RETRY));
                }
                Some((terms.store, why))
            }
        }
    }

    /// Asks for another session of a store; it comes as an answer.
    ///
    /// # Errors
    /// The reason and the message where there will be none.
    pub(super) fn renew(&mut self, store: &str) -> Result<(), (&'static str, String)> {
        let Some(loan) = self.by_store.get_mut(store) else {
            return Err((
                reasons::NOT_ATTACHED,
                "the store is not attached to this pod".to_owned(),
            ));
        };
        if let Some((why, _)) = &loan.failed {
            return Err((reasons::CREDENTIALS_UNAVAILABLE, why.clone()));
        }
        if !loan.asking {
            ask(&mut self.asked, loan);
        }
        Ok(())
    }

    /// What is lent of a store.
    ///
    /// # Errors
    /// Why nothing is.
    pub(super) fn lent(&self, store: &str) -> Result<&Lent, String> {
        let Some(loan) = self.by_store.get(store) else {
            return Err(format!("the store {store} is not attached to this pod"));
        };
        loan.lent.as_ref().ok_or_else(|| match &loan.failed {
            Some((why, _)) => format!("the store {store} can't be lent now: {why}"),
            None => format!("the store {store} can't be lent yet: there is no answer of its STS"),
        })
    }

    /// The stores of which something is lent.
    pub(super) fn names(&self) -> Vec<String> {
        let lent = self.by_store.iter().filter(|(_, loan)| loan.lent.is_some());
        lent.map(|(store, _)| store.clone()).collect()
    }

    /// Whether it is not known yet of some store whether it can be lent.
    pub(super) fn are_new(&self) -> bool {
        self.by_store.values().any(Loan::is_new)
    }

    /// When something is to be asked for again.
    pub(super) fn retry(&self) -> Option<Instant> {
        let failed = self.by_store.values().filter(|loan| !loan.asking);
        failed.filter_map(|loan| loan.failed.as_ref().map(|(_, at)| *at)).min()
    }
}

fn ask(asked: &mut JoinSet<Answer>, loan: &mut Loan) {
    loan.asking = true;
    let terms = loan.terms.clone();
    asked.spawn(async move { (terms.clone(), Lent::new(terms).await) });
}
