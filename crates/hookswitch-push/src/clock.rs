//! Both clocks of this machine.

use std::time::SystemTime;

use hookswitch_push_core::time::{Stamp, Utc};

/// The wall clock.
pub fn utc() -> Utc {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    Utc(u64::try_from(ms).unwrap_or(u64::MAX))
}

/// Both clocks, one after the other.
pub fn stamp() -> Stamp {
    Stamp {
        boot: hookswitch_push_link::boot(),
        utc: utc(),
    }
}

/// What tells this start of the machine from every other; empty where nothing tells it.
pub fn boot_id() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.unwrap_or_default().trim().to_owned()
}
