//! Plays a story on the simulated world and checks what it expects.
//!
//! # Promises
//!
//! - **P1** an `expect` without `within` looks at the input's own step and the state after it.
//! - **P2** a `within` is decided by its deadline, not by the lines that follow.
//! - **P3** a failure names line, what was seen of late, the chain of causes and the seed.

use core::time::Duration;

use hookswitch_model::Timestamp;

use crate::coverage::Coverage;
use crate::describe::{Words, time};
use crate::guest::Guests;
use crate::home::Home;
use crate::laws::{GUEST, HOSTED};
use crate::outside::Outside;
use crate::picture::terminal;
use crate::scenario::{
    Check, Input, InputLine, LineKind, Mood, Scenario, Seen, SystemAct, Want, When, print_check,
    write_span,
};
use crate::trace::{self, Entry, Kind, Line};
use crate::world::World;

/// Most steps of one run; more is a world that never becomes quiet.
const STEPS_MAX: usize = 200_000;

/// What is expected of an app under test that speaks JSON lines.
const KEEPS_TO_PROTOCOL: &str = "an app under test that keeps to the protocol";

/// What is expected of an app under test on a bus.
const IS_THERE: &str = "an app under test that is there and fits its story";

/// Lines of the timeline a failure shows.
const TIMELINE: usize = 14;

/// What a run showed.
#[derive(Debug, Default)]
pub struct Run {
    /// Expectations that failed and laws that were broken.
    pub failures: Vec<Failure>,
    /// What was seen after each input, for `>` and `=` lines.
    pub seen: Vec<Seen>,
    /// Expectations that were checked.
    pub checks: usize,
    /// The trace.
    pub entries: Vec<Entry>,
    /// Which events met a call in which state.
    pub coverage: Coverage,
    /// Virtual time at the end.
    pub end: Timestamp,
    /// Whether nothing was on its way at the end.
    pub quiet: bool,
}

/// An expectation that failed, or a broken law.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Failure {
    /// The line of the file.
    pub line: usize,
    /// What was expected.
    pub expected: String,
    /// What was the case.
    pub found: String,
    /// The last lines of the trace.
    pub timeline: Vec<String>,
    /// The causes of the last line, first cause first.
    pub chain: Vec<String>,
    /// The last line of the trace.
    pub seq: u64,
    /// When the wait for it began.
    pub from: Timestamp,
    /// When it was decided.
    pub at: Timestamp,
}

/// Plays a story.
#[must_use]
pub fn play(scenario: &Scenario) -> Run {
    play_with(scenario, Vec::new())
}

/// The same, with apps under test in the place of simulated apps, by number.
#[must_use]
pub fn play_with(scenario: &Scenario, guests: Guests) -> Run {
    play_in(World::with_guests(scenario, guests), scenario)
}

/// The same, with apps on a real bus in the place of simulated apps, by number.
#[must_use]
pub fn play_outside(scenario: &Scenario, host: Box<dyn Outside>, apps: Vec<usize>) -> Run {
    play_in(World::with_outside(scenario, host, apps), scenario)
}

fn play_in(world: World, scenario: &Scenario) -> Run {
    let mut player = Player {
        home: Home::new(scenario, world),
        watches: Vec::new(),
        failures: Vec::new(),
        seen: Vec::new(),
        checks: 0,
        mark: 0,
        line: 1,
        now: Timestamp::ZERO,
        effects_line: None,
        golden: Vec::new(),
    };
    player.after_step();
    if player.lacks_app() {
        return player.finish();
    }
    for line in &scenario.lines {
        match &line.kind {
            LineKind::Input(input) => player.input(line.number, input),
            LineKind::Check(check) => player.check(line.number, check),
            LineKind::Effect(text) => player.golden_effect(line.number, text),
            LineKind::Facts(text) => player.golden_facts(line.number, text),
            LineKind::Blank | LineKind::Comment(_) | LineKind::Header(_) => {}
        }
    }
    player.finish()
}

/// A check that is not decided yet.
#[derive(Debug)]
struct Watch {
    line: usize,
    check: Check,
    since: Timestamp,
    until: Option<Timestamp>,
    mark: usize,
}

#[derive(Debug)]
struct Player {
    home: Home,
    watches: Vec<Watch>,
    failures: Vec<Failure>,
    seen: Vec<Seen>,
    checks: usize,
    /// Entries from here on belong to the input before.
    mark: usize,
    line: usize,
    now: Timestamp,
    /// The first `>` line of the input before.
    effects_line: Option<usize>,
    golden: Vec<String>,
}

impl Player {
    fn input(&mut self, number: usize, input: &InputLine) {
        let at = match input.when {
            When::At(time) => Timestamp::ZERO.after(time),
            When::After(span) => self.now.after(span),
        };
        let at = self.home.ready_at(input.device, at);
        self.run_until(at, false);
        if self.home.story_comes_last() {
            self.run_until(at, true);
        }
        let passes = input.input == Input::System(SystemAct::Pass);
        if passes {
            self.run_until(at, true);
        }
        self.close_input();
        self.line = number;
        self.home.wait_until(input.device, at);
        self.now = self.home.now();
        if !passes {
            self.mark = self.home.entries().len();
        }
        if let Err(why) = self.home.apply(input.device, &input.input) {
            self.fail(number, "an act that is possible".to_owned(), why);
        }
        self.seen.push(Seen {
            line: number,
            effects: Vec::new(),
            facts: self.home.summary(),
        });
        self.after_step();
    }

    /// Compares and keeps the effects of the input before.
    fn close_input(&mut self) {
        let effects = self.effects_since(self.mark);
        if let Some(line) = self.effects_line.take() {
            self.checks += 1;
            let golden = core::mem::take(&mut self.golden);
            if golden != effects {
                let found = format!("the effects were\n      > {}", effects.join("\n      > "));
                let expected = format!("effects\n      > {}", golden.join("\n      > "));
                self.fail(line, expected, found);
            }
        }
        if let Some(seen) = self.seen.last_mut() {
            seen.effects = effects;
        }
    }

    fn effects_since(&self, mark: usize) -> Vec<String> {
        let entries = self.home.entries().iter().skip(mark);
        let effects = entries.filter(|e| e.kind == Kind::Effect && e.what[0] != "publish");
        effects
            .map(|entry| {
                let later = entry.at.at.since(self.now);
                let text = placed(entry);
                if later.is_zero() {
                    text
                } else {
                    format!("+{} {text}", write_span(later))
                }
            })
            .collect()
    }

    fn golden_effect(&mut self, number: usize, text: &str) {
        self.effects_line.get_or_insert(number);
        if !text.is_empty() {
            self.golden.push(text.to_owned());
        }
    }

    fn golden_facts(&mut self, number: usize, text: &str) {
        self.checks += 1;
        let found = self.home.summary();
        if found != text {
            self.fail(number, format!("= {text}"), format!("= {found}"));
        }
    }

    fn check(&mut self, number: usize, check: &Check) {
        self.checks += 1;
        let watch = Watch {
            line: number,
            check: check.clone(),
            since: self.home.now(),
            until: check.within.map(|within| self.home.now().after(within)),
            mark: self.mark,
        };
        match (check.mood, check.within) {
            (Mood::Expect | Mood::State | Mood::Times(_), None) => self.decide(&watch),
            (Mood::Expect | Mood::Never, _) | (_, Some(_)) => {
                self.watches.push(watch);
                self.look();
            }
        }
    }

    fn decide(&mut self, watch: &Watch) {
        let facts = self.home.facts();
        for want in &watch.check.wants {
            let found = match watch.check.mood {
                Mood::Times(times) => {
                    let count = self.count(want);
                    (count != times as usize).then(|| format!("it happened {count} times"))
                }
                Mood::State => (!is_fact(&facts, want)).then(|| self.state_text()),
                Mood::Expect | Mood::Never => {
                    let seen = is_fact_plain(&facts, want) || self.happened(watch.mark, want);
                    let holds = seen != want.negated;
                    (!holds).then(|| self.state_text())
                }
            };
            if let Some(found) = found {
                self.fail(watch.line, print_check(&watch.check), found);
                return;
            }
        }
    }

    fn state_text(&self) -> String {
        format!("{} at {}", self.home.summary(), time(self.home.now()))
    }

    fn happened(&self, mark: usize, want: &Want) -> bool {
        let entries = self.home.entries().iter().skip(mark);
        entries
            .filter(|entry| entry.kind == Kind::Effect && is_at(entry, want))
            .any(|entry| begins(&entry.what, want))
    }

    fn count(&self, want: &Want) -> usize {
        let effects = self
            .home
            .entries()
            .iter()
            .filter(|e| e.kind == Kind::Effect && is_at(e, want));
        effects.filter(|entry| begins(&entry.what, want)).count()
    }

    /// Decides the watches that can be decided.
    fn look(&mut self) {
        if self.watches.is_empty() {
            return;
        }
        let facts = self.home.facts();
        let now = self.home.now();
        let watches = core::mem::take(&mut self.watches);
        for watch in watches {
            let holds = |want: &Want| {
                (is_fact_plain(&facts, want) || self.happened(watch.mark, want)) != want.negated
            };
            let over = watch.until.is_some_and(|until| now > until);
            let met = !over && watch.check.wants.iter().all(holds);
            let never = watch.check.mood == Mood::Never;
            match (never, met, over) {
                (false, true, _) | (true, false, true) => {}
                (false, false, true) | (true, true, _) => {
                    let found = self.state_text();
                    self.fail(watch.line, print_check(&watch.check), found);
                    if let Some(failure) = self.failures.last_mut() {
                        failure.from = watch.since;
                        failure.at = watch.until.filter(|_| over).unwrap_or(now);
                    }
                }
                (_, false, false) => self.watches.push(watch),
            }
        }
    }

    /// Lets happen what happens by itself before a point, or up to and with it.
    fn run_until(&mut self, at: Timestamp, inclusive: bool) {
        for _ in 0..STEPS_MAX {
            let next = self.home.next_at();
            let in_time = next.filter(|next| *next < at || (inclusive && *next == at));
            if self.home.listen(in_time.unwrap_or(at)) {
                self.after_step();
                continue;
            }
            if in_time.is_none() {
                return;
            }
            self.home.advance();
            self.after_step();
        }
        let expected = "a world that becomes quiet".to_owned();
        self.fail(self.line, expected, format!("more than {STEPS_MAX} steps"));
    }

    fn after_step(&mut self) {
        self.look();
        for violation in self.home.violations() {
            let mut text = violation.text;
            for (name, id) in self.home.names().calls() {
                text = text.replace(&id.to_string(), name);
            }
            let expected = match violation.law {
                GUEST => KEEPS_TO_PROTOCOL.to_owned(),
                HOSTED => IS_THERE.to_owned(),
                law => format!("law {law}"),
            };
            self.fail(self.line, expected, text);
        }
    }

    /// Without its app under test there is no story to play: that is said once.
    fn lacks_app(&mut self) -> bool {
        let is_lack = |fail: &Failure| [KEEPS_TO_PROTOCOL, IS_THERE].contains(&&*fail.expected);
        let lacks = self.failures.iter().any(is_lack);
        if let Some(first) = self.failures.first_mut().filter(|_| lacks) {
            first.found.push_str("; the story was not played");
            self.failures.truncate(1);
        }
        lacks
    }

    fn fail(&mut self, line: usize, expected: String, found: String) {
        let entries = self.home.entries();
        let lines: Vec<Line> = entries
            .iter()
            .filter(|entry| entry.what[0] != "publish")
            .map(Entry::line)
            .collect();
        let first = lines.len().saturating_sub(TIMELINE);
        let last = lines.last().map_or(0, |line| line.seq);
        self.failures.push(Failure {
            line,
            expected,
            found,
            timeline: terminal::draw(&lines, first),
            chain: trace::chain(&lines, last)
                .iter()
                .map(|line| line.text())
                .collect(),
            seq: last,
            from: self.now,
            at: self.home.now(),
        });
    }

    fn finish(mut self) -> Run {
        let until = self.watches.iter().filter_map(|watch| watch.until).max();
        if let Some(until) = until {
            self.run_until(until, true);
            let end = until.after(Duration::from_nanos(1));
            self.home.wait_until(None, end);
            self.look();
        }
        self.close_input();
        Run {
            failures: self.failures,
            seen: self.seen,
            checks: self.checks,
            end: self.home.now(),
            quiet: self.home.next_at().is_none(),
            coverage: self.home.coverage(),
            entries: self.home.entries().to_vec(),
        }
    }
}

/// Whether a line begins with the words of an observable.
fn begins(line: &Words, want: &Want) -> bool {
    line.len() >= want.words.len()
        && line
            .iter()
            .zip(&want.words)
            .all(|(word, want)| *word == want.text)
}

/// The facts of each place.
type Facts = [(Option<String>, Vec<Words>)];

fn is_fact_plain(facts: &Facts, want: &Want) -> bool {
    let mut here = facts.iter().filter(|(place, _)| *place == want.place);
    here.any(|(_, facts)| facts.iter().any(|line| begins(line, want)))
}

fn is_fact(facts: &Facts, want: &Want) -> bool {
    is_fact_plain(facts, want) != want.negated
}

/// Whether a line is about the place of an observable.
fn is_at(entry: &Entry, want: &Want) -> bool {
    want.place.is_none() || entry.device == want.place
}

/// An effect as `>` lines write it, with its device.
fn placed(entry: &Entry) -> String {
    let what = entry.what.join(" ");
    match &entry.device {
        Some(device) => format!("{device} {what}"),
        None => what,
    }
}
