//! A client that reads nothing, and a bus that takes nothing: neither holds up anybody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Instant;

use futures_util::StreamExt;

use crate::app::App;
use crate::world::{HANG, Hand, World, find};

/// So many connections are told each change, so that what a bus buffers for us is soon full.
const WATCHERS: usize = 16;
const UPDATES: usize = 100;

#[tokio::test]
async fn a_watcher_that_reads_nothing_holds_up_no_other() {
    let world = World::start("").await;
    let address = world.bus.address().to_owned();
    let (watches, watching) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    let deaf = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let hand = runtime.block_on(async {
            let hand = Hand::on(&address).await;
            hand.controller.watch().await.expect("watched");
            hand
        });
        watches.send(()).expect("the test waits");
        // Nothing runs the connection from here on. An error means that the test is over.
        let _ = left.recv();
        drop(hand);
    });
    watching.recv_timeout(HANG).expect("it watches");
    let mut changes = world.hand.controller.receive_state_changed().await;
    let changes = changes.as_mut().expect("a stream");
    world.hand.controller.watch().await.expect("watched");
    let app = App::register(world.bus.address(), "org.example.A").await;
    let call = app.ring("k", "first").await;
    for update in 0..UPDATES {
        let name = format!("{update} {}", "x".repeat(100));
        let update = std::collections::HashMap::from([("name", zbus::Variant::from(name))]);
        let updated = app.provider.report_updated(&call, update).await;
        updated.expect("accepted");
    }
    let last = format!("\"{} x", UPDATES - 1);
    loop {
        let change = tokio::time::timeout(HANG, changes.next()).await;
        let change = change.expect("in time").expect("a signal");
        if change.args().expect("well-formed").state.contains(&last) {
            break;
        }
    }
    leave.send(()).expect("it waits");
    deaf.join().expect("it left");
}

#[tokio::test]
async fn a_bus_that_takes_nothing_is_given_up_and_the_calling_ui_goes_on() {
    let world = World::start("[limits]\nrequest-rate = 100000\n").await;
    let ui = world.hand.controller.ui_address().await.expect("served");
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS {
        let hand = Hand::on(world.bus.address()).await;
        hand.controller.watch().await.expect("watched");
        watchers.push(hand);
    }
    world.bus.freeze();
    let began = Instant::now();
    let switch = |on: bool| {
        let status = post(&ui, &format!(r#"{{"request":"do-not-disturb","on":{on}}}"#));
        assert_eq!(status, "HTTP/1.1 202 Accepted");
    };
    let mut on = false;
    let given_up = || world.daemon.log().contains("the bus took no signal for 5s");
    while !given_up() {
        on = !on;
        switch(on);
        assert!(began.elapsed() < 3 * HANG, "{}", world.daemon.log());
    }
    switch(false);
    drop(watchers);
    world.bus.thaw();
    world
        .daemon
        .wait_for_line("connected to the bus again", 3 * HANG);
    let app = App::register(world.bus.address(), "org.example.A").await;
    let call = app.ring("k", "Ana").await;
    let hand = Hand::on(world.bus.address()).await;
    let state = hand.state().await;
    assert!(find(&state, &call).is_some(), "{state}");
}

/// Posts a wish as the calling UI does; gives the first line of the answer.
fn post(ui: &str, body: &str) -> String {
    let (url, token) = ui.split_once("/?token=").expect("a token");
    let host = url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(host).expect("served");
    stream.set_read_timeout(Some(HANG)).expect("a deadline");
    let length = body.len();
    write!(
        stream,
        "POST /api/v1/requests HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer.lines().next().unwrap_or_default().to_owned()
}
