//! From what the broker says of a store to how it is attached.

use remanence_proto::broker::{Attachment, attachment};
use remanence_store::intent::Conflicts;

use crate::settings::{Access, AttachmentSettings, Consistency, Durability};

/// How the store is to be attached.
///
/// # Errors
/// When the broker says something that only newer sidecars know: to guess would give an agent other promises than its
/// own.
pub(super) fn of(attachment: &Attachment) -> Result<AttachmentSettings, String> {
    Ok(AttachmentSettings {
        access: match known::<attachment::Access>("access", attachment.access)? {
            attachment::Access::ReadOnly => Access::ReadOnly,
            attachment::Access::ReadWrite => Access::ReadWrite,
        },
        durability: match known::<attachment::Durability>("durability", attachment.durability)? {
            attachment::Durability::Store => Durability::Store,
            attachment::Durability::Local => Durability::Local,
        },
        conflicts: match known::<attachment::Conflicts>("conflicts", attachment.conflicts)? {
            attachment::Conflicts::Merge => Conflicts::Merge,
            attachment::Conflicts::Refuse => Conflicts::Refuse,
        },
        consistency: match known::<attachment::Consistency>("consistency", attachment.consistency)? {
            attachment::Consistency::CloseToOpen => Consistency::CloseToOpen,
            attachment::Consistency::Strict => Consistency::Strict,
        },
        instructions: attachment.instructions.clone(),
    })
}

fn known<T: TryFrom<i32>>(what: &str, value: i32) -> Result<T, String> {
    T::try_from(value).map_err(|_| {
        format!("the broker gives it a {what} ({value}) that is not known here; update the sidecar's image")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_attached_as_the_agent_says() {
        let attachment = Attachment {
            access: attachment::Access::ReadWrite.into(),
            durability: attachment::Durability::Local.into(),
            conflicts: attachment::Conflicts::Refuse.into(),
            consistency: attachment::Consistency::Strict.into(),
            instructions: "Write in verse.".to_owned(),
            ..Attachment::default()
        };
        let settings = AttachmentSettings {
            access: Access::ReadWrite,
            durability: Durability::Local,
            conflicts: Conflicts::Refuse,
            consistency: Consistency::Strict,
            instructions: "Write in verse.".to_owned(),
        };
        assert_eq!(of(&attachment), Ok(settings));
    }

    #[test]
    fn what_only_newer_sidecars_know_is_not_taken_for_something_else() {
        type Set = fn(&mut Attachment);
        let newer: [(&str, Set); 4] = [
            ("access", |attachment| attachment.access = 9),
            ("durability", |attachment| attachment.durability = 9),
            ("conflicts", |attachment| attachment.conflicts = 9),
            ("consistency", |attachment| attachment.consistency = 9),
        ];
        for (what, set) in newer {
            let mut attachment = Attachment::default();
            set(&mut attachment);
            let refused = of(&attachment);
            assert!(
                refused
                    .as_ref()
                    .is_err_and(|why| why.contains(what) && why.contains('9')),
                "{what}: {refused:?}"
            );
        }
    }
}
