//! TLS for the service and its client.
//!
//! The service offers HTTP/2 and HTTP/1.1 (a relay's gateway must speak HTTP/2). The client trusts
//! the certificate authorities of the system, or those of a file.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// Where Debian and its relatives keep the certificates of authorities.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = file.display();
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.with_context(|| format!("cannot read certificates in {name}"))?;
    ensure!(!read.is_empty(), "there is no certificate in {name}");
    Ok(read)
}

/// TLS 1.2 and 1.3 with a certificate.
///
/// # Errors
///
/// When a file cannot be used.
pub fn server(certificate: &Path, key: &Path) -> Result<TlsAcceptor> {
    let name = key.display();
    let key = PrivateKeyDer::from_pem_file(key);
    let key = key.with_context(|| format!("cannot read the key {name}"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates(certificate)?, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A client that trusts the authorities of a file, or of the system.
///
/// # Errors
///
/// When the file cannot be used.
pub fn client(authorities: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(
        authorities.unwrap_or(Path::new(SYSTEM_ROOTS)),
    )?);
    ensure!(added > 0, "none of the certificates is one of an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
