//! What is issued, and when it is due again. Pure but for randomness: time is an argument.
//!
//! A pod that runs knows the authorities of the day it was made and no later ones. So a new authority is also signed by
//! the one before it, and served so: old pods find their way over that, new ones directly.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// An authority lives ten years and is followed at half of it: no pod is that old.
const AUTHORITY_YEARS: i16 = 10;
const AUTHORITY_FOLLOWED_YEARS: i16 = 5;
/// A certificate lives 90 days and is renewed 30 before its end.
const LEAF_DAYS: i32 = 90;
const LEAF_RENEWED_DAYS: i32 = 30;

const CA: &str = "ca.crt";
const CA_KEY: &str = "ca.key";
const CA_UNTIL: &str = "ca.until";
const OLD_CA: &str = "old-ca.crt";
const CROSS: &str = "cross.crt";
const CERT: &str = "tls.crt";
const KEY: &str = "tls.key";
const UNTIL: &str = "tls.until";
const NAMES: &str = "tls.names";

/// Why nothing can be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The library.
    #[error("a certificate can't be issued: {0}")]
    Rcgen(#[from] rcgen::Error),
    /// The calendar.
    #[error("a certificate's end can't be reckoned: {0}")]
    Time(#[from] jiff::Error),
}

/// What the Secret holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The authority.
    ca: String,
    ca_key: String,
    ca_until: Date,
    /// The authority before it; empty at first.
    old_ca: String,
    /// The authority, signed by the one before it; empty at first.
    cross: String,
    cert: String,
    key: String,
    until: Date,
    names: String,
}

impl Bundle {
    /// From the Secret's data; `None` when it is not whole.
    pub fn read(data: &BTreeMap<String, Vec<u8>>) -> Option<Self> {
        let text = |key: &str| data.get(key).and_then(|bytes| String::from_utf8(bytes.clone()).ok());
        Some(Self {
            ca: text(CA)?,
            ca_key: text(CA_KEY)?,
            ca_until: text(CA_UNTIL)?.parse().ok()?,
            old_ca: text(OLD_CA)?,
            cross: text(CROSS)?,
            cert: text(CERT)?,
            key: text(KEY)?,
            until: text(UNTIL)?.parse().ok()?,
            names: text(NAMES)?,
        })
    }

    /// As the Secret's data.
    pub fn write(&self) -> BTreeMap<String, Vec<u8>> {
        let (ca_until, until) = (self.ca_until.to_string(), self.until.to_string());
        let all = [
            (CA, &self.ca),
            (CA_KEY, &self.ca_key),
            (CA_UNTIL, &ca_until),
            (OLD_CA, &self.old_ca),
            (CROSS, &self.cross),
            (CERT, &self.cert),
            (KEY, &self.key),
            (UNTIL, &until),
            (NAMES, &self.names),
        ];
        all.into_iter()
            .map(|(key, text)| (key.to_owned(), text.clone().into_bytes()))
            .collect()
    }

    /// What clients are to trust: the authority and the one before it.
    pub fn trusted(&self) -> String {
        format!("{}{}", self.ca, self.old_ca)
    }

    /// What is served: the certificate and the way to an older authority.
    pub fn chain(&self) -> String {
        format!("{}{}", self.cert, self.cross)
    }

    /// The served certificate's key.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What is to follow `bundle`; `None` while nothing is due.
///
/// # Errors
/// When it can't be issued.
pub fn next(bundle: Option<&Bundle>, names: &[String], now: Timestamp) -> Result<Option<Bundle>, IssueError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let Some(bundle) = bundle.filter(|bundle| bundle.ca_until > today) else {
        return first(names, today).map(Some);
    };
    let followed = bundle.ca_until.checked_sub(AUTHORITY_FOLLOWED_YEARS.years())?;
    if today >= followed {
        return follow(bundle, names, today).map(Some);
    }
    let renewed = bundle.until.checked_sub(LEAF_RENEWED_DAYS.days())?;
    if today >= renewed || bundle.names != names.join(",") {
        let issuer = Issuer::from_ca_cert_pem(&bundle.ca, KeyPair::from_pem(&bundle.ca_key)?)?;
        return renew(bundle.clone(), &issuer, names, today).map(Some);
    }
    Ok(None)
}

fn first(names: &[String], today: Date) -> Result<Bundle, IssueError> {
    let (params, until) = authority(today)?;
    let key = KeyPair::generate()?;
    let ca = params.self_signed(&key)?.pem();
    let bundle = Bundle {
        ca,
        ca_key: key.serialize_pem(),
        ca_until: until,
        old_ca: String::new(),
        cross: String::new(),
        cert: String::new(),
        key: String::new(),
        until: today,
        names: String::new(),
    };
    renew(bundle, &Issuer::new(params, key), names, today)
}

fn follow(bundle: &Bundle, names: &[String], today: Date) -> Result<Bundle, IssueError> {
    let old = Issuer::from_ca_cert_pem(&bundle.ca, KeyPair::from_pem(&bundle.ca_key)?)?;
    let (params, until) = authority(today)?;
    let key = KeyPair::generate()?;
    let followed = Bundle {
        ca: params.self_signed(&key)?.pem(),
        ca_key: key.serialize_pem(),
        ca_until: until,
        old_ca: bundle.ca.clone(),
        cross: params.signed_by(&key, &old)?.pem(),
        ..bundle.clone()
    };
    renew(followed, &Issuer::new(params, key), names, today)
}

fn renew(bundle: Bundle, issuer: &Issuer<'_, KeyPair>, names: &[String], today: Date) -> Result<Bundle, IssueError> {
    let mut params = CertificateParams::new(names.to_vec())?;
    let until = span(&mut params, today, LEAF_DAYS.days())?;
    params.distinguished_name = called(names.first().map_or("remanence", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    Ok(Bundle {
        cert: params.signed_by(&key, issuer)?.pem(),
        key: key.serialize_pem(),
        until,
        names: names.join(","),
        ..bundle
    })
}

fn authority(today: Date) -> Result<(CertificateParams, Date), IssueError> {
    let mut params = CertificateParams::new(Vec::new())?;
    let until = span(&mut params, today, AUTHORITY_YEARS.years())?;
    params.distinguished_name = called(&format!("remanence {today}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok((params, until))
}

/// From the day before, so that clocks may differ.
fn span(params: &mut CertificateParams, today: Date, length: Span) -> Result<Date, IssueError> {
    let (from, until) = (today.yesterday()?, today.checked_add(length)?);
    let day = |date: Date| rcgen::date_time_ymd(i32::from(date.year()), date.month() as u8, date.day() as u8);
    params.not_before = day(from);
    params.not_after = day(until);
    Ok(until)
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{Error, RootCertStore};

    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn names() -> Vec<String> {
        vec!["remanence-broker.remanence-system.svc".to_owned()]
    }

    /// What a client that trusts `trusted` says of the chain at that time.
    fn verify(trusted: &str, chain: &str, now: Timestamp) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(trusted.as_bytes()) {
            roots.add(root.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes())
            .map(Result::unwrap)
            .collect();
        let name = ServerName::try_from(names()[0].clone()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second() as u64));
        verifier
            .verify_server_cert(&chain[0], &chain[1..], &name, &[], now)
            .map(drop)
    }

    #[test]
    fn what_is_issued_holds_and_is_renewed_in_time() {
        let first = next(None, &names(), at("2026-01-01")).unwrap().unwrap();
        verify(&first.trusted(), &first.chain(), at("2026-01-01")).unwrap();
        assert_eq!(next(Some(&first), &names(), at("2026-02-15")).unwrap(), None);
        let second = next(Some(&first), &names(), at("2026-03-10")).unwrap().unwrap();
        verify(&first.trusted(), &second.chain(), at("2026-05-01")).unwrap();
        assert!(verify(&first.trusted(), &first.chain(), at("2026-05-01")).is_err());
    }

    #[test]
    fn an_operator_that_was_away_for_long_starts_over() {
        let first = next(None, &names(), at("2026-01-01")).unwrap().unwrap();
        let expired = next(Some(&first), &names(), at("2027-01-01")).unwrap().unwrap();
        verify(&first.trusted(), &expired.chain(), at("2027-01-01")).unwrap();
        let dead = next(Some(&first), &names(), at("2037-01-01")).unwrap().unwrap();
        verify(&dead.trusted(), &dead.chain(), at("2037-01-01")).unwrap();
    }

    #[test]
    fn a_pod_from_before_the_new_authority_still_trusts_the_broker() {
        let first = next(None, &names(), at("2026-01-01")).unwrap().unwrap();
        let second = next(Some(&first), &names(), at("2031-02-01")).unwrap().unwrap();
        assert_ne!(first.ca, second.ca);
        verify(&first.trusted(), &second.chain(), at("2031-02-01")).unwrap();
        verify(&second.ca, &second.chain(), at("2031-02-01")).unwrap();
        // Replicas that still serve the old certificate are trusted by new pods.
        let late = next(Some(&first), &names(), at("2030-12-20")).unwrap().unwrap();
        verify(&second.trusted(), &late.chain(), at("2031-02-01")).unwrap();
    }

    #[test]
    fn other_names_need_another_certificate() {
        let first = next(None, &names(), at("2026-01-01")).unwrap().unwrap();
        let more = vec![names()[0].clone(), "remanence-webhook.remanence-system.svc".to_owned()];
        assert!(next(Some(&first), &more, at("2026-01-02")).unwrap().is_some());
    }

    #[test]
    fn the_secret_is_read_as_it_was_written() {
        let first = next(None, &names(), at("2026-01-01")).unwrap().unwrap();
        assert_eq!(Bundle::read(&first.write()), Some(first.clone()));
        let mut damaged = first.write();
        damaged.remove("tls.key");
        assert_eq!(Bundle::read(&damaged), None);
    }
}
