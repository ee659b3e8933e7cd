//! What a device knows of each app: whether it is up, what it does, what it owes, its history.

use std::collections::{BTreeMap, VecDeque};

use super::{Doing, Record, Style};
use crate::duty::Duty;
use crate::limits::Limits;
use crate::push::PushId;
use crate::time::Boot;

/// One app.
#[derive(Clone, Debug, Default)]
pub(super) struct App {
    /// How it takes call pushes, from its last registration.
    pub(super) style: Style,
    pub(super) state: Up,
    pub(super) doing: Doing,
    pub(super) duty: Duty,
    records: VecDeque<Record>,
}

/// Whether its push registry is up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Up {
    /// It is not running.
    #[default]
    Down,
    /// It was told to start; the start counts as failed from this instant on.
    Starting(Boot),
    /// It takes pushes.
    Ready,
}

/// What is told about one app: its answer to "why did it not ring?".
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// Whether its push registry is up.
    pub is_ready: bool,
    /// Strikes that count.
    pub strikes: usize,
    /// Until when launches are stopped, by the boot clock.
    pub stopped_until: Option<Boot>,
    /// Its history, oldest first.
    pub records: Vec<Record>,
}

impl App {
    pub(super) fn status(&self, now: Boot, limits: &Limits) -> Status {
        Status {
            is_ready: self.state == Up::Ready,
            strikes: self.duty.strikes(now, limits),
            stopped_until: self.duty.stopped_until(now),
            records: self.records.iter().cloned().collect(),
        }
    }
}

/// All apps of the device.
#[derive(Clone, Debug, Default)]
pub(super) struct Apps(BTreeMap<String, App>);

impl Apps {
    pub(super) fn entry(&mut self, name: &str) -> &mut App {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), App::default());
        }
        self.0.entry(name.to_owned()).or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&App> {
        self.0.get(name)
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn next_deadline(&self) -> Option<Boot> {
        let starting = |app: &App| match app.state {
            Up::Starting(until) => Some(until),
            Up::Down | Up::Ready => None,
        };
        let due = |app: &App| {
            app.duty
                .next_deadline()
                .into_iter()
                .chain(starting(app))
                .min()
        };
        self.0.values().filter_map(due).min()
    }

    pub(super) fn overdue(&mut self, now: Boot, limits: &Limits) -> Vec<(String, PushId)> {
        let mut struck = Vec::new();
        for (name, app) in &mut self.0 {
            let ids = app.duty.overdue(now, limits);
            struck.extend(ids.into_iter().map(|id| (name.clone(), id)));
        }
        struck
    }

    /// The apps that did not come up in time; they count as down.
    pub(super) fn failed_starts(&mut self, now: Boot) -> Vec<String> {
        let mut failed = Vec::new();
        for (name, app) in &mut self.0 {
            if matches!(app.state, Up::Starting(until) if until <= now) {
                app.state = Up::Down;
                failed.push(name.clone());
            }
        }
        failed
    }

    pub(super) fn record(&mut self, record: &Record, most: usize) {
        let Some(app) = self.0.get_mut(&record.app) else {
            return;
        };
        if app.records.len() >= most {
            app.records.pop_front();
        }
        app.records.push_back(record.clone());
    }
}
