//! A WebRTC peer as a browser would be: it offers, connects, speaks a tone and hears one.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hookswitch_phone::browser::{BrowserAudio, BrowserError, BrowserState};
use hookswitch_phone::ends::{AudioEnd as _, FRAME, RATE_HZ};
use hookswitch_phone::g711;
use hookswitch_phone::tone::{Tone, level_at};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

const PATIENCE: Duration = Duration::from_secs(20);
const PHONE_HZ: f64 = 700.0;
const BROWSER_HZ: f64 = 1200.0;
const DBFS: f64 = -10.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_hears_the_call_and_speaks_into_it() {
    let audio = BrowserAudio::start();
    let mut end = audio.end();
    let heard_by_phone = Arc::new(AtomicBool::new(false));
    let (offers, offered) = tokio::sync::oneshot::channel();
    let (answers, answered) = std::sync::mpsc::channel();
    let done = heard_by_phone.clone();
    let browser = tokio::task::spawn_blocking(move || {
        let (mut peer, offer, pending) = Peer::offer();
        offers.send(offer).expect("the test waits");
        let answer: String = answered.recv_timeout(PATIENCE).expect("the phone answers");
        let answer = SdpAnswer::from_sdp_string(&answer).expect("a description");
        peer.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("it fits the offer");
        peer.talk(&done)
    });
    let offer = offered.await.expect("the browser offers");
    answers
        .send(audio.connect(offer).await.expect("a good offer"))
        .expect("the browser waits");

    let (mut tone, mut frame) = (Tone::new(PHONE_HZ, DBFS, RATE_HZ), [0; FRAME]);
    let (mut clock, mut heard) = (tokio::time::interval(Duration::from_millis(20)), Vec::new());
    let deadline = Instant::now() + PATIENCE;
    while !browser.is_finished() {
        assert!(Instant::now() < deadline, "audio in time");
        clock.tick().await;
        tone.fill(&mut frame);
        end.play(&frame);
        if end.capture(&mut frame) {
            heard.extend_from_slice(&frame);
        }
        let recent = &heard[heard.len().saturating_sub(10 * FRAME)..];
        if heard.len() > 10 * FRAME && (level_at(recent, BROWSER_HZ, RATE_HZ) - DBFS).abs() < 1.0 {
            heard_by_phone.store(true, Ordering::Relaxed);
        }
    }
    assert!(
        browser.await.expect("no panic"),
        "the browser heard the phone's tone"
    );
    assert_eq!(audio.state(), BrowserState::Connected);
}

#[tokio::test]
async fn nonsense_is_refused_and_the_next_browser_is_served() {
    let audio = BrowserAudio::start();
    for nonsense in ["", "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"] {
        let refused = audio.connect(nonsense.to_owned()).await;
        assert!(
            matches!(refused, Err(BrowserError::Offer(_))),
            "{nonsense:?}"
        );
    }
    let (_peer, offer, _pending) = Peer::offer();
    assert!(audio.connect(offer).await.is_ok());
}

struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    connected: bool,
    heard: Vec<i16>,
    mid: str0m::media::Mid,
}

impl Peer {
    fn offer() -> (Self, String, str0m::change::SdpPendingOffer) {
        let config = RtcConfig::new().clear_codecs().enable_pcmu(true, false);
        let mut rtc = config.build(Instant::now());
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let own = socket.local_addr().expect("bound");
        rtc.add_local_candidate(Candidate::host(own, "udp").expect("a host candidate"));
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().expect("there is something to offer");
        let peer = Self {
            rtc,
            socket,
            connected: false,
            heard: Vec::new(),
            mid,
        };
        (peer, offer.to_sdp_string(), pending)
    }

    /// Speaks and listens until both sides heard each other; false if that takes too long.
    fn talk(&mut self, heard_by_phone: &AtomicBool) -> bool {
        let mut tone = Tone::new(BROWSER_HZ, DBFS, RATE_HZ);
        let (begin, mut frames) = (Instant::now(), 0_u32);
        while begin.elapsed() < PATIENCE {
            let next_frame = begin + frames * Duration::from_millis(20);
            if Instant::now() >= next_frame {
                self.speak(&mut tone, frames);
                frames += 1;
            }
            let wake = self.poll().min(next_frame);
            self.receive(wake);
            if self.hears() && heard_by_phone.load(Ordering::Relaxed) {
                return true;
            }
        }
        false
    }

    fn hears(&self) -> bool {
        let recent = &self.heard[self.heard.len().saturating_sub(10 * FRAME)..];
        recent.len() == 10 * FRAME && (level_at(recent, PHONE_HZ, RATE_HZ) - DBFS).abs() < 1.0
    }

    fn speak(&mut self, tone: &mut Tone, frames: u32) {
        let mut frame = [0; FRAME];
        tone.fill(&mut frame);
        let codes: Vec<u8> = frame
            .iter()
            .map(|sample| g711::ulaw_encode(*sample))
            .collect();
        let time = MediaTime::new(u64::from(frames) * FRAME as u64, Frequency::EIGHT_KHZ);
        if let (true, Some(writer)) = (self.connected, self.rtc.writer(self.mid)) {
            let pt = writer
                .payload_params()
                .next()
                .expect("PCMU was agreed")
                .pt();
            writer
                .write(pt, Instant::now(), time, codes)
                .expect("a connected peer writes");
        }
    }

    fn poll(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().expect("the session lives") {
                Output::Timeout(wake) => return wake,
                Output::Transmit(packet) => {
                    self.socket
                        .send_to(&packet.contents, packet.destination)
                        .ok();
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::MediaData(data)) => {
                    self.heard
                        .extend(data.data.iter().map(|code| g711::ulaw_decode(*code)));
                }
                Output::Event(_) => {}
            }
        }
    }

    fn receive(&mut self, wake: Instant) {
        let wait = wake
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(1));
        self.socket
            .set_read_timeout(Some(wait))
            .expect("a positive time");
        let mut buffer = [0; 2000];
        let input = match self.socket.recv_from(&mut buffer) {
            Ok((length, source)) => {
                let destination = self.socket.local_addr().expect("bound");
                let Ok(contents) = buffer[..length].try_into() else {
                    return;
                };
                Input::Receive(
                    Instant::now(),
                    Receive {
                        proto: Protocol::Udp,
                        source,
                        destination,
                        contents,
                    },
                )
            }
            Err(_timeout) => Input::Timeout(Instant::now()),
        };
        self.rtc.handle_input(input).expect("the session lives");
    }
}
