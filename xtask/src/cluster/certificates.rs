//! The keys and certificates of a cluster.

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use crate::cluster::link;
use crate::cluster::place::Place;

/// The apiserver's own Service.
const SERVICE: &str = "198.18.1.1";

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Makes them, unless they are there.
pub(crate) fn make(place: &Place) -> Result<()> {
    if place.path("sa.key").exists() {
        return Ok(());
    }
    let authority = authority(place, "ca")?;
    let node = link::node(place)?.to_string();
    let names = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "localhost",
        SERVICE,
        "127.0.0.1",
    ];
    let mut server = CertificateParams::new(names.iter().map(ToString::to_string).chain([node]).collect::<Vec<_>>())?;
    server.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    sign(place, "apiserver", server, &authority)?;
    sign(
        place,
        "kubelet-client",
        client("apiserver", Some("system:masters"))?,
        &authority,
    )?;
    let front = self::authority(place, "front-proxy-ca")?;
    sign(place, "front-proxy-client", client("front-proxy-client", None)?, &front)?;
    let tokens = KeyPair::generate()?;
    place.write("sa.pub", &tokens.public_key_pem())?;
    place.write("sa.key", &tokens.serialize_pem())
}

fn authority(place: &Place, name: &str) -> Result<Authority> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::CommonName, name);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?).context("making an authority")?;
    place.write(&format!("{name}.crt"), &authority.pem())?;
    place.write(&format!("{name}.key"), &authority.key().serialize_pem())?;
    Ok(authority)
}

fn client(name: &str, group: Option<&str>) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(group) = group {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    Ok(params)
}

fn sign(place: &Place, name: &str, mut params: CertificateParams, authority: &Authority) -> Result<()> {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let certificate = params
        .signed_by(&key, authority)
        .with_context(|| format!("signing {name}"))?;
    place.write(&format!("{name}.crt"), &certificate.pem())?;
    place.write(&format!("{name}.key"), &key.serialize_pem())
}
