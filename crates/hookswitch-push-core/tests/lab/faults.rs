//! The schedule of one run: what goes wrong, when, for how long.

use crate::chance::Chance;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// A gateway stands still; it goes on where it was.
    FreezeGateway(usize),
    /// A gateway's process is killed and started again.
    KillGateway(usize),
    /// A gateway's wall clock is wrong by so many milliseconds, then right again.
    JumpGateway(usize, i64),
    /// The device's daemon stands still.
    FreezeDaemon,
    /// The device's daemon is killed and started again.
    KillDaemon,
    /// The app stands still.
    FreezeApp,
    /// The app's process is killed.
    KillApp,
    /// The device is suspended: daemon and app stand still.
    Suspend,
    /// Nothing gets through; all of it arrives afterwards.
    Stall,
    /// Nothing gets through; the connection dies afterwards.
    Cut,
    /// The engine does not answer.
    StallEngine,
    /// The engine loses its last moments: writes are gone, what was forgotten is back.
    FailOver,
}

/// A fault and its time.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub fault: Fault,
    pub from: u64,
    pub until: u64,
}

/// The faults of a run of `length` milliseconds.
pub fn plan(chance: &mut Chance, length: u64) -> Vec<Planned> {
    let mut planned = Vec::new();
    let mut from = chance.range(3_000, 12_000);
    while from < length {
        let lasts = match chance.range(0, 4) {
            0 => chance.range(50, 1_000),
            1 | 2 => chance.range(500, 8_000),
            _ => chance.range(4_000, 20_000),
        };
        let fault = pick(chance);
        let until = from + lasts;
        planned.push(Planned { fault, from, until });
        from += chance.range(500, 30_000);
    }
    planned
}

fn pick(chance: &mut Chance) -> Fault {
    let gateway = chance.range(0, 2) as usize;
    match chance.range(0, 13) {
        0 | 1 => Fault::FreezeGateway(gateway),
        2 => Fault::KillGateway(gateway),
        3 => Fault::JumpGateway(
            gateway,
            if chance.percent(50) {
                3_600_000
            } else {
                -3_600_000
            },
        ),
        4 => Fault::FreezeDaemon,
        5 => Fault::KillDaemon,
        6 => Fault::FreezeApp,
        7 => Fault::KillApp,
        8 => Fault::Suspend,
        9 => Fault::Stall,
        10 => Fault::Cut,
        11 => Fault::StallEngine,
        _ => Fault::FailOver,
    }
}
