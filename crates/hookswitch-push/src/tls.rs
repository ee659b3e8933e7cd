//! TLS for both sides, and what a sender's certificate says.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use hookswitch_push_core::apns::reason::Reason;
use hookswitch_push_core::apns::sender::Environment;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::Listen;

/// Apple's arc for push certificates: 1.2.840.113635.100.6.3.
const ARC: &str = "1.2.840.113635.100.6.3";
/// The attribute UID (RFC 4519).
const UID: &str = "0.9.2342.19200300.100.1.1";

/// The certificates of a PEM file.
///
/// # Errors
///
/// When it cannot be read or has none.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = file.display();
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.with_context(|| format!("cannot read certificates in {name}"))?;
    anyhow::ensure!(!read.is_empty(), "there is no certificate in {name}");
    Ok(read)
}

/// TLS 1.2 and 1.3 for senders; with a certificate authority they may show a certificate.
///
/// # Errors
///
/// When a file cannot be used.
pub fn senders(listen: &Listen, ca: Option<&Path>) -> Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match ca {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(ca)? {
                roots.add(certificate)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
    };
    let mut config = builder.with_single_cert(certificates(&listen.certificate)?, key(listen)?)?;
    // A sender that offers no protocol at all is served HTTP/2, too: aioapns offers none.
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// TLS 1.3 for devices.
///
/// # Errors
///
/// When a file cannot be used.
pub fn devices(listen: &Listen) -> Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(certificates(&listen.certificate)?, key(listen)?)?;
    config.alpn_protocols = vec![hookswitch_push_link::ALPN.to_vec()];
    config.send_tls13_tickets = 1;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn key(listen: &Listen) -> Result<PrivateKeyDer<'static>> {
    let name = listen.key.display();
    PrivateKeyDer::from_pem_file(&listen.key).with_context(|| format!("cannot read key {name}"))
}

/// The topics of a sender's certificate.
///
/// # Errors
///
/// `BadCertificate`, `BadCertificateEnvironment`.
pub fn topics(certificate: &[u8], here: Environment) -> Result<Vec<String>, Reason> {
    let (_, certificate) =
        X509Certificate::from_der(certificate).map_err(|_| Reason::BadCertificate)?;
    let extension = |number: u8| {
        let name = format!("{ARC}.{number}");
        let mut all = certificate.extensions().iter();
        all.find(|found| found.oid.to_id_string() == name)
    };
    let (development, production) = (extension(1).is_some(), extension(2).is_some());
    let fits = match here {
        Environment::Development => development || !production,
        Environment::Production => production || !development,
    };
    if !fits {
        return Err(Reason::BadCertificateEnvironment);
    }
    if let Some(list) = extension(6) {
        let topics = listed(list.value);
        return if topics.is_empty() {
            Err(Reason::BadCertificate)
        } else {
            Ok(topics)
        };
    }
    let mut names = certificate.subject().iter_attributes();
    let uid = names.find(|name| name.attr_type().to_id_string() == UID);
    let uid = uid
        .and_then(|name| name.as_str().ok())
        .ok_or(Reason::BadCertificate)?;
    let mut topics = vec![uid.to_owned()];
    if extension(4).is_some() {
        topics.push(format!("{uid}.voip"));
    }
    Ok(topics)
}

/// The topics in Apple's list: a sequence of names, each followed by a sequence of its kinds.
fn listed(value: &[u8]) -> Vec<String> {
    let mut topics = Vec::new();
    let Ok((_, list)) = x509_parser::der_parser::parse_der(value) else {
        return topics;
    };
    for part in list.as_sequence().map(Vec::as_slice).unwrap_or_default() {
        if let Ok(topic) = part.as_str() {
            topics.push(topic.to_owned());
        }
    }
    topics
}
