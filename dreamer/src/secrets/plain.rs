//! Words that stand where a secret's value would, and are none.

use std::collections::HashSet;
use std::sync::LazyLock;

static PLAIN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "in the a an not no at on for from with under by to of it that this there here now still never always \
         only also too very your my our their his her its all any some what where who how when which wrong right \
         correct incorrect valid invalid weak strong safe unsafe secure insecure missing empty old new same \
         different null none undefined true false string str int text optional mandatory available unavailable \
         secret public private confidential back broken bad good ok okay fine per inside outside behind available \
         short long shared unique part one two up down out off and or but so if as like personal managed rotating \
         expiring changing leaking checked read kept set put hidden held sent given known lost found owned bound \
         tied due written taken case-sensitive alphanumeric numeric encrypted hashed required needed stored \
         rotated expired everyone nobody someone anyone please yes env vault local global default temporary \
         permanent important critical essential sensitive being going coming working about ready done gone enough \
         just already yet sufficient enforced self-service read-only write-only single-use short-lived long-lived \
         deprecated disabled enabled unchanged unknown unset must should may can cannot will would could has have \
         had is are was were"
        .split_whitespace()
        .collect()
});

/// Whether a word after "the password is" tells about it instead of being it.
pub(super) fn is_plain_word(lower: &str) -> bool {
    PLAIN.contains(lower)
}
