//! A search for worlds that meet something new: inputs that do are kept and varied.
//!
//! Without a corpus every world is that of the next seed. With one, every second world is a
//! variation of an input that was kept.

use std::collections::BTreeSet;

use super::story::{ACT, HEAD};
use super::{Found, Mode, bytes_of, explore_bytes, title, try_bytes};
use crate::coverage::{Cell, Coverage};
use crate::player::Run;
use crate::rng::Rng;

/// Most inputs that are kept.
pub const CORPUS_MAX: usize = 2_000;

/// Most acts of an input.
const ACTS_MAX: usize = 100;

/// What a search is told.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The first seed.
    pub seed: u64,
    /// About how many acts a world has.
    pub acts: usize,
    /// When faults happen.
    pub mode: Mode,
    /// Whether inputs are kept and varied.
    pub guided: bool,
}

/// What makes an input worth keeping: a cell, what came of it, and how many calls were there.
type Signal = (Cell, u8);

/// The state of a search.
#[derive(Debug)]
pub struct Search {
    plan: Plan,
    rng: Rng,
    played: u64,
    entries: u64,
    seen: BTreeSet<Signal>,
    corpus: Vec<Vec<u8>>,
    coverage: Coverage,
    /// Inputs that were kept since the start.
    fresh: Vec<Vec<u8>>,
}

impl Search {
    /// Starts a search.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            rng: Rng::new(plan.seed ^ 0x5eed),
            played: 0,
            entries: 0,
            seen: BTreeSet::new(),
            corpus: Vec::new(),
            coverage: Coverage::default(),
            fresh: Vec::new(),
        }
    }

    /// Plays an input that was kept before.
    ///
    /// # Errors
    ///
    /// The shortest story that breaks a law.
    pub fn replay(&mut self, bytes: &[u8]) -> Result<(), Box<Found>> {
        let run = explore_bytes(bytes, self.plan.mode)?;
        self.take_over(&run);
        if self.corpus.len() < CORPUS_MAX {
            self.corpus.push(bytes.to_vec());
        }
        Ok(())
    }

    /// Plays the next world.
    ///
    /// # Errors
    ///
    /// The shortest story that breaks a law.
    pub fn next_world(&mut self) -> Result<(), Box<Found>> {
        let seed = self.plan.seed.wrapping_add(self.played);
        let varied = self.plan.guided && !self.corpus.is_empty() && self.played % 2 == 1;
        self.played += 1;
        let (name, bytes) = if varied {
            let name = format!("found by exploring, a variation at seed {seed}");
            (name, self.vary())
        } else {
            (title(seed), bytes_of(seed, self.plan.acts))
        };
        let run = try_bytes(&name, &bytes, self.plan.mode)?;
        if self.take_over(&run) && self.plan.guided && self.corpus.len() < CORPUS_MAX {
            let bytes = self.shortest(bytes, &run);
            self.corpus.push(bytes.clone());
            self.fresh.push(bytes);
        }
        Ok(())
    }

    /// Worlds played, without replays.
    #[must_use]
    pub fn played(&self) -> u64 {
        self.played
    }

    /// Lines of trace so far.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// What was met so far.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Inputs that met something new since the start, without those that others make needless.
    #[must_use]
    pub fn fresh(&self) -> Vec<&[u8]> {
        let met = |bytes: &[u8]| {
            let run = explore_bytes(bytes, self.plan.mode);
            run.map(|run| signals(&run.coverage).collect::<BTreeSet<_>>())
        };
        let mut covered = BTreeSet::new();
        let known = self.corpus.iter().filter(|old| !self.fresh.contains(old));
        for old in known {
            covered.extend(met(old).unwrap_or_default());
        }
        // The late ones met what is rare, and much of what is common beside it.
        let mut kept: Vec<&[u8]> = Vec::new();
        for bytes in self.fresh.iter().rev() {
            let met = met(bytes).unwrap_or_default();
            if !met.is_subset(&covered) {
                covered.extend(met);
                kept.push(bytes);
            }
        }
        kept
    }

    /// The kept inputs that are enough to meet all that the kept inputs meet: each time the one
    /// that meets most of what is left.
    #[must_use]
    pub fn needed(&self) -> Vec<&[u8]> {
        let met = |bytes: &Vec<u8>| {
            let run = explore_bytes(bytes, self.plan.mode);
            run.map(|run| signals(&run.coverage).collect::<BTreeSet<_>>())
                .unwrap_or_default()
        };
        let mut left: Vec<(&[u8], BTreeSet<Signal>)> = self
            .corpus
            .iter()
            .map(|bytes| (bytes.as_slice(), met(bytes)))
            .collect();
        let mut needed = Vec::new();
        while let Some(best) = (0..left.len()).max_by_key(|at| left[*at].1.len()) {
            let (bytes, met) = left.swap_remove(best);
            if met.is_empty() {
                break;
            }
            needed.push(bytes);
            left.iter_mut()
                .for_each(|(_, rest)| rest.retain(|signal| !met.contains(signal)));
        }
        needed
    }

    /// Adds what a run met; says whether something of it is new.
    fn take_over(&mut self, run: &Run) -> bool {
        self.entries += run.entries.len() as u64;
        self.coverage.add(&run.coverage);
        let before = self.seen.len();
        self.seen.extend(signals(&run.coverage));
        self.seen.len() > before
    }

    /// An input that was kept, changed in a few places.
    fn vary(&mut self) -> Vec<u8> {
        let pick = self.below(self.corpus.len());
        let mut bytes = self.corpus[pick].clone();
        for _ in 0..=self.below(4) {
            match self.below(5) {
                0 if !bytes.is_empty() => {
                    let at = self.below(bytes.len());
                    bytes[at] = self.rng.draw().to_le_bytes()[0];
                }
                1 => self.fill_act(&mut bytes),
                2 => self.drop_act(&mut bytes),
                3 => self.append_other(&mut bytes),
                _ => {
                    let more = self.rng.draw().to_le_bytes();
                    bytes.extend(more);
                }
            }
        }
        bytes.truncate(HEAD + ACT * ACTS_MAX);
        bytes
    }

    fn fill_act(&mut self, bytes: &mut [u8]) {
        if let Some(acts) = bytes.get_mut(HEAD..).filter(|acts| acts.len() >= ACT) {
            let at = self.below(acts.len() / ACT) * ACT;
            self.rng.fill(&mut acts[at..at + ACT]);
        }
    }

    fn drop_act(&mut self, bytes: &mut Vec<u8>) {
        let acts = bytes.len().saturating_sub(HEAD) / ACT;
        if acts > 0 {
            let at = HEAD + self.below(acts) * ACT;
            bytes.drain(at..at + ACT);
        }
    }

    /// The acts of another input follow.
    fn append_other(&mut self, bytes: &mut Vec<u8>) {
        let pick = self.below(self.corpus.len());
        let acts = self.corpus[pick].get(HEAD..).unwrap_or_default();
        let from = acts.len() / 2 / ACT * ACT;
        bytes.extend_from_slice(&acts[from..]);
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.rng.draw() % end).unwrap_or(0)
    }

    /// Leaves out acts at the end as long as all that the input met is met.
    fn shortest(&self, bytes: Vec<u8>, run: &Run) -> Vec<u8> {
        let wanted: BTreeSet<Signal> = signals(&run.coverage).collect();
        let mut best = bytes;
        let mut cut = best.len() / 2 / ACT * ACT;
        while cut >= ACT {
            let shorter = &best[..best.len().saturating_sub(cut)];
            let met = explore_bytes(shorter, self.plan.mode)
                .map(|run| signals(&run.coverage).collect::<BTreeSet<_>>());
            if best.len() > HEAD + cut && met.is_ok_and(|met| wanted.is_subset(&met)) {
                best.truncate(best.len() - cut);
            } else {
                cut = cut / 2 / ACT * ACT;
            }
        }
        best
    }
}

fn signals(coverage: &Coverage) -> impl Iterator<Item = Signal> + '_ {
    coverage.cells().flat_map(|(cell, tally)| {
        let came_of = [tally.done, tally.refused, tally.ignored];
        let numbered = (0u8..).zip(came_of);
        let met = numbered.filter(|(_, count)| *count > 0);
        met.map(move |(kind, _)| (cell, kind))
    })
}
