//! What a peer hears, said back by it: sipp echoes our packets, by the A-law, over a hold.

use std::net::{TcpListener, UdpSocket};
use std::process::Command;

use hookswitch_phone::sip::HoldWish;
use hookswitch_phone::system::Action;
use hookswitch_testbed::{Process, wait_for};

use super::phone::{PATIENCE, PHONE_DBFS, PHONE_HZ, TestPhone};

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/echo.xml");

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_resumed_call_is_heard_by_the_peer_again() {
    let mut phone = TestPhone::start(vec![]).await;
    let (mut sipp, port) = echo();
    let key = phone.call(&format!("echo@127.0.0.1:{port}")).await;
    phone.hears(PHONE_HZ, PHONE_DBFS).await;
    assert_eq!(phone.ask(&key, Action::Hold(HoldWish::Hold)).await, Ok(()));
    let held = phone.until("held", |status| status.calls[0].held).await;
    assert_eq!(
        phone.ask(&key, Action::Hold(HoldWish::Resume)).await,
        Ok(())
    );
    phone.hears(PHONE_HZ, PHONE_DBFS).await;
    let resumed = phone.handle.status();
    assert!(resumed.calls[0].audio.received > held.calls[0].audio.received);
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    let status = sipp.wait(PATIENCE);
    assert!(status.success(), "sipp failed: {}", sipp.log());
}

/// An echoing sipp that takes one call, and its port.
fn echo() -> (Process, u16) {
    let free = || {
        let port = UdpSocket::bind(("127.0.0.1", 0))
            .ok()?
            .local_addr()
            .ok()?
            .port();
        TcpListener::bind(("127.0.0.1", port))
            .is_ok()
            .then_some(port)
    };
    let (port, media) = (
        wait_for("a port", PATIENCE, free),
        wait_for("a port", PATIENCE, free),
    );
    let mut command = Command::new("sipp");
    command
        .args([
            "-sf",
            SCENARIO,
            "-i",
            "127.0.0.1",
            "-mi",
            "127.0.0.1",
            "-rtp_echo",
            "-nostdin",
        ])
        .args([
            "-m",
            "1",
            "-p",
            &port.to_string(),
            "-mp",
            &media.to_string(),
        ])
        .env("TERM", "dumb")
        .current_dir(std::env::temp_dir());
    let process = Process::spawn("sipp", command);
    let taken = || UdpSocket::bind(("127.0.0.1", port)).is_err().then_some(());
    wait_for("sipp's port", PATIENCE, taken);
    (process, port)
}
