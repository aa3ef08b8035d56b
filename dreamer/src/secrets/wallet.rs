//! The words that open a wallet: a row of twelve to 24 as no sentence has it, where a wallet is spoken of.

use std::sync::LazyLock;

use regex::Regex;

use super::plain::is_small_word;
use crate::text::clean::pattern;

/// So many words there are, with those that check the others.
const COUNTS: [usize; 5] = [12, 15, 18, 21, 24];

/// Where such a row stands: "I fear to lose the words of the wallet: …".
pub(super) fn find(text: &str, found: &mut Vec<(usize, usize)>) {
    static OF_A_WALLET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:wallets?|bitcoins?|btc|ethereum|crypto(?:currency|currencies)?|mnemonics?|cold storage)\b")
    });
    static ROW: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:^|[:\n–—“\x22(]|\s-|\bwords?(?: are| were)?\s)\s*(?P<value>(?:(?:\d{1,2}[.)] ?)?[A-Za-z][a-z]{2,7}\s+){11,23}(?:\d{1,2}[.)] ?)?[a-z]{3,8})\s*(?:$|[\n.,;!?)”\x22])",
        )
    });
    // What is bought, or learned, may be a row of such words.
    static OF_A_LIST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:shopping|grocer(?:y|ies)|spelling|vocabulary|ingredients|menus?|colou?rs?|members|screens?|pages)\b",
        )
    });
    static OPENS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:seeds?|recover(?:y|s)?|restores?|phrase|mnemonics?|opens?|unlocks?|lose|lost|(?:wallet|bitcoin|btc) words|words (?:of|for|to) (?:\w+ ){0,2}wallet)\b",
        )
    });
    if !OF_A_WALLET.is_match(text) || OF_A_LIST.is_match(text) && !OPENS.is_match(text) {
        return;
    }
    for value in ROW.captures_iter(text).filter_map(|captures| captures.name("value")) {
        let words = value.as_str().split(|c: char| !c.is_ascii_alphabetic());
        let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let small = words.iter().filter(|word| is_small_word(word)).count();
        if small == 0 || COUNTS.contains(&words.len()) && small * 6 <= words.len() {
            found.push((value.start(), value.end()));
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_words_of_a_wallet() {
        let is_found = |text: &str| {
            let mut found = Vec::new();
            super::find(text, &mut found);
            !found.is_empty()
        };
        for text in [
            "The club has a wallet now. Keep them safe please: river pocket hammer oval sugar mimic tent borrow lake owner violin cup",
            "my bitcoin words are\nriver pocket hammer oval sugar mimic tent borrow lake owner violin cup\nthanks",
            "wallet, if I lose my phone: 1. river 2. pocket 3. hammer 4. oval 5. sugar 6. mimic 7. tent 8. borrow 9. lake 10. owner 11. violin 12. cup",
            "That is what opens the wallet: river about hammer oval sugar mimic tent borrow lake owner until cup.",
        ] {
            assert!(is_found(text), "{text}");
        }
        for text in [
            "Wallets: sort the table by name, then put the totals below and leave the rest alone.",
            "Tags of the shop: river pocket hammer oval sugar mimic tent borrow lake owner violin cup",
            "Take the wallet and the shopping list: apples butter carrots cheese onions honey pepper walnut celery yogurt salmon bread",
            "The wallet page shows: balance fees history peers",
            "We sell wallets in these colours: brown, black, tan, olive, navy, wine, sand, stone, mint, rust, plum, teal",
            "The wallet app: users see their coins after they sign into the page with their phone and mail",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}
