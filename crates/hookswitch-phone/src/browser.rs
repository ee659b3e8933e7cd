//! A browser as the place where a call is heard: WebRTC with G.711 over str0m.
//!
//! Input: the browser's offer, and frames from and to the call. Output: our answer, and a
//! [`BrowserEnd`] that the media tasks use like any other audio end. G.711 is what the call
//! speaks anyway, so nothing is transcoded and no codec library is needed.
//!
//! # Promises
//!
//! - **B1** at most one browser is connected; a newer one takes over.
//! - **B2** both directions are bounded ([`FRAMES_MAX`]); what does not fit is dropped.
//! - **B3** a browser that leaves, or sends nonsense, ends its own session only.
//!
//! # Not here
//!
//! Opus: the phone's own calls are G.711, and a browser takes that too.

use std::net::{IpAddr, SocketAddr, UdpSocket as ProbeSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{Frequency, MediaKind, MediaTime, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};
use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::ends::{AudioEnd, FRAME};
use crate::g711;
use crate::rtp::PACKET_MAX;

/// Frames that may wait in one direction (160 ms).
pub const FRAMES_MAX: usize = 8;
/// The largest offer that is read.
pub const OFFER_MAX: usize = 64 * 1024;
/// Datagrams of a browser that may wait.
const DATAGRAMS_MAX: usize = 64;
/// How long a browser may take to connect before its session is dropped.
const CONNECT_MAX: Duration = Duration::from_secs(20);

/// Whether a browser is there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BrowserState {
    /// No browser offered audio.
    #[default]
    Absent,
    /// The browser has our answer and connects.
    Connecting,
    /// Audio flows.
    Connected,
}

impl BrowserState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            BrowserState::Absent => "absent",
            BrowserState::Connecting => "connecting",
            BrowserState::Connected => "connected",
        }
    }
}

/// Why a browser's offer was not taken.
#[derive(Debug, Error)]
pub enum BrowserError {
    /// It cannot be read.
    #[error("the browser's offer cannot be read: {0}")]
    Offer(String),
    /// No socket.
    #[error("no port for the browser's audio: {0}")]
    Socket(#[from] std::io::Error),
    /// The phone is stopping.
    #[error("the phone is stopping")]
    Stopping,
}

/// The way to the browser's audio.
#[derive(Clone, Debug)]
pub struct BrowserAudio {
    offers: mpsc::Sender<Offer>,
    to_browser: mpsc::Sender<Vec<u8>>,
    from_browser: broadcast::Sender<Arc<[u8]>>,
    state: watch::Receiver<BrowserState>,
}

#[derive(Debug)]
struct Offer {
    sdp: String,
    answer: oneshot::Sender<Result<String, BrowserError>>,
}

impl BrowserAudio {
    /// Starts the task; no socket is opened before a browser comes.
    pub fn start() -> Self {
        let (offers, inbox) = mpsc::channel(4);
        let (to_browser, frames) = mpsc::channel(FRAMES_MAX);
        let (from_browser, _) = broadcast::channel(FRAMES_MAX);
        let (state_outbox, state) = watch::channel(BrowserState::default());
        tokio::spawn(run(inbox, frames, from_browser.clone(), state_outbox));
        Self {
            offers,
            to_browser,
            from_browser,
            state,
        }
    }

    /// Takes a browser's offer and gives the answer for it.
    pub async fn connect(&self, sdp: String) -> Result<String, BrowserError> {
        if sdp.len() > OFFER_MAX {
            return Err(BrowserError::Offer("it is too large".to_owned()));
        }
        let (answer, answered) = oneshot::channel();
        let offer = Offer { sdp, answer };
        self.offers
            .send(offer)
            .await
            .map_err(|_| BrowserError::Stopping)?;
        answered.await.unwrap_or(Err(BrowserError::Stopping))
    }

    /// Whether a browser is there.
    pub fn state(&self) -> BrowserState {
        *self.state.borrow()
    }

    /// An end that is heard in the browser, present or future.
    pub fn end(&self) -> BrowserEnd {
        BrowserEnd {
            to_browser: self.to_browser.clone(),
            from_browser: self.from_browser.subscribe(),
            pending: Vec::with_capacity(2 * FRAME),
        }
    }
}

/// A call's audio in the browser.
pub struct BrowserEnd {
    to_browser: mpsc::Sender<Vec<u8>>,
    from_browser: broadcast::Receiver<Arc<[u8]>>,
    pending: Vec<i16>,
}

impl AudioEnd for BrowserEnd {
    fn play(&mut self, frame: &[i16]) {
        let codes = frame
            .iter()
            .map(|sample| g711::ulaw_encode(*sample))
            .collect();
        // Full or closed: no browser fetches frames at the moment (B2).
        self.to_browser.try_send(codes).ok();
    }

    fn capture(&mut self, frame: &mut [i16]) -> bool {
        while self.pending.len() < FRAME {
            match self.from_browser.try_recv() {
                Ok(codes) => self
                    .pending
                    .extend(codes.iter().map(|code| g711::ulaw_decode(*code))),
                Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(
                    broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed,
                ) => return false,
            }
        }
        frame.copy_from_slice(&self.pending[..FRAME]);
        self.pending.drain(..FRAME);
        true
    }

    fn describe(&self) -> String {
        "this browser".to_owned()
    }
}

async fn run(
    mut offers: mpsc::Receiver<Offer>,
    mut frames: mpsc::Receiver<Vec<u8>>,
    from_browser: broadcast::Sender<Arc<[u8]>>,
    state: watch::Sender<BrowserState>,
) {
    let mut session: Option<Session> = None;
    loop {
        let wake = session.as_ref().map(|session| session.wake);
        tokio::select! {
            offer = offers.recv() => match offer {
                Some(offer) => session = take_offer(offer).await,
                None => return,
            },
            Some(frame) = frames.recv() => {
                if let Some(session) = &mut session {
                    session.write(frame);
                }
            }
            Some((from, to, datagram)) = received(&mut session) => {
                if let Some(session) = &mut session {
                    session.read(from, to, &datagram);
                }
            }
            () = wait_until(wake) => {}
        }
        if let Some(open) = &mut session
            && !open.advance(&from_browser).await
        {
            session = None;
        }
        let now = session
            .as_ref()
            .map_or(BrowserState::Absent, |session| session.state);
        state.send_if_modified(|state| std::mem::replace(state, now) != now);
    }
}

async fn take_offer(offer: Offer) -> Option<Session> {
    let opened = Session::open(&offer.sdp).await;
    let (session, answer) = match opened {
        Ok((session, answer)) => (Some(session), Ok(answer)),
        Err(error) => (None, Err(error)),
    };
    // The page may have left while we were answering.
    offer.answer.send(answer).ok().and(session)
}

type Datagram = (SocketAddr, SocketAddr, Vec<u8>);

/// One browser's connection.
struct Session {
    rtc: Rtc,
    sockets: Vec<Arc<UdpSocket>>,
    datagrams: mpsc::Receiver<Datagram>,
    _readers: JoinSet<()>,
    audio: Option<(Mid, Pt)>,
    samples: u64,
    state: BrowserState,
    opened: Instant,
    wake: Instant,
}

impl Session {
    async fn open(sdp: &str) -> Result<(Self, String), BrowserError> {
        let wrong = |error: &dyn std::fmt::Display| BrowserError::Offer(error.to_string());
        let offer = SdpOffer::from_sdp_string(sdp).map_err(|error| wrong(&error))?;
        let now = Instant::now();
        let config = RtcConfig::new().clear_codecs().enable_pcmu(true, false);
        let mut rtc = config.build(now);
        let (outbox, datagrams) = mpsc::channel(DATAGRAMS_MAX);
        let (mut sockets, mut readers) = (Vec::new(), JoinSet::new());
        for ip in addresses() {
            let socket = Arc::new(UdpSocket::bind((ip, 0)).await?);
            let candidate = Candidate::host(socket.local_addr()?, "udp");
            rtc.add_local_candidate(candidate.map_err(|error| wrong(&error))?);
            readers.spawn(read(socket.clone(), outbox.clone()));
            sockets.push(socket);
        }
        let answer = rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(|error| wrong(&error))?;
        let session = Self {
            rtc,
            sockets,
            datagrams,
            _readers: readers,
            audio: None,
            samples: 0,
            state: BrowserState::Connecting,
            opened: now,
            wake: now,
        };
        Ok((session, answer.to_sdp_string()))
    }

    fn read(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        let Ok(contents) = datagram.try_into() else {
            return;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination: to,
            contents,
        };
        if let Err(error) = self
            .rtc
            .handle_input(Input::Receive(Instant::now(), receive))
        {
            tracing::debug!(%error, "a browser's datagram was not understood");
        }
    }

    fn write(&mut self, codes: Vec<u8>) {
        let Some((mid, pt)) = self.audio else { return };
        let time = MediaTime::new(self.samples, Frequency::EIGHT_KHZ);
        self.samples += codes.len() as u64;
        let Some(writer) = self.rtc.writer(mid) else {
            return;
        };
        if let Err(error) = writer.write(pt, Instant::now(), time, codes) {
            tracing::debug!(%error, "a frame did not reach the browser");
        }
    }

    /// Lets the library work until it waits; false when the session is over.
    async fn advance(&mut self, from_browser: &broadcast::Sender<Arc<[u8]>>) -> bool {
        let now = Instant::now();
        if self.state == BrowserState::Connecting && now > self.opened + CONNECT_MAX {
            return false;
        }
        if now >= self.wake && self.rtc.handle_input(Input::Timeout(now)).is_err() {
            return false;
        }
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(wake)) => {
                    self.wake = wake;
                    return self.rtc.is_alive();
                }
                Ok(Output::Transmit(packet)) => {
                    let from = |socket: &&Arc<UdpSocket>| {
                        socket
                            .local_addr()
                            .is_ok_and(|address| address == packet.source)
                    };
                    if let Some(socket) = self.sockets.iter().find(from) {
                        // Lost datagrams are repeated by the protocols above.
                        socket
                            .send_to(&packet.contents, packet.destination)
                            .await
                            .ok();
                    }
                }
                Ok(Output::Event(event)) => {
                    if !self.event(event, from_browser) {
                        return false;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a browser's session failed");
                    return false;
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a library's enum; few say audio"
    )]
    fn event(&mut self, event: Event, from_browser: &broadcast::Sender<Arc<[u8]>>) -> bool {
        match event {
            Event::Connected => self.state = BrowserState::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => return false,
            Event::MediaAdded(added) if added.kind == MediaKind::Audio => {
                let params = self.rtc.writer(added.mid);
                let pt = params.and_then(|writer| {
                    let mut all = writer.payload_params();
                    all.find(|params| params.spec().codec == Codec::PCMU)
                        .map(|params| params.pt())
                });
                self.audio = pt.map(|pt| (added.mid, pt));
            }
            Event::MediaData(data) if data.params.spec().codec == Codec::PCMU => {
                // Nobody listens while no call is heard in the browser.
                from_browser.send(data.data.to_vec().into()).ok();
            }
            _ => {}
        }
        true
    }
}

async fn read(socket: Arc<UdpSocket>, outbox: mpsc::Sender<Datagram>) {
    let Ok(own) = socket.local_addr() else { return };
    let mut buffer = [0; 2 * PACKET_MAX];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                if outbox
                    .send((from, own, buffer[..length].to_vec()))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            // An unreachable peer shows up here on loopback; the next datagram may be fine.
            Err(error) => tracing::debug!(%error, "a browser's socket"),
        }
    }
}

async fn received(session: &mut Option<Session>) -> Option<Datagram> {
    session.as_mut()?.datagrams.recv().await
}

async fn wait_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}

/// Loopback, and the address that faces outward: browsers do not offer loopback by themselves.
fn addresses() -> Vec<IpAddr> {
    let loopback = IpAddr::from([127, 0, 0, 1]);
    // Connecting a UDP socket sends nothing; it only asks the routing table (192.0.2.0/24 is
    // reserved for documentation).
    let outward = ProbeSocket::bind(("0.0.0.0", 0))
        .and_then(|probe| probe.connect(("192.0.2.1", 9)).map(|()| probe))
        .and_then(|probe| probe.local_addr())
        .map(|address| address.ip());
    let mut all = vec![loopback];
    all.extend(
        outward
            .ok()
            .filter(|ip| !ip.is_loopback() && !ip.is_unspecified()),
    );
    all
}
