//! Two streams talk to each other over loopback; every wait has a deadline.

use std::time::Duration;

use super::*;
use crate::ends::{RATE_HZ, ToneEnd};
use crate::sdp::Direction;
use crate::tone::{Tone, level, level_at};

const PATIENCE: Duration = Duration::from_secs(10);
const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn tones_flow_both_ways_and_hold_and_the_gate_stop_them() {
    let (mut ana, mut ben) = (side(1, 440.0).await, side(2, 1000.0).await);
    ana.agree(ben.handle.address, Direction::SendRecv);
    ben.agree(ana.handle.address, Direction::SendRecv);
    ana.gate(Gate::Open);
    ben.gate(Gate::Open);
    assert!((ana.hear().await.at(1000.0) + 10.0).abs() < 1.0);
    assert!((ben.hear().await.at(440.0) + 10.0).abs() < 1.0);

    ana.agree(ben.handle.address, Direction::Inactive);
    ben.settle_silent().await;
    ana.agree(ben.handle.address, Direction::SendRecv);
    ben.settle_loud().await;
    ana.gate(Gate::Closed);
    ben.settle_silent().await;
}

#[tokio::test]
async fn nothing_is_sent_before_the_gate_opens_and_mute_sends_silence() {
    let (ana, mut ben) = (side(1, 440.0).await, side(2, 1000.0).await);
    ana.agree(ben.handle.address, Direction::SendRecv);
    ben.agree(ana.handle.address, Direction::SendRecv);
    ben.gate(Gate::Open);
    assert_eq!(ben.hear().await.level(), crate::tone::FLOOR_DBFS);
    assert_eq!(ana.handle.status().sent, 0);
    ana.handle.send(MediaCommand::Mute(Mute::On));
    ana.gate(Gate::Open);
    ben.settle_silent().await;
    ana.handle.send(MediaCommand::Mute(Mute::Off));
    ben.settle_loud().await;
}

#[tokio::test]
async fn digits_arrive_once_each_and_are_refused_without_audio() {
    let (ana, mut ben) = (side(1, 440.0).await, side(2, 1000.0).await);
    assert_eq!(ana.handle.digits("1").await, Err(DigitsError::NoAudio));
    ana.agree(ben.handle.address, Direction::SendRecv);
    ben.agree(ana.handle.address, Direction::SendRecv);
    ana.gate(Gate::Open);
    ben.gate(Gate::Open);
    assert_eq!(
        ana.handle.digits("5x").await,
        Err(DigitsError::NotADigit('x'))
    );
    assert_eq!(ana.handle.digits("5#5").await, Ok(()));
    for want in ['5', '#', '5'] {
        let event = tokio::time::timeout(PATIENCE, ben.events.recv())
            .await
            .expect("in time");
        assert_eq!(event, Some(MediaEvent::Digit(LegId(2), want)));
    }
}

#[tokio::test]
async fn garbage_and_strangers_do_no_harm() {
    let (ana, mut ben) = (side(1, 440.0).await, side(2, 1000.0).await);
    ana.agree(ben.handle.address, Direction::SendRecv);
    ben.agree(ana.handle.address, Direction::SendRecv);
    ana.gate(Gate::Open);
    ben.gate(Gate::Open);
    let stranger = UdpSocket::bind((LOOPBACK, 0)).await.expect("a port");
    for length in [0, 1, 11, 12, 13, 400, 1400] {
        for first in [0x00, 0x80, 0x9f, 0xbf] {
            let mut datagram = vec![0xff; length];
            datagram.iter_mut().take(1).for_each(|byte| *byte = first);
            stranger
                .send_to(&datagram, ben.handle.address)
                .await
                .expect("loopback");
        }
    }
    ben.settle_loud().await;
}

#[tokio::test]
async fn a_failing_device_is_told_and_the_call_goes_on() {
    let (outbox, mut events) = mpsc::channel(8);
    let open: OpenEnd = Arc::new(|_| Err("no such device".to_owned()));
    let handle = start(LegId(1), LOOPBACK, open, outbox)
        .await
        .expect("a port");
    let peer = UdpSocket::bind((LOOPBACK, 0)).await.expect("a port");
    handle.send(MediaCommand::Agreed(agreed(
        peer.local_addr().expect("bound"),
        Direction::SendRecv,
    )));
    handle.send(MediaCommand::Gate(Gate::Open));
    let event = tokio::time::timeout(PATIENCE, events.recv())
        .await
        .expect("in time");
    assert_eq!(
        event,
        Some(MediaEvent::DeviceFailed(
            LegId(1),
            "no such device".to_owned()
        ))
    );
    let mut datagram = [0; PACKET_MAX];
    tokio::time::timeout(PATIENCE, peer.recv_from(&mut datagram))
        .await
        .expect("in time")
        .expect("silence is still sent");
}

struct Side {
    handle: MediaHandle,
    events: mpsc::Receiver<MediaEvent>,
    ears: mpsc::Receiver<mpsc::Receiver<Vec<i16>>>,
    ear: Option<mpsc::Receiver<Vec<i16>>>,
}

struct Heard(Vec<i16>);

impl Heard {
    fn at(&self, hz: f64) -> f64 {
        level_at(&self.0, hz, RATE_HZ)
    }

    fn level(&self) -> f64 {
        level(&self.0)
    }
}

impl Side {
    fn agree(&self, remote: SocketAddr, direction: Direction) {
        self.handle
            .send(MediaCommand::Agreed(agreed(remote, direction)));
    }

    fn gate(&self, gate: Gate) {
        self.handle.send(MediaCommand::Gate(gate));
    }

    /// The next 200 ms of what is played, after skipping what was in the buffers.
    async fn hear(&mut self) -> Heard {
        let mut samples = Vec::new();
        while samples.len() < 20 * FRAME {
            samples.extend(self.frame().await);
        }
        Heard(samples.split_off(10 * FRAME))
    }

    async fn settle_silent(&mut self) {
        self.settle(|level| level < -60.0).await;
    }

    async fn settle_loud(&mut self) {
        self.settle(|level| level > -12.0).await;
    }

    async fn settle(&mut self, wanted: impl Fn(f64) -> bool) {
        let settled = async { while !wanted(self.hear().await.level()) {} };
        tokio::time::timeout(PATIENCE, settled)
            .await
            .expect("in time");
    }

    async fn frame(&mut self) -> Vec<i16> {
        if let Ok(ear) = self.ears.try_recv() {
            self.ear = Some(ear);
        }
        if self.ear.is_none() {
            self.ear = tokio::time::timeout(PATIENCE, self.ears.recv())
                .await
                .expect("in time");
        }
        let ear = self.ear.as_mut().expect("set above");
        let frame = tokio::time::timeout(PATIENCE, ear.recv())
            .await
            .expect("in time");
        frame.unwrap_or_default()
    }
}

async fn side(leg: u64, hz: f64) -> Side {
    let (outbox, events) = mpsc::channel(8);
    let (ear_outbox, ears) = mpsc::channel(8);
    let open: OpenEnd = Arc::new(move |_| {
        let (end, ear) = ToneEnd::new(Some(Tone::new(hz, -10.0, RATE_HZ)));
        ear_outbox.blocking_send(ear).ok();
        Ok(Box::new(end))
    });
    let handle = start(LegId(leg), LOOPBACK, open, outbox)
        .await
        .expect("a port");
    Side {
        handle,
        events,
        ears,
        ear: None,
    }
}

fn agreed(remote: SocketAddr, direction: Direction) -> Agreed {
    Agreed {
        remote,
        codec: Codec::Pcma,
        payload_type: 8,
        events: Some(101),
        direction,
        remote_hold: false,
    }
}
