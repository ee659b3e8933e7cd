//! What can go wrong with audio, as one closed list of reasons.
//!
//! Input: the failures of the audio server, of sound files and of our own queue.
//! Output: [`AudioError`], each with a sentence that says what to do next.
//!
//! # Promises
//!
//! - **E1** a missing or dying audio server is one of these values, never a panic or a hang.
//! - **E2** no message carries a name or number of a person; only devices and file paths occur.

use std::path::PathBuf;
use std::time::Duration;

/// Why an audio request was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// There is no PipeWire server to talk to.
    #[error("no audio server: {reason}. Start PipeWire, or use the null device")]
    NoServer {
        /// What the connection attempt said.
        reason: String,
    },
    /// The server did not answer within the deadline.
    #[error("the audio server did not answer within {0:?}; it is asked again by itself")]
    ServerSilent(Duration),
    /// No endpoint has this id.
    #[error("no audio endpoint is called `{0}`; ask for the list again")]
    UnknownEndpoint(String),
    /// A newer order for another endpoint took its place.
    #[error("a newer choice of the audio endpoint took its place")]
    Superseded,
    /// The server offers no place to store the default endpoint.
    #[error("the session manager keeps no default endpoint; is WirePlumber running?")]
    NoSessionManager,
    /// A rate the crate does not offer.
    #[error("{rate_hz} Hz is outside {min} to {max} Hz")]
    RateOutOfRange {
        /// The rate that was asked for.
        rate_hz: u32,
        /// Smallest offered rate.
        min: u32,
        /// Largest offered rate.
        max: u32,
    },
    /// A sound file that cannot be played.
    #[error("cannot play {path}: {reason}. Use a 16-bit PCM WAV file")]
    BadSound {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The bounded command queue of the audio thread is full.
    #[error("the audio thread is busy: {max} commands are waiting; try again")]
    Busy {
        /// The bound of the queue.
        max: usize,
    },
    /// The audio thread has ended.
    #[error("the audio thread has ended; open the audio again")]
    Closed,
}
