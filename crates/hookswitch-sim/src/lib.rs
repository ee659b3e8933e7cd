//! The simulator: apps, a user and an audio server around the real core, in virtual time.
//!
//! It plays scenario files, checks the laws of the core after every step, explores worlds from
//! seeds and shrinks what fails to a file that can be kept.
//!
//! # Promises
//!
//! - **V1** nothing waits: a ring time of a minute costs microseconds.
//! - **V2** same story, same seed: same trace, byte for byte.
//! - **V3** a failure can be kept as a scenario file.
//!
//! # Not here
//!
//! Real buses, sounds, screens. Words for people: they come from `hookswitch-wire`.

pub mod cli;
pub mod coverage;
mod dates;
pub mod describe;
pub mod diagram;
pub mod explore;
mod groups;
pub mod guest;
pub mod home;
pub mod laws;
mod letters;
pub mod names;
pub mod outside;
pub mod packs;
pub mod picture;
pub mod player;
pub mod record;
pub mod reference;
pub mod rng;
pub mod scenario;
pub mod screen;
pub mod trace;
mod waiting;
pub mod world;
