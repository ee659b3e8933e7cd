//! The WebSocket: views, slow clients, bounds, foreign origins.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_http::HttpLimits;
use hookswitch_wire::view::{Frame, Message, Tone, View};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message as Sent};

use client::{PATIENCE, TOKEN, World, world};

#[tokio::test]
async fn a_client_gets_the_view_at_once_and_after_every_change() {
    let world = world(HttpLimits::default(), 8).await;
    let mut socket = connect(&world, None).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap().revision, 1);
    for revision in 2..5 {
        world.views.send_replace(Arc::new(client::view(revision)));
        let view = next(&mut socket).await.unwrap();
        assert_eq!(view, client::view(revision));
    }
}

#[tokio::test]
async fn a_foreign_origin_gets_no_socket() {
    let world = world(HttpLimits::default(), 8).await;
    for (origin, status) in [
        ("https://evil.example".to_owned(), Some(403)),
        ("null".to_owned(), Some(403)),
        (format!("http://{}", world.host()), None),
    ] {
        assert_eq!(
            connect(&world, Some(&origin)).await.err(),
            status,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn a_slow_client_gets_the_latest_view_only() {
    let world = world(HttpLimits::default(), 8).await;
    let mut socket = connect(&world, None).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap().revision, 1);
    let last = 200;
    for revision in 2..=last {
        world.views.send_replace(Arc::new(large_view(revision)));
        tokio::task::yield_now().await;
    }
    let mut seen = Vec::new();
    while seen.last() != Some(&last) {
        seen.push(next(&mut socket).await.unwrap().revision);
    }
    assert!(seen.is_sorted(), "{seen:?}");
    assert!(seen.len() < 100, "{} views were queued", seen.len());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_dropped() {
    let limits = HttpLimits {
        send: Duration::from_millis(100),
        sockets: 1,
        ..HttpLimits::default()
    };
    let world = world(limits, 8).await;
    let stuck = connect(&world, None).await.unwrap();
    assert_eq!(
        connect(&world, None).await.err(),
        Some(503),
        "one place only"
    );
    let freed = async {
        // Views go out until the buffers of the connection are full and the deadline strikes.
        for revision in 2.. {
            world.views.send_replace(Arc::new(large_view(revision)));
            if connect(&world, None).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, freed).await.unwrap();
    drop(stuck);
}

#[tokio::test]
async fn a_client_that_leaves_makes_room() {
    let limits = HttpLimits {
        sockets: 1,
        ..HttpLimits::default()
    };
    let world = world(limits, 8).await;
    let mut socket = connect(&world, None).await.unwrap();
    socket.close(None).await.unwrap();
    drop(socket);
    let again = async { while connect(&world, None).await.is_err() {} };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn who_asks_for_changes_gets_the_view_once_and_changes_from_then_on() {
    let world = world(HttpLimits::default(), 8).await;
    let path = "/api/v1/ws?changes=1";
    let mut socket = connect_at(&world, path, None).await.unwrap();
    let mut known = next(&mut socket).await.unwrap();
    for revision in [8, 11] {
        let fresh = View {
            more_ringing: 3,
            ..client::view(revision)
        };
        world.views.send_replace(Arc::new(fresh.clone()));
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        let Some(Ok(Sent::Text(text))) = message else {
            panic!("{message:?}");
        };
        let Frame::Change { change } = serde_json::from_str(&text).unwrap() else {
            panic!("{text}");
        };
        known = change.apply(&known).unwrap();
        assert_eq!(known, fresh);
    }
}

#[tokio::test]
async fn an_oversized_message_ends_the_socket() {
    use futures_util::SinkExt;
    let world = world(HttpLimits::default(), 8).await;
    let mut socket = connect(&world, None).await.unwrap();
    assert!(next(&mut socket).await.is_some());
    socket.send(Sent::text("x".repeat(5000))).await.unwrap();
    assert!(next(&mut socket).await.is_none());
}

#[tokio::test]
async fn when_the_daemon_stops_sockets_end() {
    let world = world(HttpLimits::default(), 8).await;
    let mut socket = connect(&world, None).await.unwrap();
    assert!(next(&mut socket).await.is_some());
    world.served.abort();
    assert!(next(&mut socket).await.is_none());
}

/// Connects with the token, or says the status of the refusal.
async fn connect(world: &World, origin: Option<&str>) -> Result<WebSocketStream<TcpStream>, u16> {
    connect_at(world, "/api/v1/ws", origin).await
}

async fn connect_at(
    world: &World,
    path: &str,
    origin: Option<&str>,
) -> Result<WebSocketStream<TcpStream>, u16> {
    let url = format!("ws://{}{path}", world.host());
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    let stream = TcpStream::connect(world.address).await.unwrap();
    let shake = tokio_tungstenite::client_async(request, stream);
    match tokio::time::timeout(PATIENCE, shake).await.unwrap() {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// The next view; none when the socket ended.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<View> {
    let message = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
    let Some(Ok(Sent::Text(text))) = message else {
        return None;
    };
    match serde_json::from_str(&text).unwrap() {
        Frame::View { view } => Some(*view),
        Frame::Change { change } => panic!("nobody asked for changes: {change:?}"),
    }
}

/// A view of about a megabyte, so that a few of them fill the buffers of a connection.
fn large_view(revision: u64) -> View {
    let message = Message {
        id: "n1".to_owned(),
        text: "x".repeat(1 << 20),
        detail: None,
        tone: Tone::Info,
        alert: false,
        action: None,
        at_ms: 0,
    };
    View {
        messages: vec![message],
        ..client::view(revision)
    }
}
