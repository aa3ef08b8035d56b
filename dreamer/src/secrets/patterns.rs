//! What secrets look like: by their own shape, by the name before them, by what is done with them.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;

/// Tokens that are secrets by their shape.
pub(super) static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?P<pem>-----BEGIN\ [A-Z0-9\ ]*(?:PRIVATE\ KEY|CERTIFICATE|MESSAGE)[A-Z\ ]*-----[\s\S]*?(?:-----END[A-Z0-9\ ]*-----|\z))
      | (?P<key>
            \b(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{12,}
          | \bgh[pousr]_[A-Za-z0-9]{10,} | \bgithub_pat_[A-Za-z0-9_]{20,}
          | \bgl(?:pat|cbt|dt|rt|ptt|oas)-[A-Za-z0-9_-]{16,}
          | \bxox[a-z]-[A-Za-z0-9_-]{10,} | \bxapp-[A-Za-z0-9_-]{10,}
          | \b[srp]k_(?:live|test|prod)_[A-Za-z0-9_]{8,} | \bwhsec_[A-Za-z0-9_]{8,}
          | \bsk-[A-Za-z0-9_-]{16,}
          | \bAIza[A-Za-z0-9_-]{30,} | \bya29\.[A-Za-z0-9_-]{20,} | \bGOCSPX-[A-Za-z0-9_-]{10,}
          | \bnpm_[A-Za-z0-9]{20,} | \bpypi-[A-Za-z0-9_-]{20,} | \bhf_[A-Za-z0-9]{16,}
          | \bdop_v1_[A-Za-z0-9_]{20,} | \bshp(?:at|ca|pa|ss)_[A-Za-z0-9_]{16,} | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
          | \bhv[sb]\.[A-Za-z0-9_-]{20,} | \bdp\.(?:pt|st|ct)\.[A-Za-z0-9_]{20,} | \bglsa_[A-Za-z0-9_]{20,} | \blin_api_[A-Za-z0-9_]{20,}
          | \bEAACEdEose0cBA[A-Za-z0-9_]+ | \bsq0[A-Za-z0-9_]{3}-[A-Za-z0-9_-]{20,} | \bkey-[0-9a-f]{24,} | \bAGE-SECRET-KEY-[A-Za-z0-9_]{20,}
          | \beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?
          | \b[a-z]{2,8}_(?:live|test|prod|secret|pat|tok|key)_?[A-Za-z0-9]{12,}
        )
      | (?i:\b(?:bearer|basic|digest|negotiate|token)\s+)(?P<auth>[A-Za-z0-9+/_.=~-]{12,})
      | ://[^\s/:@'<>]{0,64}:(?P<url>[^\s/@'<>]{3,128})@
      | [?&](?:access_token|token|sig|signature|api_?key|key|secret|password|auth|code|X-Amz-Signature)=(?P<query>[^\s&'<>]{8,})
      | hooks\.slack\.com/services/(?P<hook>[A-Za-z0-9_/]{12,})
        ",
    )
});

/// What secrets are called.
const NAMES: &str = r"pass(?:word|wd|phrase|code|key)?s?|pwd|pw|p/w|secrets?(?:[ _-]?key)?|(?:api|access|auth|bearer|refresh|session|deploy|personal|bot|service|client|app|private|signing|encryption|master|license|licence|recovery|backup|webhook|admin|root|db|ssh|gpg|wifi|wi-fi|vpn|login|account|user|registry|publish|publishing|ci|cloud|web|test|staging|prod|production|sandbox|upload|read|write)[ _-]?(?:tokens?|keys?|secrets?|pass(?:word|phrase|code)?s?|pwd|pin|codes?|credentials?)|tokens?|credentials?|creds?|pin(?: ?code| number)?|otp|2fa(?: code)?|totp|mfa code|seed(?: phrase)?|mnemonic|cvv|cvc|iban|card number|ssn|social security number|unlock code|door code|alarm code|combination|keyphrase|safe word";

/// `name = value`, `name: value`, `name is value`.
pub(super) static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?:^|[^a-z])(?P<name>(?:[a-z0-9]+[_-])*(?:{NAMES})(?:[_-][a-z0-9]+)*)["'`\])]*(?:\s+(?:for|of|to|on|in|at|from|behind)\s+(?:[\w.'’/-]+\s+){{0,4}}?(?:[\w.'’/-]+))?\s*(?P<sep>=>|:=|==?|:|\bis(?: now| still| currently)?\b|\bwas\b|\bwill be\b|\bare\b|\bequals\b|\bto be\b|->|→|[-–—]\s)\s*(?:now |still |set to |changed to |called |literally |just |the word |the string )?["'`“‘(\[]*(?P<value>[^\s"'`“”‘’<>,;)\]]{{3,}})"#
    ))
});
/// "use hunter2 as the password", "log in with x / y", "password hunter2".
pub(super) static USED_AS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?:["'`“]?(?P<value>[^\s"'`“”,;]{{4,}})["'`”]?\s+(?:as|is|for|was)\s+(?:the|my|our|your|its|an?)\s+(?:[\w-]+\s+){{0,2}}(?:{NAMES})\b|\b(?:{NAMES})\s+["'`“(]*(?P<bare>[^\s"'`“”,;)]*(?:\d|[!@#$%^&*+=])[^\s"'`“”,;)]*))"#
    ))
});
pub(super) static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:log ?in|sign ?in|login|credentials?|creds|authenticate|connect|account|user(?:name)?)\b[^.\n]{0,60}?\b[\w.@-]{2,40}\s*(?:/|:|\band\b|\bwith\b)\s*(?P<value>[^\s,;]{4,})",
    )
});
