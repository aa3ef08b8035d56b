//! Looks texts up by the words they share with another one, so that not each is compared with each.

use std::collections::{BTreeMap, HashMap};

use crate::text::words::Features;

/// All forms of a word that count as one begin with so many of the same characters (`akin`).
pub(super) const ANY_FORM: usize = 3;

/// Texts by the beginnings of their words.
pub(super) struct Lookup {
    /// How many characters of a word count.
    beginning: usize,
    texts: HashMap<String, Vec<usize>>,
}

impl Lookup {
    /// An empty one, which goes by so many characters of a word.
    pub(super) fn by(beginning: usize) -> Self {
        let texts = HashMap::new();
        Self { beginning, texts }
    }

    /// Lets a text be found by the words of one of its wordings.
    pub(super) fn enter(&mut self, at: usize, wording: &Features) {
        for key in wording
            .stems
            .iter()
            .flat_map(|stem| self.keys(stem))
            .collect::<Vec<_>>()
        {
            self.texts.entry(key).or_default().push(at);
        }
    }

    /// How many words each of the texts shares with this one, by their numbers.
    pub(super) fn sharing(&self, with: &Features) -> BTreeMap<usize, usize> {
        let mut shared = BTreeMap::new();
        let keys = with.stems.iter().flat_map(|stem| self.keys(stem));
        for at in keys.filter_map(|key| self.texts.get(&key)).flatten() {
            *shared.entry(*at).or_default() += 1;
        }
        shared
    }

    /// An address is also found by where it leads: two of one host may answer one question.
    fn keys(&self, stem: &str) -> impl Iterator<Item = String> {
        let host = stem.split_once('@').map(|(_, host)| host);
        let beginning = |word: &str| word.chars().take(self.beginning).collect();
        std::iter::once(stem)
            .chain(host)
            .map(beginning)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::words::{akin, features, stem};

    #[test]
    fn what_may_say_the_same_is_found() {
        let of = |text: &str| features(text, &BTreeSet::new());
        let texts = [
            "Rolls are baked at four",
            "Logs are kept for a week",
            "Write to ida@mill.fi",
            "Barley is sown in May",
        ];
        let mut lookup = Lookup::by(ANY_FORM);
        for (at, text) in texts.iter().enumerate() {
            lookup.enter(at, &of(text));
        }
        for (text, found) in [
            ("They bake at night", 0),
            ("Logging is off", 1),
            ("max@mill.fi", 2),
            ("We sow late", 3),
        ] {
            let numbers: Vec<usize> = lookup.sharing(&of(text)).into_keys().collect();
            assert_eq!(numbers, [found], "{text}");
        }
        for (word, form) in [("bake", "baked"), ("log", "logged"), ("sow", "sown")] {
            assert!(akin(&stem(word), &stem(form)), "{word}");
        }
        assert!(lookup.sharing(&of("Tolls rise")).is_empty());
    }
}
