//! Where it rings, as a list of choices.
//!
//! The default, every device, then each device; last a chosen one that is away, so that a choice
//! is never without its row.

use hookswitch_model::{Endpoint, RingOn, Snapshot};

use super::types::RingPlace;
use super::words::audio;
use crate::json::RequestBody;

/// The choices.
pub(super) fn places(snapshot: &Snapshot) -> Vec<RingPlace> {
    let chosen = &snapshot.ring_on;
    let row = |on: RingOn, label: &str, detail: Option<&str>| RingPlace {
        label: label.to_owned(),
        detail: detail.map(str::to_owned),
        chosen: on == *chosen,
        request: RequestBody::from(&on),
    };
    let device = |one: &Endpoint| row(RingOn::Device(one.id.clone()), one.name.as_str(), None);
    let mut places = vec![
        row(RingOn::Default, audio::RING_DEFAULT, None),
        row(RingOn::Everywhere, audio::RING_EVERYWHERE, None),
    ];
    places.extend(snapshot.endpoints.iter().map(device));
    if places.iter().all(|place| !place.chosen) {
        let away = Some(audio::RING_AWAY_MEANWHILE);
        places.push(row(chosen.clone(), audio::RING_AWAY, away));
    }
    places
}
