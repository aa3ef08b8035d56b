//! Which version is to stand by for which. What an operator writes may change with the second number, never with the
//! third.

use k8s_openapi::api::coordination::v1::Lease;
use kube::ResourceExt;
use remanence_api::names::VERSION_ANNOTATION;

/// The version that has led, as the Lease is marked, where it is newer than `own`.
pub(super) fn newer<'a>(lease: &'a Lease, own: &str) -> Option<&'a str> {
    let led = lease.annotations().get(VERSION_ANNOTATION)?;
    // A mark that says nothing is that of a version that knows more.
    let precedes = series(led).is_some_and(|led| Some(led) <= series(own));
    (!precedes).then_some(led.as_str())
}

/// The first two numbers of a version.
fn series(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_numbers_decide() {
        for (led, own, stands_by) in [
            ("0.1.0", "0.1.0", false),
            ("0.1.9", "0.1.0", false),
            ("0.1.0-rc.1", "0.1.0", false),
            ("0.1.0", "0.2.0", false),
            ("0.2.0", "0.1.9", true),
            ("0.10.0", "0.9.0", true),
            ("1.0.0", "0.9.0", true),
            ("1.1", "1.0.3", true),
            ("another", "1.0.0", true),
            ("", "1.0.0", true),
        ] {
            let mut lease = Lease::default();
            lease
                .annotations_mut()
                .insert(VERSION_ANNOTATION.to_owned(), led.to_owned());
            let found = newer(&lease, own);
            assert_eq!(found, stands_by.then_some(led), "{led} has led, {own} comes");
        }
        assert_eq!(newer(&Lease::default(), "0.1.0"), None);
    }

    #[test]
    fn this_version_is_one() {
        assert!(series(env!("CARGO_PKG_VERSION")).is_some());
    }
}
