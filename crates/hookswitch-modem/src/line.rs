//! One line of a modem: its calls, what is asked for them, and what is under way.
//!
//! Input: news of the modem's daemon, asks of the call system, results of verbs, and the time.
//! Output: [`Do`]s, in order. Pure: no bus, no clock.
//!
//! # Promises
//!
//! - **N1** one call is reported once, whatever objects the daemon makes of it: a waiting call that
//!   ModemManager ends and rings again within [`RING_AGAIN`] is the same call.
//! - **N2** an ask is fulfilled when the call *is* what was asked for, not when the daemon says so.
//! - **N3** every ask is settled: by its goal, by an error, or after [`MOVE_MAX`].
//! - **N4** asks of one transaction that only together make sense become one verb; the first waits
//!   for the second at most [`GATHER_MAX`].
//! - **N5** ending a call waits for nothing else.
//!   A waiting or held call is ended by its place in the modem's list, so it must have been there
//!   for [`Rules::listed_after`].
//! - **N6** tones of a call are played one at a time, in order.

mod asks;
mod legs;
mod tones;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::words::{AskNumber, CallKey, Digits, Do, News, Verb, VerbNumber, Wish};
use asks::{Batch, OpenAsk};
use legs::Leg;
use tones::ToneQueue;

pub use crate::words::CallPath;

/// How long the first ask of a compound gesture waits for the others.
pub const GATHER_MAX: Duration = Duration::from_millis(150);
/// How long a verb may take to show its effect. ModemManager looks every 2 s.
pub const MOVE_MAX: Duration = Duration::from_secs(8);
/// How long a waiting call that ended may take to ring again: the pause between two rings.
pub const RING_AGAIN: Duration = Duration::from_secs(4);
/// The pause that a comma or semicolon between digits makes.
pub const PAUSE: Duration = Duration::from_secs(2);

/// Makes keys that are never used twice: of the daemon's run, the object there, the time at which
/// this program began, and a count.
#[derive(Clone, Debug, Default)]
pub struct KeyMaker {
    /// The run of the daemon.
    pub run: String,
    /// When this program began.
    pub salt: String,
    last: u64,
}

impl KeyMaker {
    /// Keys for one run of the daemon and one of this program.
    pub fn new(run: &str, salt: &str) -> Self {
        Self {
            run: run.to_owned(),
            salt: salt.to_owned(),
            last: 0,
        }
    }

    fn make(&mut self, path: &CallPath) -> CallKey {
        self.last += 1;
        CallKey(format!("{}{}#{}{}", self.run, path.0, self.salt, self.last))
    }

    /// The object that a key of the same run of the daemon is about.
    fn path_of(&self, key: &CallKey) -> Option<CallPath> {
        let path = key.0.strip_prefix(&self.run)?;
        let (path, _) = path.rsplit_once('#')?;
        path.starts_with('/').then(|| CallPath(path.to_owned()))
    }
}

/// How one daemon differs from another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// How long after a call begins to wait or is held the daemon knows its place in the modem's
    /// list. ModemManager looks every 2 s; asked before, it sends `AT+CHUP`, and that ends the
    /// *active* call (seen of 1.20.4).
    pub listed_after: Duration,
}

/// See the module.
#[derive(Debug)]
pub struct Line {
    rules: Rules,
    /// Makes keys of this line and this run unique.
    keys: KeyMaker,
    /// Calls of a former run of this program that may still be there.
    orphans: Vec<(CallPath, CallKey)>,
    last_verb: u64,
    now: Instant,
    legs: Vec<Leg>,
    asks: Vec<OpenAsk>,
    batches: Vec<Batch>,
    tones: Vec<ToneQueue>,
    done: VecDeque<Do>,
}

impl Line {
    /// A line without calls. Calls of a former run of this program keep their keys, if they are
    /// seen before [`Self::listed`].
    pub fn new(
        rules: Rules,
        keys: KeyMaker,
        orphans: impl IntoIterator<Item = CallKey>,
        now: Instant,
    ) -> Self {
        let paths = orphans
            .into_iter()
            .filter_map(|key| Some((keys.path_of(&key)?, key)));
        Self {
            rules,
            orphans: paths.collect(),
            keys,
            last_verb: 0,
            now,
            legs: Vec::new(),
            asks: Vec::new(),
            batches: Vec::new(),
            tones: Vec::new(),
            done: VecDeque::new(),
        }
    }

    /// Everything that was there has been seen: objects of a former run of this program that were
    /// not among it mean other calls from here on. The call system ends the former calls itself.
    pub fn listed(&mut self, now: Instant) {
        self.now = now;
        self.orphans.clear();
    }

    /// The call system is back; what rings is told again, in case it does not know it.
    pub fn tell_again(&mut self) {
        self.tell_ringing();
    }

    /// Whether this call is on this line.
    pub fn knows(&self, key: &CallKey) -> bool {
        self.legs.iter().any(|leg| leg.key == *key) || self.asks.iter().any(|ask| ask.key == *key)
    }

    /// What is to be done next; empty it after every input.
    pub fn take_next(&mut self) -> Option<Do> {
        self.done.pop_front()
    }

    /// When [`Self::tick`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        let asks = self.asks.iter().filter_map(|ask| ask.gather_until);
        let batches = self.batches.iter().filter_map(Batch::until);
        let legs = self.legs.iter().filter_map(|leg| leg.rings_again_until);
        let tones = self.tones.iter().filter_map(|queue| queue.pause_until);
        asks.chain(batches).chain(legs).chain(tones).min()
    }

    /// The daemon tells something.
    pub fn news(&mut self, now: Instant, news: News) {
        self.now = now;
        match news {
            News::Seen(seen) => self.seen(seen),
            News::Gone(path, why) => self.gone(&path, why),
            News::Lost => self.lost(),
        }
        self.go_on();
    }

    /// The call system asks something of a call of this line, or to dial.
    pub fn ask(
        &mut self,
        now: Instant,
        transaction: &str,
        ask: AskNumber,
        key: CallKey,
        wish: Wish,
    ) {
        self.now = now;
        if let Wish::Digits(digits) = wish {
            self.play(ask, &key, &digits);
        } else {
            self.open(OpenAsk {
                number: ask,
                transaction: transaction.to_owned(),
                key,
                wish,
                gather_until: None,
            });
        }
        self.go_on();
    }

    /// The call system does not wait for an ask any more.
    pub fn forget(&mut self, now: Instant, ask: AskNumber) {
        self.now = now;
        self.asks.retain(|open| open.number != ask);
        self.go_on();
    }

    /// A verb was carried out, or not; dialing tells the new call's object.
    pub fn finished(
        &mut self,
        now: Instant,
        verb: VerbNumber,
        result: Result<Option<CallPath>, String>,
    ) {
        self.now = now;
        if !self.tone_finished(verb, &result) {
            self.move_finished(verb, result);
        }
        self.go_on();
    }

    /// The call system does not take this call; a caller is turned away.
    pub fn refused(&mut self, now: Instant, key: &CallKey) {
        self.now = now;
        self.unwanted(key, false);
        self.go_on();
    }

    /// The call system ended this call by itself.
    pub fn system_ended(&mut self, now: Instant, key: &CallKey) {
        self.now = now;
        self.unwanted(key, true);
        self.go_on();
    }

    /// Time goes on.
    pub fn tick(&mut self, now: Instant) {
        self.now = now;
        self.end_what_did_not_ring_again();
        self.give_up_moves();
        self.go_on();
    }

    /// Everything that may follow from a change.
    fn go_on(&mut self) {
        self.settle_what_is_reached();
        self.plan_what_is_complete();
        self.run_batches();
        self.play_on();
    }

    fn start_verb(&mut self, verb: Verb) -> VerbNumber {
        self.last_verb += 1;
        let number = VerbNumber(self.last_verb);
        self.done.push_back(Do::Verb(number, verb));
        number
    }

    fn settle(&mut self, ask: AskNumber, result: Result<(), &'static str>) {
        self.done.push_back(Do::Settle(ask, result));
    }

    fn play(&mut self, ask: AskNumber, key: &CallKey, digits: &Digits) {
        match self.leg(key).map(|leg| leg.path.clone()) {
            Some(path) => self.tones.push(ToneQueue::new(ask, path, digits)),
            None => self.settle(ask, Err("the call is gone")),
        }
    }
}
