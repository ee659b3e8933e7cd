//! The core from outside: events in, effects out, one sentence a test.

mod calls;
mod gestures;
mod groups;
mod refusals;
mod restart;
mod times;
mod world;
