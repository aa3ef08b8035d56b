//! What a single word looks like: a word or name that people say, or something nobody says in a sentence.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;
use crate::text::encoded::from_base64;

/// Signs that stand in passwords and not in words.
const SIGNS: &str = "!@#$%^&*+=?~|";

/// A path, placeholder or name of a variable points at a secret without being it.
pub(super) fn is_reference(value: &str) -> bool {
    let slug = |c: char| c.is_ascii_lowercase() || matches!(c, '/' | '.' | '-' | '_' | '~');
    value.starts_with(['<', '{', '%'])
        || (value.starts_with('$') && !value.starts_with("$2") && !value[1..].contains('$'))
        || value.starts_with("~/")
        || value.starts_with("process.env")
        || value.starts_with("os.environ")
        || value.contains("...")
        || value
            .chars()
            .all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_' | '•'))
        || (value.contains(['/', '.']) && value.chars().all(slug))
        || (value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        || (value.contains("://") && !value.contains('@'))
}

/// Letters with digits or signs, or letters of mixed case.
pub(super) fn looks_random(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', '(']);
    let count = |f: fn(char) -> bool| value.chars().filter(|c| f(*c)).count();
    let (lower, upper, digit) = (
        count(char::is_lowercase),
        count(char::is_uppercase),
        count(|c| c.is_ascii_digit()),
    );
    let sign = value.chars().filter(|c| SIGNS.contains(*c)).count();
    let inner_upper = value.chars().skip(1).any(char::is_uppercase);
    (digit > 0 && lower + upper > 0)
        || (sign > 0 && lower + upper + digit > 2)
        || (lower > 0 && inner_upper && value.len() >= 8)
        || (digit >= 4 && lower + upper == 0)
}

/// A number with a unit, a version, an ordinal, an address of a machine, a date: facts about a secret, not one.
pub(super) fn is_measure(value: &str) -> bool {
    static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^(?:
                \d+(?:[.,]\d+)?-?(?:st|nd|rd|th|x|%|k|m|kb|mb|gb|kib|mib|ki|mi|gi|ti|ms|s|sec|min|mins|h|hrs?|d|w|mo|y|am|pm|bits?|bytes?|days?|weeks?|months?|years?|hours?|minutes?|seconds?|g|digits?|char(?:acter)?s?|letters?|words?|steps?|factors?|times?|fold)\b(?:-\w+)*
              | v?\d+(?:\.\d+)+(?:[-+][\w.]+)?
              | v\d+
              | \d{1,3}(?:\.\d{1,3}){3}(?::\d+|/\d+)?
              | \d{4}-\d\d(?:-\d\d)?(?:t[\d:.z+-]+)?
              | \d[\d.]*:[\d:.]+z?
              | ed25519|x25519|secp\d+\w*|argon2\w*|sha-?\d+\w*|md5|[reph]s-?\d{3}|aes-?\d*[\w-]*|rsa-?\d*|x\.?509\w*|chacha20[\w-]*|base(?:16|32|58|64)\w*|utf-?8|tls-?v?[\d.]+|oauth-?[\d.]+|saml-?[\d.]*|pkcs-?\#?\d+|fido2?|u2f|pbkdf2\w*|k8s|ipv[46]|http/?[\d.]+|1password\w*|wpa\d\S*
            )$",
        )
    });
    MEASURE.is_match(value)
}

/// Names with a number behind (`web-01`, `oauth2`, `AES-256-GCM`), humped names (`GitHub`), paths, files, addresses: what
/// stands in sentences about secrets without being one.
pub(super) fn is_name(value: &str) -> bool {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:[A-Za-z]+|[A-Z]?[a-z]+\d{1,5}[a-z]?|[A-Z]{1,6}[a-z]?\d{1,5}[a-z]?|OAuth\d|IPv\d|(?:i|mac|tv)OS\d+|\d{1,5}|v?\d+(?:\.\d+)+)$",
        )
    });
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^(?:
                [\w.+-]+@[\w-]+(?:\.[\w-]+)+(?::\d+)?
              | [a-z][a-z0-9+.-]*://[^@/]*(?:/.*)?
              | (?:[\w-]+\.)+(?:com|org|net|io|dev|local|internal|example|test|invalid|de|fr|eu|uk|ch|at|nl|se|no|dk|fi|app|cloud|lan|home|corp)(?::\d+)?(?:/.*)?
              | [\w./@~-]+\.(?:rs|py|ts|tsx|js|jsx|go|rb|java|kt|c|h|cc|cpp|hpp|cs|php|swift|vue|md|txt|rst|json|ya?ml|toml|ini|cfg|conf|env|lock|log|csv|xml|html?|css|scss|sql|sh|ps1|bat|pem|key|crt|cer|p12|pfx|jks|kdbx|gpg|asc|pub|tar|gz|zip|docx?|xlsx?|pdf|png|jpe?g|svg|tf|tfvars|hcl|proto|service|d)
              | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.\w+)?
              | (?:\.{0,2}/|[A-Za-z]:\\).* | [\w.-]+/[\w.-]+\#\d+ | (?:ctrl|cmd|alt|shift|strg|meta|super|option|win)[+-].*
              | (?-i:[a-z][a-z0-9_.-]*@[a-z0-9][a-z0-9.-]*)
              | @[\w./-]+ | \#\w+ | --?[a-z][\w-]* | \w+(?:::\w+)+ | [\w.]+\(\)
            )$",
        )
    });
    let value = value.trim_matches(|c: char| "\"'`()[],;:!?.*".contains(c));
    is_measure(value)
        || PLACE.is_match(value)
        || value.split(['-', '_', '.', '/', ':']).all(|part| {
            part.is_empty() || (NUMBERED.is_match(part) || is_measure(part)) && !is_jumbled(part) && !is_babble(part)
        })
}

/// Capitals inside a word that are no humps of a name: `fuCeDq`, not `KeePassXC`.
fn is_jumbled(part: &str) -> bool {
    let letters = part.chars().filter(char::is_ascii_alphabetic).count();
    let bytes = part.as_bytes();
    let mut starts = vec![0];
    for at in 1..bytes.len() {
        let (before, this) = (bytes[at - 1], bytes[at]);
        let next_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        // "HTTPServer" is two humps, "OpenVPN" too.
        if this.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && next_lower) {
            starts.push(at);
        }
    }
    starts.push(bytes.len());
    let humps = starts.len() - 1;
    let unsaid = starts.windows(2).any(|w| is_unsaid(&bytes[w[0]..w[1]]));
    humps >= 3 && letters < 3 * humps
        || humps >= 4 && 2 * letters < 7 * humps
        || humps >= 3 && letters < 4 * humps && unsaid
}

/// A hump that nobody can say, and no usual abbreviation.
fn is_unsaid(hump: &[u8]) -> bool {
    const KNOWN: [&[u8]; 18] = [
        b"js", b"ts", b"db", b"md", b"px", b"kt", b"fs", b"mr", b"dr", b"tx", b"rx", b"vm", b"gb", b"mb", b"kb", b"sh",
        b"ms", b"ls",
    ];
    let lower = hump.to_ascii_lowercase();
    hump.iter().any(u8::is_ascii_lowercase)
        && hump.iter().all(u8::is_ascii_alphabetic)
        && !lower.iter().any(|b| b"aeiouy".contains(b))
        && !KNOWN.contains(&lower.as_slice())
}

/// How many capitals stand right behind small letters: `quXaTbe` has two, `GitHub` has one.
pub(crate) fn capitals_within(value: &str) -> usize {
    let pairs = value.as_bytes().windows(2);
    pairs
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        .count()
}

/// How many words are written together: `three-word-name`, `ThreeWordName`.
pub(super) fn words_together(value: &str) -> usize {
    let humps = capitals_within(value);
    let parts = value
        .split(['-', '_', '.', '+', '~'])
        .filter(|part| part.len() > 1)
        .count();
    (humps + 1).max(parts)
}

/// Letters that nobody can say, or a long row of capitals.
fn is_babble(part: &str) -> bool {
    let letters = part.chars().all(|c| c.is_ascii_alphabetic());
    let vowels = part.chars().filter(|c| "aeiouyAEIOUY".contains(*c)).count();
    letters
        && (part.len() >= 10 && vowels * 6 < part.len()
            || part.len() >= 14 && part.chars().all(|c| c.is_ascii_uppercase()))
}

/// A word that no sentence holds but as a credential: long enough, and neither a word nor a name of a thing.
pub(super) fn is_strange(value: &str) -> bool {
    static ENCODED: LazyLock<Regex> = LazyLock::new(|| pattern("%[0-9A-Fa-f]{2}"));
    let value = value.trim_matches(|c: char| "\"'`()[],;:.?*<>".contains(c));
    if let Some((_, after)) = value.split_once('=')
        && !after.is_empty()
    {
        return is_strange(after);
    }
    if value.contains(['+', '&']) && value.split(['+', '&']).all(|part| !part.is_empty() && is_name(part)) {
        return value.chars().any(|c| c.is_ascii_digit()) && value.len() >= 10;
    }
    if value.len() < 7 || !value.is_ascii() || is_reference(value) || is_name(value) {
        return false;
    }
    let decoded = ENCODED.replace_all(value, "-");
    if decoded != value && decoded.split('+').all(is_name) {
        return false;
    }
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let inner = &value[1..value.trim_end_matches('!').len().max(1)];
    let signs = inner.chars().filter(|c| "!@#$%^&*+=?~|".contains(*c)).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    // Two digit groups, or digits between letters of both cases: no name is spelled so.
    let groups = value
        .as_bytes()
        .windows(2)
        .filter(|w| !w[0].is_ascii_digit() && w[1].is_ascii_digit())
        .count()
        + usize::from(value.as_bytes()[0].is_ascii_digit());
    let mixed = value.chars().any(|c| c.is_ascii_uppercase()) && value.chars().any(|c| c.is_ascii_lowercase());
    let joined = inner.contains([',', ';', '/', '\\']) && (digits > 0 || mixed) && !value.contains("://");
    let call = value.contains(['(', '{', '<', '[']) || value.contains("::");
    let query = value.contains('=') && value.chars().all(|c| c.is_ascii_lowercase() || "=_-.&?".contains(c));
    !call
        && !query
        && letters > 1
        && (joined && inner.chars().skip(1).any(|c| c.is_ascii_uppercase()) && value.len() >= 10
            || (signs > 0 && letters + digits > 4)
            || value
                .split(['-', '_', '.', '/'])
                .any(|part| is_jumbled(part) || is_babble(part))
            || (digits > 0 && mixed && letters + digits >= 8)
            || groups >= 2
            || (digits > 0 && value.len() >= 10))
}

/// Tokens that look like nothing but chance, wherever they stand.
pub(super) fn chance_tokens(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_ascii_alphanumeric() || "+/=_-!@#$%^&*".contains(c);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let to = before_host(text, from, at);
                if is_chance(text, from, to) {
                    out.push((from, to));
                }
                if to < at && is_chance(text, to + 1, at) {
                    out.push((to + 1, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// Where a token ends that is the login of an address: `…@db7` of `postgres://ida:…@db7.example` goes on with the host,
/// which is no part of the secret.
fn before_host(text: &str, from: usize, to: usize) -> usize {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/@'"<>]*$"#));
    let host = text[from..to].rfind('@').map(|at| from + at);
    let goes_on = |at: &usize| {
        let word = text[..*at].rsplit(char::is_whitespace).next();
        text[to..].starts_with(['.', ':']) && word.is_some_and(|word| LOGIN.is_match(word))
    };
    host.filter(goes_on).unwrap_or(to)
}

/// Names joined by separators are judged part by part.
fn is_chance(text: &str, from: usize, to: usize) -> bool {
    let mut start = from;
    text[from..to].split(['/', '_', '-', '=', '#', '@', '%']).any(|part| {
        let at = start;
        start += part.len() + 1;
        let chance = is_chance_part(part) || is_marked(&text[from..at]) && is_short_chance(part);
        chance && !is_hash(text, at, at + part.len())
    })
}

/// A short mark with `_` behind it, as the tokens of most services begin.
fn is_marked(before: &str) -> bool {
    let mark = before.strip_suffix('_').unwrap_or_default();
    (2..=6).contains(&mark.len()) && mark.bytes().all(|b| b.is_ascii_lowercase())
}

/// What is too short to look like chance alone, and does behind a mark.
fn is_short_chance(part: &str) -> bool {
    let count = |f: fn(&u8) -> bool| part.bytes().filter(f).count();
    let (upper, lower, digits) = (
        count(u8::is_ascii_uppercase),
        count(u8::is_ascii_lowercase),
        count(u8::is_ascii_digit),
    );
    let random = upper >= 2 && lower >= 2 && digits >= 2 && switches(part) >= 4 && part.len() >= 10;
    let jumbled = upper + lower == part.len() && part.len() >= 12 && is_jumbled(part);
    (random || jumbled) && !is_humped_name(part)
}

fn is_chance_part(part: &str) -> bool {
    let letters = part.chars().filter(char::is_ascii_alphabetic).count();
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let upper = part.chars().filter(char::is_ascii_uppercase).count();
    let lower = letters - upper;
    if part.len() < 12 || part.chars().all(|c| c.is_ascii_digit()) || is_humped_name(part) {
        return false;
    }
    let hex = part.chars().all(|c| c.is_ascii_hexdigit());
    if hex {
        return part.len() >= 24 && digits > 2 && letters > 2;
    }
    let switches = switches(part);
    (digits >= 2 && upper >= 1 && lower >= 1 && switches >= 3)
        || (part.len() >= 16 && digits >= 3 && switches >= 4)
        || (part.len() >= 20 && switches >= 6)
        || (part.len() >= 14 && is_jumbled(part) && letters == part.len())
}

/// How often small letters, capitals, digits and signs take turns; a capital at the beginning of a word is none.
fn switches(part: &str) -> usize {
    part.as_bytes()
        .windows(2)
        .filter(|w| class(w[0]) != class(w[1]) && !(w[0].is_ascii_uppercase() && w[1].is_ascii_lowercase()))
        .count()
}

/// `X509CertificateParser`, `Xoshiro128PlusPlus`: long humps, and digits once.
fn is_humped_name(part: &str) -> bool {
    static HUMPS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[A-Za-z]{0,1}[A-Za-z]*?\d{0,4}(?:[A-Z]{1,5}?[a-z]{2,})+$|^(?:[A-Z]?[a-z]{2,})+\d{1,4}(?:[A-Z][a-z]{2,})*$",
        )
    });
    let letters = part.chars().filter(char::is_ascii_alphabetic).count();
    let humps = part
        .as_bytes()
        .windows(2)
        .filter(|w| !w[0].is_ascii_uppercase() && w[1].is_ascii_uppercase())
        .count()
        + 1;
    HUMPS.is_match(part) && letters >= 5 * humps && !is_babble(part)
}

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Hexadecimal digits that are told to be the hash of a commit, a file or an image.
fn is_hash(text: &str, from: usize, to: usize) -> bool {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:commit|sha-?\d*(?:sum)?|md5(?:sum)?|hash|digest|checksum|revision|rev|ref|head|blob|tree|tag|etag|fingerprint|thumbprint|image|layer|build|gist|merge|cherry-?pick|bisect|revert(?:ed|s)?|pinned|pin|version|uuid|guid|object|snapshot|trace|span|request)(?: ?id)?s?\b|github\.com/|gitlab\.com/)[^,;\n]{0,40}$",
        )
    });
    static KEYS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)key|token|secret|passw|credential"));
    let value = &text[from..to];
    let hex = value.chars().all(|c| c.is_ascii_hexdigit()) && matches!(value.len(), 32 | 40 | 64 | 128);
    let mut start = from.saturating_sub(48);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let before = &text[start..from];
    hex && TOLD.is_match(before) && !KEYS.is_match(before)
}

/// Card and account numbers, by their check digits: also with spaces or hyphens between the groups.
pub(super) fn numbers_of_accounts(text: &str) -> Vec<(usize, usize)> {
    static CARD: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(?:\d{4}([ -]?)\d{4}[ -]?\d{4}[ -]?\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{4,5})\b"));
    static IBAN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"));
    let cards = CARD.find_iter(text).filter(|m| {
        let digits: Vec<u32> = m.as_str().chars().filter_map(|c| c.to_digit(10)).collect();
        (14..=19).contains(&digits.len()) && matches!(digits[0], 2..=6) && passes_luhn(&digits)
    });
    let ibans = IBAN.find_iter(text).filter(|m| passes_mod_97(m.as_str()));
    cards.chain(ibans).map(|m| (m.start(), m.end())).collect()
}

fn passes_luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { *d })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|d| *d != 0)
}

fn passes_mod_97(iban: &str) -> bool {
    let plain: String = iban.chars().filter(|c| *c != ' ').collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let (head, tail) = plain.split_at(4);
    let rest = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36));
    rest.fold(0u64, |all, d| {
        (if d > 9 { all * 100 } else { all * 10 } + u64::from(d)) % 97
    }) == 1
}

/// Text that was written as base64, where it decodes to readable characters.
pub(super) fn readable_base64(text: &str) -> Option<String> {
    if text.trim_end_matches('=').len() < 12 {
        return None;
    }
    let text = String::from_utf8(from_base64(text)?).ok()?;
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ').then_some(text)
}
