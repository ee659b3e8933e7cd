//! The audio edge: ring, play and capture through PipeWire, or through a measured null device.
//!
//! Input: samples to play, tones to ring, endpoints to choose.
//! Output: captured samples, levels, and what the audio server has ([`EndpointList`]).
//!
//! ```no_run
//! use hookswitch_audio::{Backend, DuplexSpec, RingTone, Ringer, Role, open_duplex};
//!
//! let mut ringer = Ringer::new(Backend::Auto);
//! ringer.start(RingTone::Ring)?;
//! ringer.stop();
//!
//! let mut call = open_duplex(&DuplexSpec {
//!     rate_hz: 8000,
//!     role: Role::Communication,
//!     name: "Hookswitch call".to_owned(),
//!     backend: Backend::Auto,
//! })?;
//! call.play(&[0; 160]);
//! let mut frame = [0; 160];
//! let captured = call.capture(&mut frame);
//! # let _ = captured;
//! # Ok::<(), hookswitch_audio::AudioError>(())
//! ```
//!
//! # Promises
//!
//! - **P1** no call here waits longer than [`REPLY_MAX`]; `play`, `capture` and levels never wait.
//! - **P2** a server that is missing, hangs or dies is a [`Device`] state and is tried again
//!   every [`RETRY`]; open streams move onto it by themselves when it is back.
//! - **P3** while no device takes part, a null clock consumes and measures at the real rate, so
//!   that a call or a ring goes on the same way on a machine without sound.
//! - **P4** one thread serves everything opened from one [`Audio`]; it ends with the last handle.
//!
//! # Not here
//!
//! When to ring and who may talk (the core decides), codecs, echo cancellation, routing of
//! streams that are not ours.

mod alarm;
mod clock;
mod duplex;
mod endpoint;
mod engine;
mod error;
mod meter;
mod playing;
mod port;
mod ring;
mod ringer;
mod server;
mod sound;
mod stream;
mod tones;
mod watched;
mod worker;

pub use duplex::{BACKLOG_MAX, Duplex, DuplexSpec, DuplexStats, Levels, open_duplex};
pub use endpoint::{Endpoint, EndpointList, Endpoints, Kind};
pub use engine::{Audio, COMMANDS_MAX, REPLY_MAX, ServerAddress};
pub use error::AudioError;
pub use meter::SILENCE_DBFS;
pub use playing::ToneTimes;
pub use port::{Backend, Device, Role};
pub use ringer::{RINGS_MAX, RingTone, Ringer, RingerState};
pub use sound::{FILE_BYTES_MAX, RATE_MAX_HZ, RATE_MIN_HZ, check_sound};
pub use tones::{CallTone, TonePlayer, TonePlayerState};
pub use worker::{CONNECT_MAX, LINK_GRACE, RETRY};
