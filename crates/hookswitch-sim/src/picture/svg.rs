//! The call timeline with the audio-ownership chart below, as SVG.

use std::fmt::Write as _;

use super::escape::xml;
use super::layout::{BOLD, LANE, Layout, MARGIN, TEXT, clock, is_below, is_new};
use super::measure::{clip, width, wrap};
use super::model::{Arrow, Timeline, Tone};
use super::style::{Theme, sheet};
use super::svg_chart::chart;

/// A circle's radius.
const DOT: f64 = 5.5;

/// The drawing as a file of its own.
#[must_use]
pub fn svg(timeline: &Timeline, theme: Theme) -> String {
    let style = format!("<style>{}</style>", sheet(theme));
    drawing(timeline, &style)
}

/// The drawing with the given beginning of its content.
pub(super) fn drawing(timeline: &Timeline, style: &str) -> String {
    let layout = Layout::of(timeline);
    let mut body = String::new();
    let top = heading(&mut body, timeline, &layout);
    let lanes = Lanes::of(timeline, top + 62.0);
    let end = lanes.y(timeline.lanes.len().saturating_sub(1)) + 34.0;
    let (rows, bottom) = chart(timeline, &layout, end + 14.0);
    columns(&mut body, timeline, &layout, top, bottom);
    lane_lines(&mut body, timeline, &layout, &lanes);
    waits(&mut body, timeline, &layout, &lanes);
    links(&mut body, timeline, &layout, &lanes);
    for arrow in &timeline.arrows {
        draw_arrow(&mut body, arrow, &layout, &lanes);
    }
    wait_texts(&mut body, timeline, &layout, &lanes);
    for arrow in &timeline.arrows {
        draw_label(&mut body, timeline, arrow, &layout, &lanes);
    }
    body.push_str(&rows);
    let height = legend(&mut body, timeline, &layout, bottom);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {w:.0} {height:.0}\" role=\"img\" aria-labelledby=\"tl-t tl-d\">\
         <title id=\"tl-t\">{}</title><desc id=\"tl-d\">{}</desc>{style}\n{DEFS}\n\
         <rect class=\"page\" x=\".5\" y=\".5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"18\"/>\n",
        xml(&timeline.head.title),
        xml(&super::words::told(timeline)),
        layout.width - 1.0,
        height - 1.0,
        w = layout.width,
    );
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

/// Patterns carry meaning together with color.
const DEFS: &str = "<defs><pattern id=\"tl-n\" width=\"7\" height=\"7\" \
    patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"hatch\" \
    d=\"M0 0V7\" stroke-width=\"1.5\"/></pattern><pattern id=\"tl-b\" width=\"6\" height=\"6\" \
    patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\"><path class=\"hatchb\" \
    d=\"M0 0V6\" stroke-width=\"2\"/></pattern></defs>";

/// Room above the lanes of a device, for its name.
const GROUP: f64 = 26.0;

/// Where the lanes are.
struct Lanes {
    ys: Vec<f64>,
}

impl Lanes {
    fn of(timeline: &Timeline, top: f64) -> Self {
        let mut gaps = 0.0;
        let lanes = timeline.lanes.iter().enumerate();
        let ys = lanes.map(|(number, _)| {
            gaps += if begins(timeline, number) { GROUP } else { 0.0 };
            top + LANE * number as f64 + gaps
        });
        Self { ys: ys.collect() }
    }

    fn y(&self, lane: usize) -> f64 {
        self.ys.get(lane).copied().unwrap_or_default()
    }
}

/// Whether the lanes of a device begin or end here.
fn begins(timeline: &Timeline, lane: usize) -> bool {
    let device = |lane: usize| {
        timeline
            .lanes
            .get(lane)
            .and_then(|lane| lane.device.as_deref())
    };
    let before = lane.checked_sub(1).and_then(device);
    device(lane) != before
}

/// Title, what was played, and whether it is as expected. Gives the line of the times.
fn heading(body: &mut String, timeline: &Timeline, layout: &Layout) -> f64 {
    let head = &timeline.head;
    let room = layout.width - 2.0 * MARGIN;
    let mut y = MARGIN + 14.0;
    for line in wrap(&head.title, 17.0 * BOLD, room).iter().take(3) {
        let _ = writeln!(
            body,
            "<text class=\"h\" x=\"{MARGIN}\" y=\"{y}\">{}</text>",
            xml(line)
        );
        y += 24.0;
    }
    let run = format!("profile {}, seed {}", head.profile, head.seed);
    let _ = writeln!(body, "<text x=\"{MARGIN}\" y=\"{y}\">{}</text>", xml(&run));
    let mut x = MARGIN + width(&run, TEXT) + 18.0;
    let kept = head.checks.saturating_sub(head.unmet.len());
    if head.checks > 0 {
        let text = format!("\u{2713} {kept} of {} expectations hold", head.checks);
        x = pill(body, x, y, &text, "okp", "okt", room);
    }
    if !head.unmet.is_empty() {
        let text = format!("\u{2715} {} broken", head.unmet.len());
        pill(body, x, y, &text, "badp", "badt", room);
    }
    for unmet in head.unmet.iter().take(3) {
        y += 22.0;
        let text = format!(
            "Line {}: expected {}, but {}",
            unmet.line, unmet.expected, unmet.found
        );
        let text = clip(&text.replace('\n', " "), TEXT * 1.06, room);
        let _ = writeln!(
            body,
            "<text class=\"badt\" x=\"{MARGIN}\" y=\"{y}\">{}</text>",
            xml(&text)
        );
    }
    y + 38.0
}

fn pill(body: &mut String, x: f64, y: f64, text: &str, back: &str, face: &str, room: f64) -> f64 {
    let text = clip(text, TEXT, room - x);
    let wide = width(&text, TEXT * BOLD) + 20.0;
    let _ = writeln!(
        body,
        "<rect class=\"{back}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"24\" \
         rx=\"12\"/><text class=\"b {face}\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
        y - 16.5,
        x + 10.0,
        xml(&text)
    );
    x + wide + 10.0
}

/// The moments on top and their dotted lines.
fn columns(body: &mut String, timeline: &Timeline, layout: &Layout, top: f64, bottom: f64) {
    let _ = writeln!(
        body,
        "<text class=\"m\" x=\"{MARGIN}\" y=\"{top}\">virtual s</text>"
    );
    for (column, at) in timeline.columns.iter().enumerate() {
        let x = layout.x(column);
        let _ = writeln!(
            body,
            "<path class=\"col\" d=\"M{x:.1} {:.1}V{bottom:.1}\"/>",
            top + 10.0
        );
        if is_new(timeline, column) {
            let _ = writeln!(
                body,
                "<text class=\"m\" x=\"{x:.1}\" y=\"{top}\" text-anchor=\"middle\">{}</text>",
                clock(*at)
            );
        }
    }
}

fn lane_lines(body: &mut String, timeline: &Timeline, layout: &Layout, lanes: &Lanes) {
    for (number, lane) in timeline.lanes.iter().enumerate() {
        let y = lanes.y(number);
        if begins(timeline, number) {
            let name = lane.device.as_deref().unwrap_or_default();
            let _ = writeln!(
                body,
                "<path class=\"col\" d=\"M{MARGIN} {line:.1}H{:.1}\"/>\
                 <text class=\"b t\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>",
                layout.right,
                y - 30.0,
                xml(name),
                line = y - 48.0
            );
        }
        let _ = writeln!(
            body,
            "<path class=\"lane\" d=\"M{:.1} {y:.1}H{:.1}\"/>\
             <text class=\"k\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>",
            layout.left,
            layout.right,
            y + 4.0,
            xml(&lane.label)
        );
    }
}

/// How long somebody worked, or kept others waiting.
fn waits(body: &mut String, timeline: &Timeline, layout: &Layout, lanes: &Lanes) {
    for wait in &timeline.waits {
        let (from, to) = (
            layout.x(wait.from) + DOT + 3.0,
            layout.x(wait.to) - DOT - 3.0,
        );
        let y = lanes.y(wait.lane);
        let wide = (to - from).max(1.0);
        let shape = match wait.tone {
            Tone::Plain => "class=\"work\" height=\"6\" rx=\"3\"".to_owned(),
            Tone::Bad => {
                "class=\"silent\" height=\"14\" rx=\"3\" style=\"fill:url(#tl-b)\"".to_owned()
            }
        };
        let high = if wait.tone == Tone::Plain { 3.0 } else { 7.0 };
        let _ = writeln!(
            body,
            "<rect {shape} x=\"{from:.1}\" y=\"{:.1}\" width=\"{wide:.1}\"/>",
            y - high
        );
    }
}

/// How long it took, in front of the arrows.
fn wait_texts(body: &mut String, timeline: &Timeline, layout: &Layout, lanes: &Lanes) {
    let mut taken: Vec<(usize, f64)> = Vec::new();
    for wait in timeline.waits.iter().filter(|wait| !wait.text.is_empty()) {
        let (from, to) = (layout.x(wait.from), layout.x(wait.to));
        let (middle, half) = (
            f64::midpoint(from, to),
            width(&wait.text, TEXT * BOLD) / 2.0,
        );
        let meets = |(lane, end): &(usize, f64)| *lane == wait.lane && middle - half < *end;
        if 2.0 * half > to - from || taken.iter().any(meets) {
            continue;
        }
        taken.push((wait.lane, middle + half + 6.0));
        let face = if wait.tone == Tone::Plain {
            "s"
        } else {
            "badt"
        };
        let _ = writeln!(
            body,
            "<text class=\"{face} halo\" data-label=\"{}\" x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{}</text>",
            wait.to,
            middle,
            lanes.y(wait.lane) - 12.0,
            xml(&wait.text)
        );
    }
}

/// From a cause to what it led to, where no arrow shows it.
fn links(body: &mut String, timeline: &Timeline, layout: &Layout, lanes: &Lanes) {
    for link in &timeline.links {
        let (from, to) = (layout.x(link.from) + DOT + 2.0, layout.x(link.to));
        let (high, low) = (lanes.y(link.from_lane), lanes.y(link.along));
        let path = if link.from_lane == link.along {
            format!("M{from:.1} {low:.1}H{:.1}", to - DOT - 2.0)
        } else if link.is_up {
            let start = high + DOT + 2.0;
            let corner = layout.x(link.from);
            format!("M{corner:.1} {start:.1}V{low:.1}H{:.1}", to - DOT - 2.0)
        } else {
            let stop = if high < low {
                low - DOT - 2.0
            } else {
                low + DOT + 2.0
            };
            format!("M{from:.1} {high:.1}H{to:.1}V{stop:.1}")
        };
        let _ = writeln!(body, "<path class=\"link\" d=\"{path}\"/>");
    }
}

fn draw_arrow(body: &mut String, arrow: &Arrow, layout: &Layout, lanes: &Lanes) {
    let x = layout.x(arrow.column);
    let bad = if arrow.tone == Tone::Bad { " bad" } else { "" };
    let cause = arrow
        .cause
        .map_or(String::new(), |cause| format!(" data-cause=\"{cause}\""));
    let _ = write!(
        body,
        "<g class=\"a\" data-seq=\"{}\"{cause} data-column=\"{}\"><title>{}</title>",
        arrow.seq,
        arrow.column,
        xml(&arrow.title)
    );
    for pair in arrow.stops.windows(2) {
        let (from, to) = (lanes.y(pair[0]), lanes.y(pair[1]));
        let down = if from < to { 1.0 } else { -1.0 };
        let tip = to - down * (DOT + 2.0);
        let _ = write!(
            body,
            "<path class=\"arr{bad}\" d=\"M{x:.1} {:.1}V{:.1}\"/>\
             <path class=\"tip{bad}\" d=\"M{x:.1} {tip:.1}l-4 {:.1}h8z\"/>",
            from + down * DOT,
            tip - down * 5.0,
            -8.0 * down
        );
    }
    for (number, stop) in arrow.stops.iter().enumerate() {
        let kind = if number == 0 { "evf" } else { "ev" };
        let y = lanes.y(*stop);
        if arrow.stops.len() == 1 {
            let _ = write!(
                body,
                "<path class=\"evf{bad}\" d=\"M{x:.1} {:.1}l6 6-6 6-6-6z\"/>",
                y - 6.0
            );
        } else {
            let _ = write!(
                body,
                "<circle class=\"{kind}{bad}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{DOT}\"/>"
            );
        }
    }
    body.push_str("</g>\n");
}

fn draw_label(
    body: &mut String,
    timeline: &Timeline,
    arrow: &Arrow,
    layout: &Layout,
    lanes: &Lanes,
) {
    let shift = if is_below(timeline, arrow.at) {
        22.0
    } else {
        -13.0
    };
    let face = if arrow.tone == Tone::Bad { "badt" } else { "t" };
    let _ = writeln!(
        body,
        "<text class=\"{face} halo\" data-label=\"{}\" x=\"{:.1}\" y=\"{:.1}\" \
         text-anchor=\"middle\">{}</text>",
        arrow.column,
        layout.x(arrow.column),
        lanes.y(arrow.at) + shift,
        xml(&arrow.label)
    );
}

/// What the shapes mean. Gives the height of the picture.
fn legend(body: &mut String, timeline: &Timeline, layout: &Layout, top: f64) -> f64 {
    let y = top + 26.0;
    let mut x = MARGIN;
    let mut add = |shape: &str, text: &str| {
        let wide = width(text, 12.0);
        if x + 20.0 + wide > layout.width - MARGIN {
            return;
        }
        let _ = writeln!(
            body,
            "<g transform=\"translate({x:.1} {y:.1})\">{shape}</g>\
             <text class=\"s\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 26.0,
            y + 4.0,
            xml(text)
        );
        x += wide + 46.0;
    };
    add("<circle class=\"evf\" cx=\"9\" cy=\"0\" r=\"5\"/>", "sends");
    add(
        "<circle class=\"ev\" cx=\"9\" cy=\"0\" r=\"5\"/>",
        "receives",
    );
    add("<path class=\"link\" d=\"M0 0H20\"/>", "leads to");
    add(
        "<rect class=\"work\" y=\"-3\" width=\"20\" height=\"6\" rx=\"3\"/>",
        "time to answer",
    );
    let late = "<rect class=\"silent\" y=\"-6\" width=\"20\" height=\"12\" rx=\"3\" \
                style=\"fill:url(#tl-b)\"/>";
    add(late, "too late, or without audio");
    if timeline.left_out > 0 {
        let text = format!("{} later lines are in the trace only", timeline.left_out);
        add("", &text);
    }
    y + 24.0
}
