//! Where everything stands: columns as close as their labels allow (Y4).

use hookswitch_model::Timestamp;

use super::bars::{Look, Span};
use super::measure::{mono, width};
use super::model::{Arrow, Role, Timeline, Tone, span};

/// Sizes of text, in pixels.
pub(super) const TEXT: f64 = 12.5;
pub(super) const MONO: f64 = 12.0;
/// How much wider a bold letter is.
pub(super) const BOLD: f64 = 1.09;

/// Between two lanes.
pub(super) const LANE: f64 = 54.0;
/// Least distance of two columns.
const COLUMN: f64 = 46.0;
/// Between two texts.
const AIR: f64 = 10.0;
/// Around everything.
pub(super) const MARGIN: f64 = 24.0;
/// Least width of a picture, so that its title has room.
const WIDTH_MIN: f64 = 640.0;

/// The places of a timeline.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The whole width.
    pub(super) width: f64,
    /// Where lanes and bars begin.
    pub(super) left: f64,
    /// Where they end.
    pub(super) right: f64,
    /// The middle of each column.
    pub(super) columns: Vec<f64>,
}

impl Layout {
    /// Places the columns.
    pub(super) fn of(timeline: &Timeline) -> Self {
        let lanes = timeline.lanes.iter().map(|lane| lane.label.as_str());
        let rows = timeline.rows.iter().map(|row| row.label.as_str());
        let names = lanes.chain(rows).map(|name| width(name, TEXT) * 1.06);
        let left = MARGIN + names.fold(84.0, f64::max) + 14.0;
        let mut columns: Vec<f64> = Vec::new();
        let demands = Demands::of(timeline);
        for column in 0..timeline.columns.len() {
            let begin = left + demands.half(column).max(14.0) + 4.0;
            let x = (0..column)
                .rev()
                .take(24)
                .map(|before| columns[before] + demands.between(before, column))
                .fold(begin, f64::max);
            columns.push(x);
        }
        let last = columns.last().copied().unwrap_or(left);
        let half = demands.half(timeline.columns.len().saturating_sub(1));
        let tail = (last + half.max(46.0) + 8.0).max(WIDTH_MIN - MARGIN);
        let open = spans(timeline).filter(|span| span.to.is_none());
        let right = open
            .map(|span| columns.get(span.from).copied().unwrap_or(last) + whole(span))
            .fold(tail, f64::max);
        Self {
            width: right + MARGIN,
            left,
            right,
            columns,
        }
    }

    /// The middle of a column.
    pub(super) fn x(&self, column: usize) -> f64 {
        self.columns.get(column).copied().unwrap_or(self.right)
    }
}

/// What keeps columns apart.
struct Demands<'a> {
    timeline: &'a Timeline,
    by_column: Vec<Vec<&'a Arrow>>,
}

impl<'a> Demands<'a> {
    fn of(timeline: &'a Timeline) -> Self {
        let mut by_column = vec![Vec::new(); timeline.columns.len()];
        for arrow in &timeline.arrows {
            if let Some(arrows) = by_column.get_mut(arrow.column) {
                arrows.push(arrow);
            }
        }
        Self {
            timeline,
            by_column,
        }
    }

    /// Half the widest label of a column.
    fn half(&self, column: usize) -> f64 {
        let arrows = self.by_column.get(column).into_iter().flatten();
        let widths = arrows.map(|arrow| half(arrow));
        widths.fold(0.0, f64::max)
    }

    /// The least distance of two columns.
    fn between(&self, first: usize, second: usize) -> f64 {
        let steps = (second - first) as f64;
        let mut out = if steps > 1.0 { 0.0 } else { COLUMN };
        out = out.max(self.times(first, second));
        for a in self.by_column.get(first).into_iter().flatten() {
            for b in self.by_column.get(second).into_iter().flatten() {
                out = out.max(self.labels(a, b));
            }
        }
        let waits = self.timeline.waits.iter();
        let waits = waits.filter(|wait| wait.from == first && wait.to == second);
        let waits = waits.map(|wait| width(&wait.text, TEXT * BOLD) + 22.0);
        let out = waits.fold(out, f64::max);
        let bars = spans(self.timeline);
        let bars = bars.filter(|span| span.from == first && span.to == Some(second));
        bars.map(shortest).fold(out, f64::max)
    }

    /// The times on top, written once for each moment.
    fn times(&self, first: usize, second: usize) -> f64 {
        let is_new = |column: usize| is_new(self.timeline, column);
        if is_new(first) && is_new(second) {
            let text = |column: usize| mono(&clock(self.timeline.columns[column]), MONO);
            (text(first) + text(second)) / 2.0 + AIR * 1.4
        } else {
            0.0
        }
    }

    /// Two labels on one line, or a label and an arrow that goes through its line.
    fn labels(&self, a: &Arrow, b: &Arrow) -> f64 {
        if self.line(a) == self.line(b) {
            return half(a) + half(b) + AIR;
        }
        let mut out: f64 = 0.0;
        if self.crosses(b, self.line(a)) {
            out = out.max(half(a) + AIR / 2.0);
        }
        if self.crosses(a, self.line(b)) {
            out = out.max(half(b) + AIR / 2.0);
        }
        out
    }

    /// The line of text a label stands on: the gap above the lane of this number.
    fn line(&self, arrow: &Arrow) -> usize {
        arrow.at + usize::from(is_below(self.timeline, arrow.at))
    }

    /// Whether an arrow goes through the gap above a lane.
    fn crosses(&self, arrow: &Arrow, line: usize) -> bool {
        span(&arrow.stops).is_some_and(|(low, high)| line > low && line <= high)
    }
}

/// Half the label of an arrow.
fn half(arrow: &Arrow) -> f64 {
    let size = match arrow.tone {
        Tone::Plain => TEXT,
        Tone::Bad => TEXT * BOLD,
    };
    width(&arrow.label, size) / 2.0
}

/// All parts of all bars.
fn spans(timeline: &Timeline) -> impl Iterator<Item = &Span> {
    timeline.rows.iter().flat_map(|row| &row.spans)
}

/// The room that the least text of a bar takes; what nobody has may stay without.
fn shortest(span: &Span) -> f64 {
    match span.look {
        Look::Nobody => 0.0,
        Look::Owner | Look::Held | Look::Asked | Look::Silent | Look::Strip => {
            span.texts.last().map_or(0.0, |text| bar_text(text))
        }
    }
}

/// The room that the whole text of a bar takes.
fn whole(span: &Span) -> f64 {
    span.texts.first().map_or(0.0, |text| bar_text(text))
}

/// The room of a text in a bar, with what is around it.
pub(super) fn bar_text(text: &str) -> f64 {
    width(text, TEXT * BOLD) + 18.0
}

/// Whether the words of a lane stand below it.
pub(super) fn is_below(timeline: &Timeline, lane: usize) -> bool {
    timeline
        .lanes
        .get(lane)
        .is_some_and(|lane| match lane.role {
            Role::App | Role::Service | Role::Remote | Role::Check => true,
            Role::User | Role::Screen | Role::Audio | Role::Daemon => false,
        })
}

/// Whether a column begins a moment.
pub(super) fn is_new(timeline: &Timeline, column: usize) -> bool {
    let at = |column: usize| timeline.columns.get(column);
    column == 0 || at(column - 1) != at(column)
}

/// A moment in seconds, as the picture writes it.
pub(super) fn clock(at: Timestamp) -> String {
    let millis = at.as_millis();
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
