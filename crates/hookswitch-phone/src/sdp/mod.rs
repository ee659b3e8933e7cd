//! Session descriptions (RFC 8866) and their offer/answer (RFC 3264) for one G.711 audio stream
//! with telephone events (RFC 4733).
//!
//! Input: the bytes of a peer's description, our own address and what we wish. Output: the text
//! to send and an [`Agreed`] stream, or a typed error.
//!
//! # Promises
//!
//! - **S1** any bytes are either a [`Session`] or an [`SdpError`]; sizes are bounded by
//!   [`BYTES_MAX`], [`LINES_MAX`] and [`MEDIA_MAX`]; nothing panics.
//! - **S2** an answer has as many media lines as the offer; what we do not take gets port 0.
//! - **S3** an answer never claims a direction that the offer forbids (RFC 3264 section 6.1).
//! - **S4** the hold of old peers, the address 0.0.0.0, reads as `inactive`.
//!
//! # Not here
//!
//! Opus, video, SRTP and ICE: SIP peers get plain G.711. The browser's audio has its own
//! description, made by the WebRTC library in [`crate::browser`].

mod negotiate;
mod parse;

use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

pub use negotiate::{Local, accept_answer, answer, check, offer};
pub use parse::parse;

/// The largest description that is read.
pub const BYTES_MAX: usize = 16 * 1024;
/// Lines read at most.
pub const LINES_MAX: usize = 400;
/// Media sections read at most.
pub const MEDIA_MAX: usize = 16;
/// Formats read of one media section at most.
pub const FORMATS_MAX: usize = 32;
/// The payload type we offer for telephone events.
pub const EVENT_TYPE: u8 = 101;

/// The codecs the phone speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Codec {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

impl Codec {
    /// The static payload type (RFC 3551 table 4).
    pub fn payload_type(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
        }
    }

    /// The encoding name.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
        }
    }
}

/// Which way audio flows, from the point of view of who says it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// The speaker sends only: it holds the other side.
    SendOnly,
    /// The speaker listens only: it is held.
    RecvOnly,
    /// No audio.
    Inactive,
}

impl Direction {
    /// The attribute as it stands in a description.
    pub fn attribute(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    /// True if who says this sends.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// True if who says this listens.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The direction with these two flows.
    pub fn from_flows(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }
}

/// A peer's description, as far as the phone needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Every media section in order; an answer needs them all.
    pub media: Vec<Media>,
}

/// One media section.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Media {
    /// `audio`, `video`, ...
    pub kind: String,
    /// The port; 0 means refused.
    pub port: u16,
    /// The transport, such as `RTP/AVP`.
    pub protocol: String,
    /// The formats as written.
    pub formats: Vec<String>,
    /// The address, from the section or the session.
    pub address: Option<IpAddr>,
    /// The direction, from the section or the session.
    pub direction: Direction,
    /// Payload types with their `rtpmap` encoding, such as `(101, "telephone-event/8000")`.
    pub maps: Vec<(u8, String)>,
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Agreed {
    /// Where our packets go.
    pub remote: SocketAddr,
    /// The codec.
    pub codec: Codec,
    /// The payload type of the codec.
    pub payload_type: u8,
    /// The payload type of telephone events, if the peer takes them.
    pub events: Option<u8>,
    /// Which way audio flows, seen from us.
    pub direction: Direction,
    /// True if the peer does not want our audio: it holds the call.
    pub remote_hold: bool,
}

/// Why a description cannot be used.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SdpError {
    /// Larger than a limit.
    #[error("the session description has too many {0}")]
    TooLarge(&'static str),
    /// Not text.
    #[error("the session description is not UTF-8 text")]
    NotText,
    /// A line that cannot be read.
    #[error("line {line} of the session description cannot be read: {what}")]
    BadLine {
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No audio section that could be used.
    #[error("the session description has no RTP/AVP audio with an address")]
    NoAudio,
    /// No codec in common.
    #[error("no codec in common: the phone speaks PCMU and PCMA")]
    NoCodec,
    /// The answer does not fit the offer.
    #[error("the answer does not fit the offer: {0}")]
    AnswerMismatch(&'static str),
}
