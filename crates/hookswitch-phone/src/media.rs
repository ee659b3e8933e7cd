//! The audio of one call: RTP on one side, an [`AudioEnd`] on the other, a frame every 20 ms.
//!
//! Input: [`MediaCommand`]s, RTP datagrams, captured frames. Output: RTP datagrams, played
//! frames, [`MediaEvent`]s and a [`MediaStatus`] to look at. One task per call.
//!
//! # Promises
//!
//! - **M1** the microphone is open, and packets leave, only while the gate is open (the system
//!   gave this call its audio) and the agreed direction lets us send.
//! - **M2** on hold nothing flows in either direction; resuming needs no new session.
//! - **M3** muted means silence is sent, so that the path stays open.
//! - **M4** datagrams from another address than agreed, and malformed ones, are dropped.
//! - **M5** a failing audio device is told once; the call goes on in silence.
//!
//! # Not here
//!
//! Signalling, and who may have the audio.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};

use crate::dtmf::{DigitReceiver, DigitSender, DigitsError, Tick};
use crate::ends::{AudioEnd, FRAME};
use crate::g711;
use crate::jitter::JitterBuffer;
use crate::rtp::{PACKET_MAX, Packet, Sender};
use crate::sdp::{Agreed, Codec};
use crate::sip::LegId;
use crate::tone;

/// Commands that may wait.
pub const COMMANDS_MAX: usize = 32;
/// Frames between two updates of the status (100 ms).
const STATUS_FRAMES: usize = 5;
const FRAME_TIME: Duration = Duration::from_millis(20);

/// Where a call's audio is heard and spoken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Endpoint {
    /// The computer the phone runs on.
    #[default]
    Computer,
    /// The browser that shows the phone's page.
    Browser,
}

/// Whether the system gave this call the audio.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gate {
    /// Audio flows as agreed.
    Open,
    /// No microphone, no loudspeaker, no packets.
    Closed,
}

/// Whether the microphone is replaced by silence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mute {
    /// Silence is sent.
    On,
    /// The microphone is sent.
    Off,
}

/// What the phone wants of a call's audio.
#[derive(Debug)]
pub enum MediaCommand {
    /// What signalling agreed on.
    Agreed(Agreed),
    /// The system gave or took the audio.
    Gate(Gate),
    /// The person muted or unmuted.
    Mute(Mute),
    /// Digits to send; the answer says whether they were taken.
    Digits(String, oneshot::Sender<Result<(), DigitsError>>),
    /// Another place to hear and speak.
    Use(Endpoint),
}

/// What happened in a call's audio.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaEvent {
    /// The peer pressed a digit.
    Digit(LegId, char),
    /// The audio device could not be opened; the call goes on in silence.
    DeviceFailed(LegId, String),
}

/// How a call's audio does at the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaStatus {
    /// True while the gate is open.
    pub active: bool,
    /// True while muted.
    pub muted: bool,
    /// Where it is heard.
    pub endpoint: Endpoint,
    /// What is open there; empty while nothing is.
    pub device: String,
    /// Level of what is sent, in dBFS.
    pub out_dbfs: f64,
    /// Level of what is heard, in dBFS.
    pub in_dbfs: f64,
    /// Packets sent so far.
    pub sent: u64,
    /// Packets taken so far.
    pub received: u64,
}

/// Opens an end; may wait, and is called off the async threads.
pub type OpenEnd = Arc<dyn Fn(Endpoint) -> Result<Box<dyn AudioEnd>, String> + Send + Sync>;

/// The way to a call's audio; dropping it ends the audio.
#[derive(Debug)]
pub struct MediaHandle {
    /// Where the peer's packets go.
    pub address: SocketAddr,
    commands: mpsc::Sender<MediaCommand>,
    status: watch::Receiver<MediaStatus>,
}

impl MediaHandle {
    /// Hands a command over; one that does not fit any more belongs to a call that is over.
    pub fn send(&self, command: MediaCommand) {
        if self.commands.try_send(command).is_err() {
            tracing::debug!("a call's audio no longer takes commands");
        }
    }

    /// How the audio does.
    pub fn status(&self) -> MediaStatus {
        self.status.borrow().clone()
    }

    /// Queues digits and says whether they will be sent.
    pub async fn digits(&self, digits: &str) -> Result<(), DigitsError> {
        let (answer, answered) = oneshot::channel();
        self.send(MediaCommand::Digits(digits.to_owned(), answer));
        answered.await.unwrap_or(Err(DigitsError::NoAudio))
    }
}

/// Opens a port for a call's audio and starts its task.
pub async fn start(
    leg: LegId,
    ip: IpAddr,
    open: OpenEnd,
    events: mpsc::Sender<MediaEvent>,
) -> std::io::Result<MediaHandle> {
    let socket = UdpSocket::bind((ip, 0)).await?;
    let address = socket.local_addr()?;
    let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
    let (status_outbox, status) = watch::channel(MediaStatus::default());
    let stream = Stream::new(leg, open, events, status_outbox);
    tokio::spawn(stream.run(socket, inbox));
    Ok(MediaHandle {
        address,
        commands,
        status,
    })
}

/// A freshly opened end, or why there is none; tagged with what it was opened for.
type Opened = (Endpoint, Result<Box<dyn AudioEnd>, String>);

struct Stream {
    leg: LegId,
    open: OpenEnd,
    events: mpsc::Sender<MediaEvent>,
    status_outbox: watch::Sender<MediaStatus>,
    agreed: Option<Agreed>,
    gate: Gate,
    mute: Mute,
    endpoint: Endpoint,
    end: Option<Box<dyn AudioEnd>>,
    opening: Option<oneshot::Receiver<Opened>>,
    sender: Sender,
    jitter: JitterBuffer,
    digits: DigitSender,
    heard_digits: DigitReceiver,
    digit_began: u32,
    packet: Vec<u8>,
    spoken: Vec<i16>,
    heard: Vec<i16>,
    status: MediaStatus,
}

impl Stream {
    fn new(
        leg: LegId,
        open: OpenEnd,
        events: mpsc::Sender<MediaEvent>,
        status_outbox: watch::Sender<MediaStatus>,
    ) -> Self {
        let seed = random();
        Self {
            leg,
            open,
            events,
            status_outbox,
            agreed: None,
            gate: Gate::Closed,
            mute: Mute::Off,
            endpoint: Endpoint::default(),
            end: None,
            opening: None,
            sender: Sender::new(seed[0], seed[1] as u16, seed[2]),
            jitter: JitterBuffer::new(),
            digits: DigitSender::default(),
            heard_digits: DigitReceiver::default(),
            digit_began: 0,
            packet: Vec::with_capacity(PACKET_MAX),
            spoken: Vec::new(),
            heard: Vec::new(),
            status: MediaStatus::default(),
        }
    }

    async fn run(mut self, socket: UdpSocket, mut inbox: mpsc::Receiver<MediaCommand>) {
        let mut clock = tokio::time::interval(FRAME_TIME);
        let mut datagram = [0; PACKET_MAX];
        loop {
            tokio::select! {
                biased;
                command = inbox.recv() => match command {
                    Some(command) => self.command(command),
                    None => return,
                },
                _ = clock.tick() => self.tick(&socket).await,
                received = socket.recv_from(&mut datagram) => {
                    if let Ok((length, from)) = received {
                        self.receive(&datagram[..length], from).await;
                    }
                }
                opened = opened(&mut self.opening) => self.opened(opened).await,
            }
        }
    }

    fn command(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::Agreed(agreed) => {
                self.agreed = Some(agreed);
                self.rest();
            }
            MediaCommand::Gate(gate) => {
                self.gate = gate;
                self.rest();
            }
            MediaCommand::Mute(mute) => self.mute = mute,
            MediaCommand::Digits(digits, answer) => {
                // Nobody waits for the answer of a call that is over.
                answer.send(self.queue(&digits)).ok();
            }
            MediaCommand::Use(endpoint) => {
                if self.endpoint != endpoint {
                    self.endpoint = endpoint;
                    self.end = None;
                    self.opening = None;
                }
            }
        }
    }

    fn queue(&mut self, digits: &str) -> Result<(), DigitsError> {
        match self.flowing() {
            Some(agreed) if agreed.direction.sends() => match agreed.events {
                Some(_) => self.digits.queue(digits),
                None => Err(DigitsError::NotTaken),
            },
            Some(_) | None => Err(DigitsError::NoAudio),
        }
    }

    /// After a change: what does not flow is closed and forgotten (M1, M2).
    fn rest(&mut self) {
        let Some(agreed) = self.flowing() else {
            self.end = None;
            self.opening = None;
            self.jitter.clear();
            self.digits.clear();
            return;
        };
        if !agreed.direction.receives() {
            self.jitter.clear();
        }
        if !agreed.direction.sends() {
            self.digits.clear();
        }
    }

    /// What is agreed, while the gate is open and audio flows at least one way.
    fn flowing(&self) -> Option<Agreed> {
        let agreed = self.agreed?;
        let flows = agreed.direction.sends() || agreed.direction.receives();
        match self.gate {
            Gate::Open if flows => Some(agreed),
            Gate::Open | Gate::Closed => None,
        }
    }

    async fn tick(&mut self, socket: &UdpSocket) {
        match self.flowing() {
            None => self.sender.skip(FRAME as u32),
            Some(agreed) => {
                self.open_end();
                self.play(agreed);
                self.speak(agreed, socket).await;
            }
        }
        self.publish();
    }

    fn open_end(&mut self) {
        if self.end.is_some() || self.opening.is_some() {
            return;
        }
        let (done, opening) = oneshot::channel();
        let (open, endpoint) = (self.open.clone(), self.endpoint);
        self.opening = Some(opening);
        // The stream may be gone when the device is open: then it closes again.
        tokio::task::spawn_blocking(move || done.send((endpoint, open(endpoint))).ok());
    }

    async fn opened(&mut self, opened: Option<Opened>) {
        self.opening = None;
        let (endpoint, result) = match opened {
            Some(opened) => opened,
            None => (
                self.endpoint,
                Err("the audio device could not be opened".to_owned()),
            ),
        };
        if endpoint != self.endpoint || self.flowing().is_none() {
            return;
        }
        self.end = Some(match result {
            Ok(end) => end,
            Err(why) => {
                let event = MediaEvent::DeviceFailed(self.leg, why);
                // The phone may be stopping: then nobody needs to know.
                self.events.send(event).await.ok();
                Box::new(Silence)
            }
        });
    }

    fn play(&mut self, agreed: Agreed) {
        if !agreed.direction.receives() {
            return;
        }
        let frame = self.jitter.pop().unwrap_or_else(|| vec![0; FRAME]);
        self.heard.extend_from_slice(&frame);
        if let Some(end) = &mut self.end {
            end.play(&frame);
        }
    }

    async fn speak(&mut self, agreed: Agreed, socket: &UdpSocket) {
        if !agreed.direction.sends() {
            return self.sender.skip(FRAME as u32);
        }
        let mut frame = [0; FRAME];
        let captured = self.end.as_mut().is_some_and(|end| end.capture(&mut frame));
        if !captured || self.mute == Mute::On {
            frame.fill(0);
        }
        match self.digits.tick(FRAME as u16) {
            Tick::Audio | Tick::Rest => {
                self.spoken.extend_from_slice(&frame);
                let payload: Vec<u8> = frame.iter().map(|s| encode(agreed.codec, *s)).collect();
                let packet = self
                    .sender
                    .frame(agreed.payload_type, &payload, FRAME as u32);
                packet.write(&mut self.packet);
                self.transmit(socket, agreed.remote).await;
            }
            Tick::Events(events) => {
                let Some(payload_type) = agreed.events else {
                    return;
                };
                for event in events {
                    if event.first {
                        self.digit_began = self.sender.timestamp();
                    }
                    let began = self.digit_began;
                    let packet =
                        self.sender
                            .packet(event.first, payload_type, began, &event.payload);
                    packet.write(&mut self.packet);
                    self.transmit(socket, agreed.remote).await;
                }
                self.sender.skip(FRAME as u32);
            }
        }
    }

    async fn transmit(&mut self, socket: &UdpSocket, remote: SocketAddr) {
        // A peer that is not there yet or any more is no error of ours.
        if socket.send_to(&self.packet, remote).await.is_ok() {
            self.status.sent += 1;
        }
    }

    async fn receive(&mut self, datagram: &[u8], from: SocketAddr) {
        let Some(agreed) = self.flowing() else { return };
        if from.ip() != agreed.remote.ip() || !agreed.direction.receives() {
            return; // M4
        }
        let Ok(packet) = Packet::parse(datagram) else {
            return;
        };
        if Some(packet.payload_type) == agreed.events {
            self.status.received += 1;
            let digit = self.heard_digits.receive(packet.timestamp, packet.payload);
            if let Some(digit) = digit {
                let event = MediaEvent::Digit(self.leg, digit.to_char());
                // The phone may be stopping: then nobody needs to know.
                self.events.send(event).await.ok();
            }
            return;
        }
        if packet.payload_type != agreed.payload_type || packet.payload.is_empty() {
            return;
        }
        self.status.received += 1;
        let frame = packet
            .payload
            .iter()
            .map(|code| decode(agreed.codec, *code))
            .collect();
        self.jitter.push(packet.sequence, frame);
    }

    fn publish(&mut self) {
        self.status.muted = self.mute == Mute::On;
        self.status.active = self.gate == Gate::Open;
        self.status.endpoint = self.endpoint;
        let full = FRAME * STATUS_FRAMES;
        let idle = self.flowing().is_none();
        if self.heard.len() < full && self.spoken.len() < full && !idle {
            return;
        }
        self.status.device = self
            .end
            .as_ref()
            .map_or(String::new(), |end| end.describe());
        self.status.in_dbfs = tone::level(&self.heard);
        self.status.out_dbfs = tone::level(&self.spoken);
        self.heard.clear();
        self.spoken.clear();
        if *self.status_outbox.borrow() != self.status {
            self.status_outbox.send_replace(self.status.clone());
        }
    }
}

/// Resolves when an end that is being opened is there; never if none is.
async fn opened(opening: &mut Option<oneshot::Receiver<Opened>>) -> Option<Opened> {
    match opening {
        Some(opening) => opening.await.ok(),
        None => std::future::pending().await,
    }
}

/// The end of a call whose device failed.
struct Silence;

impl AudioEnd for Silence {
    fn play(&mut self, _frame: &[i16]) {}

    fn capture(&mut self, _frame: &mut [i16]) -> bool {
        false
    }

    fn describe(&self) -> String {
        "no audio device".to_owned()
    }
}

fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcmu => g711::ulaw_encode(sample),
        Codec::Pcma => g711::alaw_encode(sample),
    }
}

fn decode(codec: Codec, code: u8) -> i16 {
    match codec {
        Codec::Pcmu => g711::ulaw_decode(code),
        Codec::Pcma => g711::alaw_decode(code),
    }
}

/// Random numbers for the start of a stream.
fn random() -> [u32; 3] {
    let mut bytes = [0; 12];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::debug!("no random source; the stream starts at fixed numbers");
    }
    let word =
        |at: usize| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    [word(0), word(4), word(8)]
}

#[cfg(test)]
mod tests;
