//! The table as one HTML page without scripts.

use core::fmt::Write as _;

use super::{Coverage, EVENTS, Mark, STATES, mark};

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#1d2433}\
table{border-collapse:collapse}th,td{border:1px solid #d5dae3;padding:2px 6px;text-align:right}\
th{font-weight:500;text-align:left;background:#f5f6f9}thead th{vertical-align:bottom;width:5rem}\
.met{background:#e3f4e8}.refused{background:#fdf3d8}.out{color:#98a0ae;background:#fafafa}\
.missing{background:#fbdcdc;font-weight:600}";

/// Writes the page.
#[must_use]
pub fn html(coverage: &Coverage) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>State x event</title>\
         <style>{STYLE}</style><h1>State × event</h1><p>How often each event met a call in each \
         state. Green: something followed. Yellow: always refused by name or without effect. \
         Gray: cannot happen (the reason is in the tooltip). Red: not met so far.</p>\
         <table><thead><tr><th>event</th>"
    );
    for state in STATES {
        let _ = write!(out, "<th>{state}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for event in EVENTS {
        let _ = write!(out, "<tr><th>{event}</th>");
        for state in STATES {
            out.push_str(&field(coverage, state, event));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></html>\n");
    out
}

fn field(coverage: &Coverage, state: &'static str, event: &'static str) -> String {
    let tally = coverage.tally((state, event)).unwrap_or_default();
    let told = format!(
        "{} done, {} refused, {} without effect",
        tally.done, tally.refused, tally.ignored
    );
    match mark(coverage, (state, event)) {
        Mark::Met => {
            let class = if tally.done > 0 { "met" } else { "refused" };
            let count = tally.count();
            format!("<td class=\"{class}\" title=\"{told}\">{count}</td>")
        }
        Mark::OutOfReach(reason) => format!("<td class=\"out\" title=\"{reason}\">·</td>"),
        Mark::Missing => "<td class=\"missing\" title=\"not met so far\">?</td>".to_owned(),
        Mark::Contradicted(reason) => {
            format!("<td class=\"missing\" title=\"declared: {reason}\">!</td>")
        }
    }
}
