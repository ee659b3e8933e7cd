//! The audio-ownership chart: bars on the columns of the timeline above.

use std::fmt::Write as _;

use super::bars::{Look, Row, Span};
use super::escape::xml;
use super::layout::{Layout, MARGIN, TEXT, bar_text};
use super::measure::{clip, width};
use super::model::Timeline;

/// From one line to the next.
const ROW: f64 = 40.0;
/// The height of a bar.
const BAR: f64 = 30.0;

/// Draws the chart from `top` on; gives it and where it ends.
pub(super) fn chart(timeline: &Timeline, layout: &Layout, top: f64) -> (String, f64) {
    let mut out = String::new();
    if timeline.rows.is_empty() {
        return (out, top - 14.0);
    }
    let _ = writeln!(
        out,
        "<text class=\"k\" x=\"{MARGIN}\" y=\"{top:.1}\">Who has the audio</text>\
         <path class=\"lane\" d=\"M{MARGIN} {:.1}H{:.1}\"/>",
        top + 11.0,
        layout.right
    );
    let mut y = top + 24.0;
    for row in &timeline.rows {
        let name = clip(&row.label, TEXT * 1.06, layout.left - MARGIN - 4.0);
        let _ = writeln!(
            out,
            "<text class=\"k\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>",
            y + BAR / 2.0 + 4.0,
            xml(&name)
        );
        for (number, span) in row.spans.iter().enumerate() {
            bar(&mut out, row, number, span, layout, y);
        }
        y += ROW;
    }
    (out, y)
}

fn bar(out: &mut String, row: &Row, number: usize, span: &Span, layout: &Layout, y: f64) {
    let from = layout.x(span.from);
    let to = span.to.map_or(layout.right, |to| layout.x(to));
    let wide = (to - from - 2.0).max(2.0);
    let (shape, face) = match span.look {
        Look::Owner => ("class=\"own\"", "ownt"),
        Look::Held => ("class=\"heldb\"", "heldt"),
        Look::Asked => ("class=\"asked\"", "t"),
        Look::Silent => ("class=\"silent\" style=\"fill:url(#tl-b)\"", "silt halo"),
        Look::Nobody => ("class=\"nob\" style=\"fill:url(#tl-n)\"", "t halo"),
        Look::Strip => ("class=\"strip\"", "t"),
    };
    let whole = span.texts.first().map_or("", String::as_str);
    let _ = write!(
        out,
        "<g class=\"bar\" data-from=\"{}\"><title>{}</title><rect {shape} x=\"{:.1}\" \
         y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{BAR}\" rx=\"6\"/>",
        span.from,
        xml(&format!("{}: {whole}", row.label)),
        from + 1.0
    );
    let fits = |text: &&String| bar_text(text) <= wide + 4.0;
    if let Some(text) = span.texts.iter().find(fits) {
        let _ = write!(
            out,
            "<text class=\"{face}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            from + 10.0,
            y + BAR / 2.0 + 4.0,
            xml(text)
        );
    } else if let Some(text) = span.texts.last().filter(|_| span.look == Look::Nobody) {
        let next = row.spans.get(number + 1).map(|next| layout.x(next.from));
        let room = next.unwrap_or(layout.right) - to;
        if width(text, TEXT) + 14.0 <= room {
            let _ = write!(
                out,
                "<text class=\"t halo\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                to + 6.0,
                y + BAR / 2.0 + 4.0,
                xml(text)
            );
        }
    }
    out.push_str("</g>\n");
}
