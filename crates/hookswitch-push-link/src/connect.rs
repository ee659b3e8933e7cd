//! One connection to the gateway: TCP, TLS 1.3, and two tasks that carry frames.

use std::io;
use std::sync::Arc;

use hookswitch_push_core::frame::{Down, Up};
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::{ALPN, wire};

/// Frames that may wait in each direction.
const FRAMES: usize = 64;

/// A connection; both tasks end with it.
pub(crate) struct Connection {
    pub(crate) up: mpsc::Sender<Up>,
    /// Ends when the connection does.
    pub(crate) down: mpsc::Receiver<Down>,
    _tasks: JoinSet<()>,
}

/// What a client trusts and speaks.
pub(crate) fn client(trust: &[CertificateDer<'static>]) -> Result<TlsConnector, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for certificate in trust {
        roots.add(certificate.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Connects; the caller sets the deadline.
pub(crate) async fn connect(tls: &TlsConnector, to: &str, name: &str) -> io::Result<Connection> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let stream = tls.connect(name, stream).await?;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (up, mut to_write) = mpsc::channel::<Up>(FRAMES);
    let (read, down) = mpsc::channel(FRAMES);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut buffer = Vec::new();
        while let Ok(frame) = wire::read::<Down, _>(&mut reader, &mut buffer).await {
            if read.send(frame).await.is_err() {
                break;
            }
        }
    });
    tasks.spawn(async move {
        while let Some(frame) = to_write.recv().await {
            if wire::write(&mut writer, &frame).await.is_err() {
                break;
            }
        }
    });
    Ok(Connection {
        up,
        down,
        _tasks: tasks,
    })
}
