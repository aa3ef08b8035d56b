//! Words that follow the name of a secret without being one.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::vocabulary::words;

static PLAIN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
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
         had is are was were be been am do does did get gets got let then than else both each every few many more \
         most much less least own other another such again once ever maybe perhaps probably usually often sometimes \
         longer shorter older newer stronger weaker safer wrong. obsolete opaque immutable random rubbish crap \
         trivial guessable visible readable writable printable constant dynamic static generic specific legacy \
         automatic manual external internal plain plaintext cleartext base64 hex utf-8 ascii json jwt uuid html \
         everything anything nothing something we you they i he she us them me via using after before while until \
         since because during without within between across through over into onto upon necessary mode part-time \
         zweimal nicht im in der die das den dem ein eine bei beim auf unter nur noch schon dans le la les un une \
         pas en el los las no por",
    )
});
/// What joins words of a sentence, and is in no passphrase that people make of nouns.
static SMALL: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "in the a an not at on for from with under by to of it that this there here your my our their his her its \
         is are was were be been must should may can cannot will would could has have had do does did when where who \
         how which if because since and or but so as than then we you they i he she us them only also per via into \
         after before until while without within between no all any every each never always",
    )
});
/// What is told about secrets.
static ABOUT: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "characters character chars digits letters words long minimum maximum least most days months years hours \
         minutes weeks length lifetime validity sensitive specific wide based only owners owner team safe vault manager \
         encrypted plaintext environment variable variables file files folder policy policies rotation expiry scope \
         scopes permissions access everyone nobody anyone someone mandatory optional required forbidden responsible \
         management storage practice security strength format prefix suffix header cookie keychain keyring keepass \
         bitwarden lastpass 1password dashlane okta sso ldap saml kerberos oauth admin-only per-user per-team \
         user-specific read-write write-protected case-sensitive time-limited time-based machine-readable \
         human-readable self-service hardware-backed hardware-bound device-bound rate-limited auto-generated \
         auto-rotated env-specific single-sign-on end-to-end up-to-date out-of-date",
    )
});
/// What "password" and its like are put before: "password manager".
static NOUNS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "manager managers reset resets policy policies hash hashes field fields prompt prompts protection rotation \
         rotations rules rule generator generators change changes check checks checker store stores vault vaults file \
         files list lists page pages form forms input inputs length lengths auth authentication authorization login \
         logins dialog dialogs screen screens box boxes strength expiry expiration recovery sharing entry entries \
         column columns table tables variable variables name names value values parameter parameters param params \
         header headers service services server servers endpoint endpoints bucket buckets refresh exchange exchanges \
         validation validator verification review reviews scope scopes type types format formats budget budgets limit \
         limits count counts counter usage cost costs stream streams window windows id ids pair pairs request requests \
         response responses holder holders owner owners access rate rates required protected only prefix suffix \
         handling handler handlers helper helpers provider providers plugin plugins module modules class classes \
         function functions method methods test tests book books attempt attempts history leak leaks leakage \
         requirement requirements complexity mail email emails link links label labels setting settings config \
         configuration management material ring rings chain lookup cache caches claim claims issuer audience lifetime \
         lifetimes ttl storage encryption encoding decoder encoder parser parsing parse lexer economy ring map maps \
         registry rotate rotates expire expires flow flows grant grants system systems setup process processes change \
         slot slots agent agents card cards reader readers pad pads layout layouts assignment assignments header \
         santa sauce weapon ballot society service scanner scanning scan sprawl store engine engines backend backends \
         operator operators controller volume volumes mount mounts object objects resource resources reference \
         references user users group groups role roles team teams account accounts",
    )
});

/// Whether a word after "the password is" tells about it instead of being it.
pub(super) fn is_plain_word(lower: &str) -> bool {
    PLAIN.contains(lower)
}

/// Whether a word joins others, as in any sentence.
pub(super) fn is_small_word(lower: &str) -> bool {
    SMALL.contains(lower)
}

/// Whether a word says what secrets are like.
pub(super) fn is_about_word(lower: &str) -> bool {
    ABOUT.contains(lower)
}

/// Whether a word makes another thing of the name before it.
pub(super) fn is_noun_after(lower: &str) -> bool {
    NOUNS.contains(lower)
}
