//! The limits of a daemon as header lines of a story.

use hookswitch_model::Limits;
use hookswitch_model::limits::TABLE;
use hookswitch_wire::trace::write_span;

/// The header lines of limits that are not those of the profile.
pub(super) fn lines(limits: &Limits) -> Vec<String> {
    let usual = Limits::of(limits.profile);
    let mut out = Vec::new();
    for row in &TABLE {
        let (value, plain) = if row.is_time {
            (
                write_span(limits.time(row.limit)),
                write_span(usual.time(row.limit)),
            )
        } else {
            let count = |limits: &Limits| limits.count(row.limit).to_string();
            (count(limits), count(&usual))
        };
        if value != plain {
            out.push(format!("limits {}={value}", row.name));
        }
    }
    out
}
