//! The core from outside: events in, effects out, one sentence a test.

mod calls;
mod restart;
mod times;
mod world;
