//! Malformed SIP: each datagram is dropped or refused, and a live call does not notice.

use std::net::SocketAddr;

use hookswitch_phone::media::Gate;
use hookswitch_phone::sip::Refusal;
use hookswitch_phone::system::SystemEvent;
use tokio::net::UdpSocket;

use super::phone::{PATIENCE, PEER_DBFS, PEER_HZ, PHONE_AT_PEER_DBFS, PHONE_HZ, TestPhone, bob};

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 0\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn malformed_datagrams_do_not_disturb_a_live_call() {
    let mut phone = TestPhone::start(vec![]).await;
    let peer = bob(true);
    let key = phone.call(&peer.address()).await;
    phone.hears(PEER_HZ, PEER_DBFS).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let good = invite(&socket, "damaged", "application/sdp", SDP);
    for datagram in broken(&good) {
        socket
            .send_to(&datagram, phone.address)
            .await
            .expect("loopback");
    }
    refuse_new_calls(&mut phone).await;
    assert!(
        answers_options(&socket, phone.address)
            .await
            .starts_with("SIP/2.0 200")
    );
    phone.say(SystemEvent::Audio(key.clone(), Gate::Open)).await;
    phone.hears(PEER_HZ, PEER_DBFS).await;
    peer.hears_at(PHONE_HZ, PHONE_AT_PEER_DBFS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invites_we_cannot_use_get_their_status() {
    let phone = TestPhone::start(vec![]).await;
    let no_codec = SDP.replace("RTP/AVP 0", "RTP/AVP 9");
    let secure = SDP.replace("RTP/AVP", "RTP/SAVP");
    for (name, kind, body, status) in [
        ("text", "text/plain", "hello", "415"),
        ("broken", "application/sdp", "v=0\r\nm=audio x\r\n", "400"),
        ("not-sdp", "application/sdp", "hello", "400"),
    ] {
        assert_eq!(
            final_status(&phone, name, kind, body).await,
            status,
            "{name}"
        );
    }
    let large = format!("{SDP}{}", "a=x\r\n".repeat(4000));
    assert!(large.len() > hookswitch_phone::sdp::BYTES_MAX);
    assert_eq!(
        final_status(&phone, "large", "application/sdp", &large).await,
        "413"
    );
    for (name, body) in [("codec", no_codec), ("secure", secure)] {
        assert_eq!(
            final_status(&phone, name, "application/sdp", &body).await,
            "488",
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_outside_a_call_get_their_status() {
    let phone = TestPhone::start(vec![]).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    for (method, to_tag, status) in [
        ("BYE", ";tag=unknown", "481"),
        ("INVITE", ";tag=unknown", "481"),
        ("REGISTER", "", "405"),
        ("OPTIONS", "", "200"),
    ] {
        let text = request(&socket, method, method, to_tag, "", "");
        socket
            .send_to(text.as_bytes(), phone.address)
            .await
            .expect("loopback");
        let reply = reply_to(&socket, method).await;
        assert_eq!(reply.split(' ').nth(1), Some(status), "{method}: {reply}");
    }
}

/// A good message, cut and damaged in many fixed ways, and some nonsense.
fn broken(good: &str) -> Vec<Vec<u8>> {
    let good = good.as_bytes();
    let mut all: Vec<Vec<u8>> = (0..good.len())
        .step_by(7)
        .map(|at| good[..at].to_vec())
        .collect();
    for (at, byte) in (0..good.len())
        .step_by(5)
        .zip([0, 10, 13, 0x20, 0x3a, 0xff].iter().cycle())
    {
        let mut damaged = good.to_vec();
        damaged[at] = *byte;
        all.push(damaged);
    }
    all.push(vec![0; 1500]);
    all.push(vec![0xff; 1500]);
    all.push(b"INVITE\r\n\r\n".to_vec());
    all.push(b"SIP/2.0 200 OK\r\n\r\n".to_vec());
    all.push(b"SIP/2.0 999999999999 x\r\n\r\n".to_vec());
    let huge = "Content-Length: 99999999999999999999";
    all.push(
        String::from_utf8_lossy(good)
            .replace("Content-Length: ", huge)
            .into_bytes(),
    );
    all
}

/// Damaged INVITEs may still be calls; a person's system would ring, this one refuses.
async fn refuse_new_calls(phone: &mut TestPhone) {
    let probe = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let last = invite(&probe, "the-last-one", "application/sdp", SDP);
    probe
        .send_to(last.as_bytes(), phone.address)
        .await
        .expect("loopback");
    loop {
        let (key, party) = phone.incoming().await;
        phone.say(SystemEvent::Refused(key, Refusal::Busy)).await;
        if party.address.contains("the-last-one") {
            return;
        }
    }
}

async fn answers_options(socket: &UdpSocket, phone: SocketAddr) -> String {
    let text = request(socket, "OPTIONS", "alive", "", "", "");
    socket
        .send_to(text.as_bytes(), phone)
        .await
        .expect("loopback");
    reply_to(socket, "alive").await
}

async fn final_status(phone: &TestPhone, name: &str, kind: &str, body: &str) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let text = invite(&socket, name, kind, body);
    socket
        .send_to(text.as_bytes(), phone.address)
        .await
        .expect("loopback");
    let reply = reply_to(&socket, name).await;
    reply.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// The first reply of this Call-ID that is final.
async fn reply_to(socket: &UdpSocket, call_id: &str) -> String {
    let mut buffer = [0; 4096];
    loop {
        let received = tokio::time::timeout(PATIENCE, socket.recv_from(&mut buffer)).await;
        let (length, _from) = received.expect("a reply in time").expect("loopback");
        let reply = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if reply.contains(&format!("{call_id}@test")) && !reply.starts_with("SIP/2.0 1") {
            return reply;
        }
    }
}

fn invite(socket: &UdpSocket, name: &str, kind: &str, body: &str) -> String {
    request(socket, "INVITE", name, "", kind, body)
}

fn request(
    socket: &UdpSocket,
    method: &str,
    name: &str,
    to_tag: &str,
    kind: &str,
    body: &str,
) -> String {
    let own = socket.local_addr().expect("bound");
    let content = if kind.is_empty() {
        String::new()
    } else {
        format!("Content-Type: {kind}\r\n")
    };
    format!(
        "{method} sip:phone@127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP {own};branch=z9hG4bK-{name};rport\r\n\
         From: \"Test\" <sip:{name}@{own}>;tag=t-{name}\r\n\
         To: <sip:phone@127.0.0.1>{to_tag}\r\nCall-ID: {name}@test\r\n\
         CSeq: 1 {method}\r\nContact: <sip:{name}@{own}>\r\nMax-Forwards: 70\r\n\
         {content}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
