//! Pictures of a trace: who told whom what, and who had the audio.
//!
//! Input: a [`Trace`]. Output: text. Nothing here reads a clock or a file.
//!
//! # Promises
//!
//! - **Y1** the same trace gives the same bytes.
//! - **Y2** every picture is complete in itself: no font, script or image is fetched.
//! - **Y3** names are text, never markup, in each format.
//! - **Y4** no label lies on another label.
//!
//! # Not here
//!
//! What a trace holds, and that it holds no address: see [`crate::trace`].

mod bars;
mod escape;
mod html;
pub mod junit;
mod label;
mod layout;
mod markdown;
mod measure;
mod mermaid;
mod model;
mod perfetto;
mod style;
mod svg;
mod svg_chart;
pub mod terminal;
mod words;

pub use self::model::Timeline;
pub use self::style::Theme;
use crate::trace::{Line, Trace};

/// What a trace can become.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Form {
    /// Timeline and audio ownership as a picture.
    Svg,
    /// The same as a page that follows causes and time.
    Html,
    /// A Mermaid sequence diagram.
    Mermaid,
    /// Trace events for ui.perfetto.dev and chrome://tracing.
    Perfetto,
    /// A summary and a table in Markdown.
    Markdown,
    /// A row for each line, for a terminal.
    Text,
}

impl Form {
    /// The form that a file name's ending stands for.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "svg" => Some(Self::Svg),
            "html" => Some(Self::Html),
            "mmd" => Some(Self::Mermaid),
            "json" => Some(Self::Perfetto),
            "md" => Some(Self::Markdown),
            "txt" => Some(Self::Text),
            _ => None,
        }
    }

    /// Draws a trace.
    #[must_use]
    pub fn draw(self, trace: &Trace, theme: Theme) -> String {
        match self {
            Self::Svg => svg::svg(&Timeline::of(trace), theme),
            Self::Html => html::html(trace, theme),
            Self::Mermaid => mermaid::mermaid(trace),
            Self::Perfetto => perfetto::perfetto(trace),
            Self::Markdown => markdown::markdown(trace),
            Self::Text => text(trace),
        }
    }
}

fn text(trace: &Trace) -> String {
    let lines = trace.lines.iter().filter(|line| line.what != "publish");
    let lines: Vec<Line> = lines.cloned().collect();
    let rows = terminal::draw(&lines, 0);
    format!("{}\n{}\n", trace.head.title, rows.join("\n"))
}
