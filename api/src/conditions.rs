//! Conditions: their types, every reason there is, and how one is set.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// Types of conditions.
pub mod types {
    /// The object does what it is for.
    pub const READY: &str = "Ready";
    /// An Agent wishes more access than a store shares: it has what is shared.
    pub const ACCESS_LOWERED: &str = "AccessLowered";
    /// A deleted store is still mounted by pods.
    pub const ATTACHED: &str = "Attached";
    /// What is past its retention was removed from a store.
    pub const MAINTAINED: &str = "Maintained";
    /// A decision about a Dream was carried out.
    pub const DECIDED: &str = "Decided";
    /// The store was asked what became of a Dream whose pod is gone. Said where it could not be.
    pub const STORE_ASKED: &str = "StoreAsked";
}

/// Reasons, as conditions and Events give them.
pub mod reasons {
    /// All is well.
    pub const READY: &str = "Ready";
    /// No class is named and none is the default.
    pub const NO_DEFAULT_CLASS: &str = "NoDefaultClass";
    /// Several classes say they are the default.
    pub const SEVERAL_DEFAULT_CLASSES: &str = "SeveralDefaultClasses";
    /// The class named does not exist.
    pub const CLASS_NOT_FOUND: &str = "ClassNotFound";
    /// The class is there, but not ready.
    pub const CLASS_NOT_READY: &str = "ClassNotReady";
    /// The class named is not the one that the store was made with.
    pub const CLASS_CHANGED: &str = "ClassChanged";
    /// The Secret with the class's keys does not exist.
    pub const SECRET_NOT_FOUND: &str = "SecretNotFound";
    /// The operator may not read the Secret with the class's keys.
    pub const SECRET_FORBIDDEN: &str = "SecretForbidden";
    /// The apiserver does not give the Secret with the class's keys now.
    pub const SECRET_UNREADABLE: &str = "SecretUnreadable";
    /// The Secret with the class's keys lacks one of them.
    pub const SECRET_MALFORMED: &str = "SecretMalformed";
    /// The class's place is no address of a bucket.
    pub const PLACE_MALFORMED: &str = "PlaceMalformed";
    /// The object store refuses or can't be reached.
    pub const STORAGE_UNREACHABLE: &str = "StorageUnreachable";
    /// The object store does not keep the promise a store stands on.
    pub const STORAGE_UNSAFE: &str = "StorageUnsafe";
    /// The STS gives no session that pods could be lent.
    pub const STS_REFUSED: &str = "StsRefused";
    /// The prefix holds a store of another cluster or object.
    pub const FOREIGN_STORE: &str = "ForeignStore";
    /// The store is ready and empty; one that its name had before holds data, which `adopt` came too late for.
    pub const EARLIER_STORE: &str = "EarlierStore";
    /// The prefix does not hold the store that was made there.
    pub const STORE_GONE: &str = "StoreGone";
    /// What lies under the prefix is damaged or newer than this operator.
    pub const STORE_UNREADABLE: &str = "StoreUnreadable";
    /// The Agent named by the label does not exist.
    pub const AGENT_NOT_FOUND: &str = "AgentNotFound";
    /// A store does not exist.
    pub const STORE_NOT_FOUND: &str = "StoreNotFound";
    /// A store is there, but not ready.
    pub const STORE_NOT_READY: &str = "StoreNotReady";
    /// A store is being deleted.
    pub const STORE_DELETED: &str = "StoreDeleted";
    /// A store is not shared with this namespace.
    pub const NOT_SHARED: &str = "NotShared";
    /// A store of that name belongs to something else.
    pub const STORE_TAKEN: &str = "StoreTaken";
    /// The wish for access exceeds what the store shares.
    pub const MAX_ACCESS: &str = "MaxAccess";
    /// All wishes are granted.
    pub const GRANTED: &str = "Granted";
    /// A pod's label that names a store is absent or no store's name.
    pub const POD_LABEL: &str = "PodLabel";
    /// A pod's `ServiceAccount` may not be this Agent.
    pub const SERVICE_ACCOUNT: &str = "ServiceAccountNotAllowed";
    /// The broker can't lend a pod one of its stores.
    pub const CREDENTIALS_UNAVAILABLE: &str = "CredentialsUnavailable";
    /// A pod asks the broker for a store that is not attached to it. Told to the pod alone.
    pub const NOT_ATTACHED: &str = "NotAttached";
    /// Pods hold a store that is to be deleted.
    pub const STILL_ATTACHED: &str = "StillAttached";
    /// No pod holds a store any more that is to be deleted.
    pub const DETACHED: &str = "Detached";
    /// A deleted store could not be marked in the bucket.
    pub const NOT_MARKED: &str = "NotMarked";
    /// A deleted store is marked in the bucket, and not all of its data could be removed.
    pub const NOT_ERASED: &str = "NotErased";
    /// Versions past their retention are removed.
    pub const MAINTAINED: &str = "Maintained";
    /// Versions past their retention could not be removed.
    pub const NOT_MAINTAINED: &str = "NotMaintained";
    /// The apiserver finds the `CronJob` or Job wrong.
    pub const JOB_REFUSED: &str = "JobRefused";
    /// Something of that name is there and not this object's.
    pub const JOB_TAKEN: &str = "JobTaken";
    /// A selector can't be read.
    pub const SELECTOR_MALFORMED: &str = "SelectorMalformed";
    /// A store holds sessions, which are not dreamt.
    pub const NOT_A_MEMORY: &str = "NotAMemory";
    /// A store takes no more writes.
    pub const ARCHIVED: &str = "Archived";
    /// A Dream waits for its pod.
    pub const WAITING_FOR_POD: &str = "WaitingForPod";
    /// The pod of a Dream or of a schedule's run can't start.
    pub const POD_HELD_UP: &str = "PodHeldUp";
    /// A Dream is at it.
    pub const DREAMING: &str = "Dreaming";
    /// A Dream waits for a decision.
    pub const WAITING_FOR_DECISION: &str = "WaitingForDecision";
    /// A Dream is over.
    pub const DREAMT: &str = "Dreamt";
    /// A Dream failed.
    pub const DREAM_FAILED: &str = "DreamFailed";
    /// A dreamer's pod ended before it said what became of a Dream.
    pub const POD_LOST: &str = "PodLost";
    /// A Dream was stopped.
    pub const CANCELED: &str = "Canceled";
    /// A newer Dream took the place of this one.
    pub const SUPERSEDED: &str = "Superseded";
    /// A decision was carried out.
    pub const CARRIED_OUT: &str = "CarriedOut";
    /// A decision can't be carried out.
    pub const NOT_CARRIED_OUT: &str = "NotCarriedOut";
    /// A store was made for an Agent.
    pub const STORE_MADE: &str = "StoreMade";
    /// A pod waits for its memory.
    pub const WAITING: &str = "WaitingForMemory";
    /// A newer version of the operator has led: this one stands by.
    pub const NEWER_VERSION: &str = "NewerVersion";
    /// A pod's memory is complete and it may be scheduled.
    pub const ADMITTED: &str = "MemoryReady";
}

/// What a condition is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its type.
    pub type_: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Why, in one word of [`reasons`].
    pub reason: &'static str,
    /// Why, in a sentence that says what to do.
    pub message: String,
}

impl Verdict {
    /// Ready.
    pub fn ready(message: impl Into<String>) -> Self {
        Self::of(types::READY, true, reasons::READY, message)
    }

    /// Not ready.
    pub fn not_ready(reason: &'static str, message: impl Into<String>) -> Self {
        Self::of(types::READY, false, reason, message)
    }

    /// Any.
    pub fn of(type_: &'static str, holds: bool, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            type_,
            holds,
            reason,
            message: message.into(),
        }
    }
}

/// The conditions after `verdicts` of an object's `generation`; the time of transition moves only with the status.
/// Conditions of other types are kept.
pub fn updated(before: &[Condition], verdicts: &[Verdict], generation: Option<i64>, now: &Time) -> Vec<Condition> {
    let mut after: Vec<Condition> = before.to_vec();
    for verdict in verdicts {
        let status = if verdict.holds { "True" } else { "False" };
        let old = before.iter().find(|c| c.type_ == verdict.type_);
        let since = old
            .filter(|c| c.status == status)
            .map_or(now, |c| &c.last_transition_time);
        let condition = Condition {
            type_: verdict.type_.to_owned(),
            status: status.to_owned(),
            reason: verdict.reason.to_owned(),
            message: verdict.message.clone(),
            observed_generation: generation,
            last_transition_time: since.clone(),
        };
        match after.iter_mut().find(|c| c.type_ == verdict.type_) {
            Some(place) => *place = condition,
            None => after.push(condition),
        }
    }
    after
}

/// The condition of a type.
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|c| c.type_ == type_)
}

/// Whether the condition of a type holds.
pub fn holds(conditions: &[Condition], type_: &str) -> bool {
    find(conditions, type_).is_some_and(|c| c.status == "True")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Time {
        Time(text.parse().unwrap())
    }

    #[test]
    fn the_time_of_transition_moves_with_the_status_only() {
        let (one, two) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        let first = updated(&[], &[Verdict::not_ready(reasons::CLASS_NOT_FOUND, "a")], Some(1), &one);
        let second = updated(
            &first,
            &[Verdict::not_ready(reasons::SECRET_NOT_FOUND, "b")],
            Some(2),
            &two,
        );
        assert_eq!(second[0].last_transition_time, one);
        assert_eq!(
            (second[0].reason.as_str(), second[0].observed_generation),
            ("SecretNotFound", Some(2))
        );
        let third = updated(&second, &[Verdict::ready("c")], Some(2), &two);
        assert_eq!(third[0].last_transition_time, two);
        assert!(holds(&third, types::READY));
    }

    /// The reasons that ask nothing of anybody, or say no more than the phase of a Dream.
    const PLAIN: [&str; 11] = [
        "Granted",
        "NotAttached",
        "Detached",
        "Dreaming",
        "WaitingForDecision",
        "Dreamt",
        "Canceled",
        "Superseded",
        "CarriedOut",
        "StoreMade",
        "MemoryReady",
    ];

    #[test]
    fn every_reason_that_asks_for_something_is_explained() {
        let read = |file: &str| std::fs::read_to_string(format!("{}/../docs/{file}", env!("CARGO_MANIFEST_DIR")));
        let explained = ["operations.md", "dreams-in-the-cluster.md"].map(|file| read(file).unwrap());
        let (_, module) = include_str!("conditions.rs").split_once("pub mod reasons {").unwrap();
        let (module, _) = module.split_once("\n}\n").unwrap();
        let reasons = module.split("&str = \"").skip(1);
        let unexplained: Vec<_> = reasons
            .map(|rest| rest.split('"').next().unwrap())
            .filter(|reason| !explained.iter().any(|text| text.contains(&format!("`{reason}`"))))
            .collect();
        assert_eq!(unexplained, PLAIN);
    }

    #[test]
    fn conditions_of_other_types_are_kept() {
        let now = at("2026-01-01T00:00:00Z");
        let lowered = Verdict::of(types::ACCESS_LOWERED, true, reasons::MAX_ACCESS, "x");
        let both = updated(&updated(&[], &[lowered], None, &now), &[Verdict::ready("")], None, &now);
        assert!(holds(&both, types::ACCESS_LOWERED) && holds(&both, types::READY));
    }
}
