//! Pictures of a trace: who told whom what, and who had the audio.
//!
//! Input: a [`Trace`](crate::trace::Trace). Output: text. Nothing here reads a clock or a file.
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
mod label;
mod layout;
mod measure;
mod model;
mod svg;
mod svg_chart;
mod style;
mod words;
pub mod terminal;

pub use self::model::Timeline;
pub use self::style::Theme;
pub use self::svg::svg;
