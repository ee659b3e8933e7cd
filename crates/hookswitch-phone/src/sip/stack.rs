//! Opens the sockets and starts the signalling task.
//!
//! Input: a [`SipConfig`]. Output: a [`SipStack`]: the handle, the events and our address.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rsipstack::EndpointBuilder;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::transaction::Endpoint;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{TcpListenerConnection, TransportLayer};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config::Account;

use super::task::Signalling;
use super::{COMMANDS_MAX, EVENTS_MAX, SipEvent, SipHandle};

/// Ports tried after the wished one.
const PORTS_TRIED: u16 = 100;

/// What the signalling needs to begin.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// Where to listen; none finds the address that reaches the first account's server.
    pub listen: Option<IpAddr>,
    /// The first port to try; 0 takes any.
    pub port: u16,
    /// Accounts to register.
    pub accounts: Vec<Account>,
}

/// The running signalling.
#[derive(Debug)]
pub struct SipStack {
    /// The way to it.
    pub handle: SipHandle,
    /// What happens.
    pub events: mpsc::Receiver<SipEvent>,
    /// Where it listens, UDP and TCP.
    pub address: SocketAddr,
}

/// Why signalling cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No port could be had.
    #[error(
        "no SIP port from {first} on is free on {address}; close the other phone, or set 'port'"
    )]
    NoPort {
        /// The address.
        address: IpAddr,
        /// The first port tried.
        first: u16,
    },
    /// The SIP library refused.
    #[error("the SIP stack could not start: {0}")]
    Stack(String),
}

/// Opens the sockets and starts the task.
pub async fn start(config: SipConfig) -> Result<SipStack, StartError> {
    let ip = config.listen.unwrap_or_else(|| reaching(&config.accounts));
    let (socket, address) = bind(ip, config.port)?;
    let cancel = CancellationToken::new();
    let endpoint = endpoint(socket, address, &cancel).await?;
    let incoming = endpoint.incoming_transactions().map_err(stack_error)?;
    let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));

    let (commands, command_inbox) = mpsc::channel(COMMANDS_MAX);
    let (event_outbox, events) = mpsc::channel(EVENTS_MAX);
    let handle = SipHandle {
        commands,
        legs: Arc::new(AtomicU64::new(1)),
    };
    let legs = handle.legs.clone();
    let inner = endpoint.inner.clone();
    tokio::spawn(async move { endpoint.serve().await });
    let signalling = Signalling::new(
        inner,
        dialogs,
        address,
        config.accounts,
        event_outbox,
        legs,
        cancel,
    );
    tokio::spawn(signalling.run(command_inbox, incoming));
    Ok(SipStack {
        handle,
        events,
        address,
    })
}

async fn endpoint(
    socket: UdpSocket,
    address: SocketAddr,
    cancel: &CancellationToken,
) -> Result<Endpoint, StartError> {
    let transports = TransportLayer::new(cancel.child_token());
    let socket = tokio::net::UdpSocket::from_std(socket)
        .map_err(|error| StartError::Stack(error.to_string()))?;
    let udp = UdpConnection::from_socket(Arc::new(socket), None, Some(cancel.child_token()));
    transports.add_transport(udp.await.map_err(stack_error)?.into());
    let tcp = TcpListenerConnection::new(address, None)
        .await
        .map_err(stack_error)?;
    transports.add_transport(tcp.into());
    Ok(EndpointBuilder::new()
        .with_user_agent(concat!("Hookswitch-Phone/", env!("CARGO_PKG_VERSION")))
        .with_transport_layer(transports)
        .with_cancel_token(cancel.clone())
        .build())
}

fn stack_error(error: rsipstack::Error) -> StartError {
    StartError::Stack(error.to_string())
}

/// Takes the first port that is free for both UDP and TCP.
fn bind(ip: IpAddr, first: u16) -> Result<(UdpSocket, SocketAddr), StartError> {
    for offset in 0..PORTS_TRIED {
        let Some(port) = first.checked_add(if first == 0 { 0 } else { offset }) else {
            break;
        };
        let Ok(socket) = UdpSocket::bind((ip, port)) else {
            continue;
        };
        let Ok(address) = socket.local_addr() else {
            continue;
        };
        let tcp_free = std::net::TcpListener::bind(address).is_ok();
        if tcp_free && socket.set_nonblocking(true).is_ok() {
            return Ok((socket, address));
        }
    }
    Err(StartError::NoPort { address: ip, first })
}

/// Our address on the way to the first account's server; loopback without accounts.
fn reaching(accounts: &[Account]) -> IpAddr {
    let loopback = IpAddr::from([127, 0, 0, 1]);
    let Some(account) = accounts.first() else {
        return loopback;
    };
    let with_port = |server: &str| match server.contains(':') {
        true => server.to_owned(),
        false => format!("{server}:5060"),
    };
    // Connecting a UDP socket sends nothing; it only asks the routing table.
    UdpSocket::bind(("0.0.0.0", 0))
        .and_then(|probe| probe.connect(with_port(&account.server)).map(|()| probe))
        .and_then(|probe| probe.local_addr())
        .map_or(loopback, |address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_gives_the_next_free_one() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let (_kept, taken) = bind(loopback, 0).expect("some port is free");
        let (_socket, address) = bind(loopback, taken.port()).expect("one of the next is free");
        assert!(address.port() > taken.port());
    }

    #[test]
    fn without_accounts_the_phone_is_on_loopback() {
        assert!(reaching(&[]).is_loopback());
    }
}
