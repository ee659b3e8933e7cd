//! The one timeline that every picture is drawn from: lanes, columns, arrows, waits and bars.
//!
//! A column is a moment with at most one arrow through each place. What a step leads to shares its
//! column when there is room for it.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hookswitch_model::Timestamp;

use super::bars::{self, Row};
use super::label::{self, Shown};
use crate::scenario::write_span;
use crate::trace::{Head, Kind, Line, State, Trace};

/// Most columns of one picture; the trace itself has no such limit.
pub(super) const COLUMNS_MAX: usize = 400;

/// A run, ready to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// What is said of the whole.
    pub(super) head: Head,
    /// Who took part, from top to bottom.
    pub(super) lanes: Vec<Lane>,
    /// When, from left to right.
    pub(super) columns: Vec<Timestamp>,
    /// What was said.
    pub(super) arrows: Vec<Arrow>,
    /// What an arrow led to, where the eye would lose it.
    pub(super) links: Vec<Link>,
    /// How long somebody took.
    pub(super) waits: Vec<Wait>,
    /// The audio-ownership chart.
    pub(super) rows: Vec<Row>,
    /// Lines that found no room.
    pub(super) left_out: usize,
}

/// What a lane stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    User,
    Screen,
    Audio,
    Daemon,
    App,
    /// What the apps of several devices signal with.
    Service,
    Remote,
    /// What the story expects.
    Check,
}

/// One who took part.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) role: Role,
    /// The device it belongs to, in a story of several.
    pub(super) device: Option<String>,
    /// The name in the trace.
    pub(super) name: String,
    /// The name in the picture.
    pub(super) label: String,
}

impl Lane {
    /// The name in the picture with its device.
    pub(super) fn title(&self) -> String {
        match &self.device {
            Some(device) => format!("{device}: {}", self.label),
            None => self.label.clone(),
        }
    }
}

/// How something is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tone {
    Plain,
    /// A promise was broken, or something was refused.
    Bad,
}

/// Something said, or done alone.
#[derive(Clone, Debug)]
pub(super) struct Arrow {
    pub(super) seq: u64,
    pub(super) cause: Option<u64>,
    pub(super) column: usize,
    /// The lanes it goes through; one alone is a mark.
    pub(super) stops: Vec<usize>,
    pub(super) label: String,
    /// The lane the label stands at.
    pub(super) at: usize,
    pub(super) tone: Tone,
    /// The whole line, for hovering.
    pub(super) title: String,
}

/// A dashed line from a cause to what it led to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) from_lane: usize,
    pub(super) to: usize,
    /// The lane that it goes along: that of the daemon, or of the service.
    pub(super) along: usize,
    /// What it leads to goes up from there.
    pub(super) is_up: bool,
}

/// The time between a question and its answer, or the end of patience.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) lane: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Timeline {
    /// The timeline of a trace.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let mut builder = Builder::new(trace);
        for step in steps(&trace.lines) {
            builder.step(step);
        }
        builder.finish(&trace.head)
    }

    /// The lane of a role.
    pub(super) fn lane(&self, role: Role) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.role == role)
    }

    /// The lane that decides about a line: that of the service, or of the daemon of its device.
    fn hub(&self, line: &Line) -> Option<usize> {
        let is_service = |lane: &Lane| {
            lane.role == Role::Service && (lane.name == line.actor || lane.name == line.target)
        };
        let is_daemon = |lane: &Lane| lane.role == Role::Daemon && lane.device == line.device;
        let service = self.lanes.iter().position(is_service);
        service.or_else(|| self.lanes.iter().position(is_daemon))
    }
}

/// The lines, by the event they belong to.
fn steps(lines: &[Line]) -> impl Iterator<Item = &[Line]> {
    lines.chunk_by(|_, line| line.kind == Kind::Effect)
}

struct Builder<'a> {
    lines: &'a [Line],
    many: bool,
    out: Timeline,
    /// Which places of the last column are taken.
    taken: Vec<(usize, usize)>,
    /// The column of each line that is drawn.
    drawn: BTreeMap<u64, usize>,
    /// What was the case from which column on, by device.
    states: BTreeMap<Option<String>, Vec<(usize, State)>>,
    last: BTreeMap<Option<String>, State>,
    unmet: usize,
}

impl<'a> Builder<'a> {
    fn new(trace: &'a Trace) -> Self {
        let calls: BTreeSet<&str> = trace
            .lines
            .iter()
            .filter_map(|l| l.call.as_deref())
            .collect();
        Self {
            lines: &trace.lines,
            many: calls.len() > 1,
            out: Timeline {
                lanes: lanes(trace),
                head: trace.head.clone(),
                ..Timeline::default()
            },
            taken: Vec::new(),
            drawn: BTreeMap::new(),
            states: BTreeMap::new(),
            last: BTreeMap::new(),
            unmet: 0,
        }
    }

    fn step(&mut self, step: &[Line]) {
        let Some((event, effects)) = step.split_first() else {
            return;
        };
        self.decided_before(event.at.at);
        if self.out.columns.len() >= COLUMNS_MAX {
            self.out.left_out += step.len();
            return;
        }
        let state = step.iter().rev().find_map(|line| line.state.as_ref());
        let last = self.last.entry(event.device.clone()).or_default();
        let changes = state.is_some_and(|state| *state != *last);
        let seen: Vec<&Line> = effects
            .iter()
            .filter(|line| self.shown(line).is_some())
            .collect();
        let begin = event.at.at == Timestamp::ZERO && event.what == "registers";
        let speaks = !begin && (event.actor != "clock" || changes || !seen.is_empty());
        let first = self.out.columns.len();
        let mut from = None;
        if speaks && let Some(shown) = self.shown(event) {
            from = shown.stops.last().copied();
            let column = self.place(event, shown, true);
            self.drawn.insert(event.seq, column);
        }
        for line in seen {
            if let Some(shown) = self.shown(line) {
                self.effect(line, shown, from);
                from = self.out.hub(line).or(from);
            }
        }
        self.waits(event, effects);
        if let Some(state) = state.filter(|_| changes) {
            let column = first.min(self.out.columns.len().saturating_sub(1));
            self.last.insert(event.device.clone(), state.clone());
            let states = self.states.entry(event.device.clone()).or_default();
            states.push((column, state.clone()));
        }
    }

    fn shown(&self, line: &Line) -> Option<Shown> {
        label::shown(&self.out.lanes, line, self.many)
    }

    /// An effect shares the column of its event if it goes elsewhere.
    fn effect(&mut self, line: &Line, shown: Shown, from: Option<usize>) {
        let hub = self.out.hub(line);
        let last = self.out.arrows.last();
        let alone = last.is_some_and(|arrow| arrow.stops.len() == 1);
        let room = from == hub && !alone && self.is_free(&shown.stops);
        let is_up = shown.stops.first() > shown.stops.last();
        let before = self.out.columns.len().saturating_sub(1);
        let column = self.place(line, shown, !room);
        self.drawn.insert(line.seq, column);
        if let Some(link) = self.out.links.last_mut().filter(|link| link.to == column) {
            link.is_up |= is_up;
        }
        if let (Some(from_lane), Some(along)) = (from, hub)
            && !room
            && column > before
        {
            self.out.links.push(Link {
                along,
                from: before,
                from_lane,
                to: column,
                is_up,
            });
        }
    }

    fn is_free(&self, stops: &[usize]) -> bool {
        let Some((low, high)) = span(stops) else {
            return false;
        };
        let apart = |(a, b): &(usize, usize)| high <= *a || low >= *b;
        low != high && self.taken.iter().all(apart)
    }

    fn place(&mut self, line: &Line, shown: Shown, anew: bool) -> usize {
        if anew || self.out.columns.is_empty() {
            self.out.columns.push(line.at.at);
            self.taken.clear();
        }
        let column = self.out.columns.len() - 1;
        self.taken.extend(span(&shown.stops));
        self.out.arrows.push(Arrow {
            seq: line.seq,
            cause: line.cause,
            column,
            at: shown.at,
            stops: shown.stops,
            label: shown.label,
            tone: shown.tone,
            title: line.text().trim_start().to_owned(),
        });
        column
    }

    /// How long an app took for what it was asked.
    fn waits(&mut self, event: &Line, effects: &[Line]) {
        if event.what.starts_with("fulfills ") || event.what.starts_with("fails ") {
            self.wait(event.cause, event, Tone::Plain);
        }
        for line in effects {
            let mut words = line.words();
            match (words.next(), words.next(), words.next()) {
                (Some("anomaly"), Some("hold-slow"), Some(_)) => {
                    let ask = self.open_ask(line, "hold");
                    self.wait(ask, line, Tone::Bad);
                }
                (Some("told"), Some(_), Some("expired")) => {
                    let word = words.next().unwrap_or_default();
                    let ask = self.open_ask(line, word);
                    self.wait(ask, line, Tone::Bad);
                }
                _ => {}
            }
        }
    }

    /// The newest ask of this kind for the call of a line.
    fn open_ask(&self, line: &Line, word: &str) -> Option<u64> {
        let before = self.lines.iter().rev().filter(|ask| ask.seq < line.seq);
        let mut asks = before.filter(|ask| {
            ask.call == line.call
                && ask.device == line.device
                && ask.what.starts_with("ask ")
                && ask.words().nth(2) == Some(word)
        });
        asks.next().map(|ask| ask.seq)
    }

    fn wait(&mut self, ask: Option<u64>, end: &Line, tone: Tone) {
        let found = ask.and_then(|seq| {
            let line = self.lines.iter().find(|line| line.seq == seq)?;
            Some((line, *self.drawn.get(&seq)?))
        });
        let Some((ask, from)) = found.filter(|(ask, _)| ask.what.starts_with("ask ")) else {
            return;
        };
        let last = self.out.columns.len().saturating_sub(1);
        let to = self.drawn.get(&end.seq).copied().unwrap_or(last);
        let lane = self
            .out
            .lanes
            .iter()
            .position(|lane| lane.name == ask.target && lane.device == ask.device);
        let Some(lane) = lane.filter(|_| from < to) else {
            return;
        };
        let took = spent(end.at.at.since(ask.at.at));
        let late = self.out.waits.iter().rev();
        let mut late = late.filter(|wait| wait.lane == lane && wait.from == from);
        let late = late.next().map(|wait| wait.to).filter(|late| *late < to);
        let from = late.unwrap_or(from);
        let text = match tone {
            Tone::Plain if late.is_some() => format!("after {took}"),
            Tone::Plain => took,
            Tone::Bad => format!("not done in {took}"),
        };
        self.out.waits.push(Wait {
            lane,
            from,
            to,
            text,
            tone,
        });
    }

    /// Marks the moments at which an expectation failed.
    fn decided_before(&mut self, at: Timestamp) {
        while let Some(unmet) = self.out.head.unmet.get(self.unmet).cloned() {
            if unmet.at >= at && at != Timestamp::from_nanos(u64::MAX) {
                return;
            }
            self.unmet += 1;
            let Some(lane) = self.out.lane(Role::Check) else {
                return;
            };
            let from = self
                .out
                .columns
                .iter()
                .position(|column| *column >= unmet.from);
            self.out.columns.push(unmet.at);
            self.taken.clear();
            let to = self.out.columns.len() - 1;
            self.out.arrows.push(Arrow {
                seq: unmet.seq,
                cause: None,
                column: to,
                stops: vec![lane],
                label: format!("line {}", unmet.line),
                at: lane,
                tone: Tone::Bad,
                title: format!("expected {}, but {}", unmet.expected, unmet.found),
            });
            let taken = self.out.waits.iter().rev().find(|wait| wait.lane == lane);
            let free = taken.map_or(0, |wait| wait.to);
            if let Some(from) = from.map(|from| from.max(free)).filter(|from| *from < to) {
                self.out.waits.push(Wait {
                    lane,
                    from,
                    to,
                    text: String::new(),
                    tone: Tone::Bad,
                });
            }
        }
    }

    fn finish(mut self, head: &Head) -> Timeline {
        self.decided_before(Timestamp::from_nanos(u64::MAX));
        self.out.head = head.clone();
        let mut of: BTreeMap<(&Option<String>, &str), BTreeSet<&str>> = BTreeMap::new();
        for (device, states) in &self.states {
            for mut row in bars::rows(states, &self.out.columns) {
                if let Some(device) = device {
                    if row.spans.is_empty() {
                        continue;
                    }
                    row.label = format!("{device}: {}", row.label);
                }
                self.out.rows.push(row);
            }
            for call in states.iter().flat_map(|(_, state)| &state.calls) {
                let calls = of.entry((device, &call.app)).or_default();
                calls.insert(&call.call);
            }
        }
        for lane in &mut self.out.lanes {
            if let Some(calls) = of
                .get(&(&lane.device, lane.name.as_str()))
                .filter(|_| lane.role == Role::App)
            {
                let calls: Vec<&str> = calls.iter().copied().collect();
                let plural = if calls.len() == 1 { "call" } else { "calls" };
                if calls.len() <= 3 {
                    lane.label = format!("{} ({plural} {})", lane.name, calls.join(", "));
                }
            }
        }
        self.out
    }
}

/// A span of time as people read it.
pub(super) fn spent(span: Duration) -> String {
    let text = write_span(span);
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    format!("{digits} {}", &text[digits.len()..])
}

/// The lanes between the first and the last stop.
pub(super) fn span(stops: &[usize]) -> Option<(usize, usize)> {
    Some((*stops.iter().min()?, *stops.iter().max()?))
}

/// Names that are no app.
const FIXED: [&str; 11] = [
    "user",
    "core",
    "clock",
    "daemon",
    "system",
    "audio",
    "ringer",
    "recents",
    "observers",
    "nobody",
    "media",
];

/// Everybody who took part, in the order from the user to the other party, device after device.
fn lanes(trace: &Trace) -> Vec<Lane> {
    let services = services(&trace.lines);
    let mut devices: Vec<Option<&str>> = Vec::new();
    for line in &trace.lines {
        let device = line.device.as_deref();
        let is_alone = services.iter().any(|service| *service == line.actor) && device.is_none();
        if !devices.contains(&device) && !is_alone {
            devices.push(device);
        }
    }
    let mut out = Vec::new();
    for device in devices {
        of_device(trace, device, &services, &mut out);
    }
    let mut add = |role, name: &str, label: &str| {
        out.push(Lane {
            role,
            device: None,
            name: name.to_owned(),
            label: label.to_owned(),
        });
    };
    for service in &services {
        let app = service.trim_end_matches("-service");
        add(Role::Service, service, &format!("{app}\u{2019}s service"));
    }
    let is_far = |line: &Line| match services.is_empty() {
        true => label::is_remote(line),
        false => label::is_remote(line) && line.cause.is_none() || label::is_far_end(line),
    };
    if trace.lines.iter().any(is_far) {
        add(Role::Remote, "", "Other party");
    }
    if !trace.head.unmet.is_empty() {
        add(Role::Check, "", "Expected");
    }
    out
}

/// The services of a story: only they speak of themselves.
fn services(lines: &[Line]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for line in lines {
        let is_service = line.actor == line.target && line.actor.ends_with("-service");
        if is_service && !out.contains(&line.actor.as_str()) {
            out.push(&line.actor);
        }
    }
    out
}

/// The lanes of one device, from the user to the apps.
fn of_device(trace: &Trace, device: Option<&str>, services: &[&str], out: &mut Vec<Lane>) {
    let lines = || {
        trace
            .lines
            .iter()
            .filter(|line| line.device.as_deref() == device)
    };
    let is = |test: &dyn Fn(&Line) -> bool| lines().any(test);
    let mut add = |role, name: &str, label: &str| {
        out.push(Lane {
            role,
            device: device.map(str::to_owned),
            name: name.to_owned(),
            label: label.to_owned(),
        });
    };
    if is(&|line| line.actor == "user") {
        add(Role::User, "user", "User");
    }
    if is(&|line| line.actor == "user" || line.target == "ringer") {
        add(Role::Screen, "ringer", "Calling UI");
    }
    if is(&|line| line.actor == "audio" || line.what.contains(" audio-")) {
        add(Role::Audio, "audio", "Audio");
    }
    add(Role::Daemon, "core", "Daemon");
    let mut apps: Vec<&str> = Vec::new();
    for line in lines() {
        for name in [line.actor.as_str(), line.target.as_str()] {
            if !FIXED.contains(&name) && !services.contains(&name) && !apps.contains(&name) {
                apps.push(name);
            }
        }
    }
    for app in apps {
        add(Role::App, app, app);
    }
}
