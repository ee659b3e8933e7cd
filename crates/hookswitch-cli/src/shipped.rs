//! The scenario files that are part of this program.

use hookswitch_sim::packs::Shipped;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
