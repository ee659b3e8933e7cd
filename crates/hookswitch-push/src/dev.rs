//! Development mode: everything that a gateway needs, made in one folder.
//!
//! A certificate authority of its own, a certificate for both sides that also carries the names
//! of Apple's hosts (so that a sender is redirected by name resolution alone), a sender's key and
//! a sender's certificate, and a configuration that names all of it. What is there already stays.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair,
};

/// The id of the key for provider tokens.
pub const KEY_ID: &str = "DEVELOPKEY";
/// Its team.
pub const TEAM: &str = "DEVELOPERS";
/// The app of the sender's certificate.
pub const APP: &str = "org.example.phone";

/// The names in the certificate of both sides.
const NAMES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "api.push.apple.com",
    "api.sandbox.push.apple.com",
    "api.development.push.apple.com",
];
/// 1.2.840.113635.100.6.3: extensions of push certificates.
const ARC: &[u64] = &[1, 2, 840, 113_635, 100, 6, 3];
/// The attribute UID: the bundle id of a sender's certificate.
const UID: &[u64] = &[0, 9, 2342, 19_200_300, 100, 1, 1];

/// Where the addresses of a development gateway are.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For senders.
    pub senders: SocketAddr,
    /// For devices.
    pub devices: SocketAddr,
    /// For metrics and the delivery log.
    pub metrics: SocketAddr,
}

/// Makes what is missing in a folder; gives the configuration file.
///
/// # Errors
///
/// When a file cannot be written.
pub fn prepare(folder: &Path, addresses: Addresses) -> Result<PathBuf> {
    let name = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot make {name}"))?;
    if !folder.join("ca.pem").exists() {
        certificates(folder)?;
    }
    let key = folder.join("sender.p8");
    if !key.exists() {
        fs::write(key, KeyPair::generate()?.serialize_pem())?;
    }
    let file = folder.join("hookswitch-push.toml");
    fs::write(&file, configuration(addresses))?;
    Ok(file)
}

fn certificates(folder: &Path) -> Result<()> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let name = "hookswitch-push development";
    authority.distinguished_name.push(DnType::CommonName, name);
    let authority_key = KeyPair::generate()?;
    let certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let names: Vec<_> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let server = CertificateParams::new(names)?;
    pair(folder, "server", server, &issuer)?;
    let mut sender = CertificateParams::default();
    sender
        .distinguished_name
        .push(DnType::CustomDnType(UID.to_vec()), APP);
    sender.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    for number in [1, 2, 4] {
        let oid = [ARC, &[number]].concat();
        let null = vec![5, 0];
        let mark = CustomExtension::from_oid_content(&oid, null);
        sender.custom_extensions.push(mark);
    }
    pair(folder, "sender", sender, &issuer)?;
    fs::write(folder.join("ca.pem"), certificate.pem())?;
    Ok(())
}

fn pair(
    folder: &Path,
    name: &str,
    params: CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<()> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    fs::write(folder.join(format!("{name}.pem")), certificate.pem())?;
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem())?;
    Ok(())
}

fn configuration(addresses: Addresses) -> String {
    let Addresses {
        senders,
        devices,
        metrics,
    } = addresses;
    format!(
        "# Written by `hookswitch-push dev`; the entries are explained in hookswitch-push.toml of \
         the package.\n\
         state = \"state\"\nenvironment = \"development\"\nsender_ca = \"ca.pem\"\n\
         metrics = \"{metrics}\"\n\n\
         [senders]\nlisten = \"{senders}\"\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\n\
         [devices]\nlisten = \"{devices}\"\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\n\
         [[key]]\nid = \"{KEY_ID}\"\nteam = \"{TEAM}\"\nfile = \"sender.p8\"\n"
    )
}
