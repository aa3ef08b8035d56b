//! What tokens cost, read from `prices.json` beside this file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::budget::Tokens;

/// US dollars for a million tokens of each sort.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    input: f64,
    output: f64,
    cached: f64,
    cache_writes: f64,
    /// The model thinks before it answers, in tokens that count as the answer's.
    #[serde(default)]
    reasons: bool,
}

#[derive(Deserialize)]
struct List {
    prices: BTreeMap<String, Price>,
}

static LIST: LazyLock<BTreeMap<String, Price>> = LazyLock::new(|| {
    let list: List = serde_json::from_str(include_str!("prices.json"))
        .unwrap_or_else(|error| panic!("the dreamer's own prices.json does not parse: {error}"));
    list.prices
});

impl Price {
    /// The price of `provider:name`; a name may go on with a date, not with another version.
    pub fn of_model(name: &str) -> Option<Self> {
        let fits = |known: &str| {
            name.strip_prefix(known).is_some_and(|rest| {
                let dated = rest.trim_start_matches(['-', '@']);
                rest.is_empty()
                    || rest == "-latest"
                    || (dated.len() >= 8 && dated.chars().all(|c| c.is_ascii_digit() || c == '-'))
            })
        };
        LIST.iter()
            .filter(|(known, _)| fits(known))
            .max_by_key(|(known, _)| known.len())
            .map(|(_, price)| price.clone())
    }

    /// Whether the model thinks in tokens that count as the answer's.
    pub(super) fn reasons(&self) -> bool {
        self.reasons
    }

    /// What tokens cost, in US dollars.
    pub fn of(&self, tokens: &Tokens) -> f64 {
        let sorts = [
            (tokens.input, self.input),
            (tokens.output, self.output),
            (tokens.cached, self.cached),
            (tokens.cache_writes, self.cache_writes),
        ];
        sorts.iter().map(|(count, price)| *count as f64 * price / 1e6).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_of_token_has_its_price() {
        let price = Price {
            input: 1.0,
            output: 5.0,
            cached: 0.1,
            cache_writes: 1.25,
            reasons: false,
        };
        let tokens = Tokens {
            input: 500,
            output: 60,
            cached: 300,
            cache_writes: 100,
        };
        assert!((price.of(&tokens) * 1e6 - 955.0).abs() < 1e-6, "{}", price.of(&tokens));
    }

    #[test]
    fn a_name_finds_its_own_price_only() {
        let input = |name: &str| Price::of_model(name).map(|price| price.input);
        assert_eq!(input("openai:gpt-4o"), Some(2.5));
        assert_eq!(input("openai:gpt-4o-mini-2024-07-18"), Some(0.15));
        assert_eq!(input("anthropic:claude-opus-4-20250514"), Some(15.0));
        assert_eq!(input("anthropic:claude-opus-4-5-20251101"), Some(5.0));
        // A version that is not in the list has no price, not its older sister's.
        assert_eq!(input("anthropic:claude-haiku-4-9"), None);
        assert_eq!(input("openai:llama-3"), None);
    }

    #[test]
    fn which_models_think_is_known() {
        let reasons = |name: &str| Price::of_model(name).is_some_and(|price| price.reasons());
        assert!(reasons("openai:gpt-5-mini-2025-08-07"));
        for name in ["openai:gpt-4o-mini", "openai:llama-3", "anthropic:claude-haiku-4-5"] {
            assert!(!reasons(name), "{name}");
        }
    }
}
