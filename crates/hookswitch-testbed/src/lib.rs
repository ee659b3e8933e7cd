//! Test beds: a private bus, a private audio server, a simulated modem, child processes and a
//! tone meter.
//!
//! Input: the programs that Debian ships (`dbus-daemon`, `pipewire`, `wireplumber`,
//! `pipewire-pulse`, `pactl`, `pw-record`). A missing program fails the test with its package's
//! name; a bed never skips.
//! Output: running servers in a private folder, and what they really played.
//!
//! ```no_run
//! use hookswitch_testbed::{AudioServer, Bed, PrivateBus, Process, tone};
//! use std::time::Duration;
//!
//! let bed = Bed::new();  // private XDG folders, removed at the end
//! let bus = PrivateBus::start(&bed);  // or PrivateBus::with_services(&bed, &dir)
//! let audio = AudioServer::start(&bed);  // pipewire + wireplumber + pipewire-pulse
//! audio.add_sink("speaker");  // null sink, waits until it is there
//! audio.add_microphone("mic");  // virtual source, fed with play_into_microphone
//!
//! let mut command = std::process::Command::new("/path/to/hookswitchd");
//! command.envs(bed.env()).envs(bus.env()).envs(audio.env());
//! let daemon = Process::spawn("hookswitchd", command);  // own process group, killed on drop
//! daemon.wait_for_line("ready", Duration::from_secs(10));  // fails with the log
//!
//! let recording = audio.record("speaker");  // monitor of the sink, 48 kHz mono
//! let heard = recording.until(Duration::from_secs(10), |samples| {
//!     let last = tone::last(samples, 48_000, 300)?;  // last 300 ms
//!     (last.level_dbfs > -40.0).then_some(last)
//! });
//! assert!((heard.frequency_hz - 440.0).abs() < 5.0);
//! ```
//!
//! # Promises
//!
//! - **B1** every wait has a deadline and fails with what was waited for and the log so far.
//! - **B2** everything is private: own folders, own sockets, no fixed ports, loopback only.
//! - **B3** dropping a bed kills its whole process groups and removes its folders.
//!
//! # Not here
//!
//! Fakes of our own types, and browsers: their tests start them with [`Process`].

mod audio;
mod baresip;
mod bed;
mod bus;
pub mod modem;
mod process;
mod program;
mod recording;
mod sipp;
pub mod tone;
mod wait;

pub use audio::{AudioServer, Frozen, RECORD_RATE_HZ};
pub use baresip::{Baresip, PEER_RATE_HZ, PEER_SILENCE_DBFS, PeerOptions, PeerTransport};
pub use bed::Bed;
pub use bus::PrivateBus;
pub use process::Process;
pub use program::{built, start_daemon};
pub use recording::Recording;
pub use sipp::EchoPeer;
pub use wait::{poll, wait_for};
