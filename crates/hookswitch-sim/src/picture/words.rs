//! What a picture shows, in sentences, for those who cannot see it.

use super::layout::clock;
use super::model::Timeline;

/// Most steps that are told.
const STEPS_MAX: usize = 60;

/// The whole timeline in words.
pub(super) fn told(timeline: &Timeline) -> String {
    let mut out = String::new();
    for arrow in timeline.arrows.iter().take(STEPS_MAX) {
        let at = timeline
            .columns
            .get(arrow.column)
            .copied()
            .unwrap_or_default();
        let name = |stop: Option<&usize>| {
            let lane = stop.and_then(|stop| timeline.lanes.get(*stop));
            lane.map_or(String::new(), |lane| lane.title())
        };
        let (from, to) = (name(arrow.stops.first()), name(arrow.stops.last()));
        let to = if arrow.stops.len() > 1 {
            format!(" to {to}")
        } else {
            String::new()
        };
        out.push_str(&format!(
            "At {} s, {from}{to}: {}. ",
            clock(at),
            arrow.label
        ));
    }
    out.trim_end().to_owned()
}
