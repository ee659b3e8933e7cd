//! Serves the real `org.hookswitch.Calls1` on a private bus over a simulated world, so that an
//! unmodified app can be run against scenario files.
//!
//! Layer 4. Input: what apps say on the bus. Output: events for the world; what it decides, for
//! them.
//!
//! # Promises
//!
//! - **H1** the bus is ours alone and lives as long as the run; the user's own bus and daemon are
//!   not touched.
//! - **H2** every wait for an app has a bound in real time.
//! - **H3** with [`Pace::Real`] a second of the story takes a second (D0). With [`Pace::Quiet`]
//!   time stands still until the apps have said nothing for [`QUIET`], and then jumps to what
//!   happens next (D1): repeatable for apps that react and have no clocks of their own, and no
//!   more than that, as a machine under load may be quiet for longer.
//!
//! # Not here
//!
//! Decisions, the bus edge itself (`hookswitch-bus`), stories (`hookswitch-sim`).

mod keeper;
mod program;
mod serve;
mod world;

use std::time::Duration;

use hookswitch_sim::outside::{Hosts, Outside, OutsideApp, Pace};

use crate::world::Host;

/// Apps that have said nothing for so long in real time are taken as idle.
pub const QUIET: Duration = Duration::from_millis(100);

/// Makes a private bus for each story.
#[derive(Clone, Copy, Debug)]
pub struct Dbus;

impl Hosts for Dbus {
    fn host(
        &self,
        apps: &[OutsideApp],
        pace: Pace,
        patience: Duration,
    ) -> Result<Box<dyn Outside>, String> {
        Ok(Box::new(Host::open(apps, pace, patience)?))
    }
}
