//! A loopback port: the wanted one, else the next free one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

/// The port people know.
pub const DEFAULT_PORT: u16 = 8733;
/// How many ports are tried, from the wanted one upward.
pub const PORT_TRIES: u16 = 20;

/// No port could be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "none of the ports {first} to {last} on 127.0.0.1 is free ({source}); \
     choose another port in the configuration"
)]
pub struct BindError {
    first: u16,
    last: u16,
    source: io::Error,
}

/// Listens on the first free port from `first` on, on loopback. Port 0 lets the system choose.
///
/// # Errors
///
/// [`BindError`] if none of `tries` ports is free.
pub async fn bind(first: u16, tries: u16) -> Result<TcpListener, BindError> {
    let last = first.saturating_add(tries.saturating_sub(1));
    let mut source = io::Error::from(io::ErrorKind::AddrInUse);
    for port in first..=last {
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
            Ok(listener) => return Ok(listener),
            Err(error) => source = error,
        }
    }
    Err(BindError {
        first,
        last,
        source,
    })
}

/// The address to tell people, such as `http://127.0.0.1:8733`.
///
/// # Errors
///
/// The system's error if the socket has no address.
pub fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_leads_to_the_next_free_one() {
        let first = bind(0, 1).await.expect("the system has a port");
        let taken = first.local_addr().expect("bound").port();
        let second = bind(taken, PORT_TRIES)
            .await
            .expect("one of twenty is free");
        assert_ne!(second.local_addr().expect("bound").port(), taken);
        assert!(second.local_addr().expect("bound").ip().is_loopback());
    }

    #[tokio::test]
    async fn when_all_are_taken_the_error_says_which() {
        let first = bind(0, 1).await.expect("the system has a port");
        let taken = first.local_addr().expect("bound").port();
        let error = bind(taken, 1).await.expect_err("taken");
        assert!(error.to_string().contains(&taken.to_string()), "{error}");
    }
}
