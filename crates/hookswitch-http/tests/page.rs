//! The page and its files, as a browser asks for them; and clients that take their time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use std::time::Duration;

use hookswitch_http::HttpLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use client::{PATIENCE, world};

#[tokio::test]
async fn every_file_the_page_names_is_served() {
    let world = world(HttpLimits::default(), 8).await;
    let page = world.get("/").await;
    assert_eq!(page.status, 200);
    let named: Vec<&str> = page
        .body
        .split("\"./")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    // Built without the page, the program serves one that says how to build it.
    assert_eq!(named.is_empty(), page.body.contains("npm run build"));
    for name in named {
        let file = world.get(&format!("/{name}")).await;
        assert_eq!(file.status, 200, "{name}");
        let kind = file.header("content-type").unwrap();
        let want = match name.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            other => panic!("a new kind of file: {other:?}"),
        };
        assert!(kind.starts_with(want), "{name} is {kind}");
        let cache = file.header("cache-control").unwrap();
        assert_eq!(
            cache.contains("immutable"),
            name.starts_with("assets/"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_page_needs_nothing_that_the_policy_forbids() {
    let world = world(HttpLimits::default(), 8).await;
    let page = world.get("/").await;
    for forbidden in [
        "<style",
        " style=",
        "<script>",
        "onclick=",
        "javascript:",
        "https://",
    ] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_arrive_ends_at_the_deadline() {
    let limits = HttpLimits {
        head: Duration::from_millis(100),
        ..HttpLimits::default()
    };
    let world = world(limits, 8).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let mut rest = Vec::new();
    let closed = stream.read_to_end(&mut rest);
    tokio::time::timeout(PATIENCE, closed)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn idle_connections_make_room_in_the_end() {
    let limits = HttpLimits {
        connections: 2,
        head: Duration::from_millis(100),
        ..HttpLimits::default()
    };
    let world = world(limits, 8).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(TcpStream::connect(world.address).await.unwrap());
    }
    assert_eq!(world.get("/api/v1/view").await.status, 200);
}

#[tokio::test]
async fn noise_is_not_answered_with_a_panic() {
    let world = world(HttpLimits::default(), 8).await;
    let noises: [&[u8]; 5] = [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for noise in noises {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(noise).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.unwrap().unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{noise:?}");
    }
    assert_eq!(world.get("/api/v1/view").await.status, 200);
}
