//! The table as text for the docs and as JSON for tools.

use core::fmt::Write as _;

use serde_json::{Value, json as object};

use super::{Cell, Coverage, EVENTS, STATES, UNREACHABLE};

/// What is known of one cell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// It was met.
    Met,
    /// It cannot be met.
    OutOfReach(&'static str),
    /// It was not met and nobody has said why.
    Missing,
    /// It was met though it is declared to be out of reach.
    Contradicted(&'static str),
}

impl Mark {
    /// The one letter of the table.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Met => 'x',
            Self::OutOfReach(_) => '.',
            Self::Missing => '?',
            Self::Contradicted(_) => '!',
        }
    }
}

/// What is known of a cell.
#[must_use]
pub fn mark(coverage: &Coverage, cell: Cell) -> Mark {
    let reason = UNREACHABLE.iter().find(|row| row.covers(cell));
    match (coverage.tally(cell), reason.map(|row| row.reason)) {
        (Some(_), None) => Mark::Met,
        (Some(_), Some(reason)) => Mark::Contradicted(reason),
        (None, Some(reason)) => Mark::OutOfReach(reason),
        (None, None) => Mark::Missing,
    }
}

/// All cells with their marks, event by event.
fn marks(coverage: &Coverage) -> impl Iterator<Item = (Cell, Mark)> {
    let cells = EVENTS
        .iter()
        .flat_map(|event| STATES.iter().map(move |state| (*state, *event)));
    cells.map(move |cell| (cell, mark(coverage, cell)))
}

/// Cells that nobody has met or explained, and those that contradict an explanation.
#[must_use]
pub fn missing(coverage: &Coverage) -> Vec<(Cell, Mark)> {
    let open = |mark: &Mark| matches!(mark, Mark::Missing | Mark::Contradicted(_));
    marks(coverage).filter(|(_, mark)| open(mark)).collect()
}

/// The table in plain text: one line an event, one column a state.
#[must_use]
pub fn text(coverage: &Coverage) -> String {
    let width = EVENTS.iter().map(|event| event.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (index, state) in STATES.iter().enumerate() {
        let bars = " |".repeat(index);
        let _ = writeln!(out, "{:width$}{bars} {state}", "");
    }
    for event in EVENTS {
        let _ = write!(out, "{event:width$}");
        for state in STATES {
            let _ = write!(out, " {}", mark(coverage, (state, event)).letter());
        }
        out.push('\n');
    }
    out
}

/// The table with its counts, for tools.
#[must_use]
pub fn json(coverage: &Coverage) -> Value {
    let cells: Vec<Value> = marks(coverage)
        .map(|((state, event), mark)| {
            let tally = coverage.tally((state, event)).unwrap_or_default();
            let reason = match mark {
                Mark::OutOfReach(reason) | Mark::Contradicted(reason) => Some(reason),
                Mark::Met | Mark::Missing => None,
            };
            object!({
                "state": state, "event": event, "mark": mark.letter().to_string(),
                "done": tally.done, "refused": tally.refused, "ignored": tally.ignored,
                "reason": reason,
            })
        })
        .collect();
    object!({ "v": 1, "states": STATES, "events": EVENTS, "cells": cells })
}
