//! Ringing and routing: the audio edge behind two bounded queues.
//!
//! Input: ring orders, tones of calls, the chosen endpoint. Output: what is heard; for the core the
//! list of endpoints, the loss of the audio server, the microphone's own mute, and orders that came
//! to nothing.
//!
//! # Promises
//!
//! - **N1** the loop never waits for the audio server: ringing and routing have a thread each, so
//!   that a slow route change does not delay the end of ringing.
//! - **N2** of several orders to use an endpoint the newest counts, also while an older one is
//!   under way: the core has ended the others as superseded.
//! - **N4** an order ends here before the core gives it up ([`Limit::Route`]); what the audio
//!   server does after that shows in the devices all the same.
//! - **N3** a machine without sound rings on a null device, and calls go on.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use hookswitch_audio::{AudioError, Backend, EndpointList, Endpoints, Kind, Ringer, TonePlayer};
use hookswitch_bus::{Inbox, Input};
use hookswitch_core::{Environment, RingTone};
use hookswitch_model::{
    CallTone, Endpoint, EndpointId, EndpointKind, Limit, Limits, RouteFault, Text,
};
use tokio::sync::{mpsc, watch};

use crate::config::RingConfig;

/// Most ring orders that wait.
const RING_ORDERS_MAX: usize = 32;
/// Most route changes that wait.
const ROUTES_MAX: usize = 8;

/// What to ring, and which tone of a call to play. One queue, so that a tone is silent before
/// anything rings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RingOrder {
    /// This tone on these devices (none: the default), in place of what rings. A ringtone of an
    /// app's own stands in a file.
    Start(RingTone, Option<PathBuf>, Vec<EndpointId>),
    /// Nothing.
    Stop,
    /// This tone of a call on this device (none: where calls are), in place of the one before.
    StartTone(CallTone, Option<EndpointId>),
    /// No tone.
    StopTone,
}

/// Which endpoint to use.
#[derive(Clone, Debug)]
struct RouteOrder {
    endpoint: EndpointId,
    generation: u64,
}

/// The queues of the audio threads.
#[derive(Clone, Debug)]
pub struct Sound {
    rings: mpsc::Sender<RingOrder>,
    routes: SyncSender<RouteOrder>,
}

impl Sound {
    /// Starts both threads. The threads end when the queues are dropped.
    ///
    /// # Errors
    ///
    /// If the system gives no more threads.
    pub fn start(config: &RingConfig, limits: &Limits, inbox: Inbox) -> std::io::Result<Self> {
        let (rings, orders) = mpsc::channel(RING_ORDERS_MAX);
        let (to_thread, ring_orders) = sync_channel(RING_ORDERS_MAX);
        tokio::spawn(pass_on(orders, to_thread));
        let (routes, route_orders) = sync_channel(ROUTES_MAX);
        let config = config.clone();
        thread::Builder::new()
            .name("ring".to_owned())
            .spawn(move || ring_all(&config, &ring_orders))?;
        let (seen, lists) = watch::channel(EndpointList::default());
        tokio::spawn(tell_endpoints(lists, inbox.clone()));
        let within = order_max(limits);
        thread::Builder::new()
            .name("route".to_owned())
            .spawn(move || route_all(&route_orders, within, seen, &inbox))?;
        Ok(Self { rings, routes })
    }

    /// Queues that lead nowhere.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self {
            rings: mpsc::channel(1).0,
            routes: sync_channel(1).0,
        }
    }

    /// Orders the ringer.
    pub fn ring(&self, order: RingOrder) {
        if self.rings.try_send(order).is_err() {
            tell_lost("ring");
        }
    }

    /// Orders another endpoint; what is returned must be told to the core at once.
    pub fn route(&self, endpoint: EndpointId, generation: u64) -> Option<Environment> {
        let order = RouteOrder {
            endpoint,
            generation,
        };
        if self.routes.try_send(order).is_ok() {
            return None;
        }
        tell_lost("route");
        let fault = RouteFault::Refused;
        Some(Environment::RouteFailed { generation, fault })
    }
}

fn tell_lost(what: &str) {
    tracing::warn!(what, "audio is slow or has stopped; an order is lost");
}

/// Wakes the ring thread after the messages of the same step went out: it wants a processor for
/// itself, and an app should have its ask by then.
async fn pass_on(mut orders: mpsc::Receiver<RingOrder>, to_thread: SyncSender<RingOrder>) {
    while let Some(order) = orders.recv().await {
        tokio::task::yield_now().await;
        if to_thread.try_send(order).is_err() {
            tell_lost("ring");
        }
    }
}

fn ring_all(config: &RingConfig, orders: &Receiver<RingOrder>) {
    tell_unreadable(config);
    let mut ringer = Ringer::new(Backend::Auto);
    ringer.set_volume(config.volume);
    let mut tones = TonePlayer::new(Backend::Auto);
    for order in orders {
        match order {
            RingOrder::Start(..) if !config.enabled => {}
            RingOrder::Start(tone, own, on) => {
                let own = own.filter(|_| config.app_ringtones);
                start(&mut ringer, tone, own.as_deref(), &on, config);
            }
            RingOrder::Stop => ringer.stop(),
            RingOrder::StartTone(tone, on) => start_tone(&mut tones, tone, on.as_ref()),
            RingOrder::StopTone => tones.stop(),
        }
    }
}

fn start_tone(tones: &mut TonePlayer, tone: CallTone, on: Option<&EndpointId>) {
    use hookswitch_audio::CallTone::{Busy, Ended, Ringback};
    let tone = match tone {
        CallTone::Ringback => Ringback,
        CallTone::Busy => Busy,
        CallTone::Ended => Ended,
    };
    if let Err(error) = tones.start(tone, on.map(EndpointId::as_str)) {
        tracing::warn!(%error, "the tone of a call cannot be played");
    }
}

/// Says at the start what would come out at the first call.
fn tell_unreadable(config: &RingConfig) {
    let unreadable = config.file.as_ref().map(std::fs::File::open);
    if let Some(Err(error)) = unreadable {
        tracing::warn!(%error, "ring.file cannot be read; the shipped ringtone rings in its place");
    }
}

fn start(
    ringer: &mut Ringer,
    tone: RingTone,
    own: Option<&Path>,
    on: &[EndpointId],
    config: &RingConfig,
) {
    use hookswitch_audio::RingTone::{File, Ring, Waiting};
    let on: Vec<String> = on.iter().map(ToString::to_string).collect();
    let mut play = |tone| {
        if let Err(error) = ringer.start_on(tone, &on) {
            tracing::warn!(%error, "the ringtone cannot be played; the call is shown all the same");
        }
        let substituted = ringer.state().substituted;
        if let Some(error) = &substituted {
            tracing::warn!(%error, "the ringtone cannot be played; the next best one rings");
        }
        substituted.is_none()
    };
    if tone == RingTone::Waiting {
        play(Waiting);
        return;
    }
    // The app's, then the user's; where none of them can be played the shipped one rings already.
    let files: Vec<&Path> = own.into_iter().chain(config.file.as_deref()).collect();
    let is_played = files.iter().any(|file| play(File((*file).to_owned())));
    if files.is_empty() && !is_played {
        play(Ring);
    }
}

/// How long the audio server may take: less than the core waits, so that the core hears how an
/// order ended and does not have to give it up.
fn order_max(limits: &Limits) -> Duration {
    limits.time(Limit::Route) * 3 / 4
}

fn route_all(
    orders: &Receiver<RouteOrder>,
    within: Duration,
    seen: watch::Sender<EndpointList>,
    inbox: &Inbox,
) {
    let endpoints = match Endpoints::watch() {
        Ok(endpoints) => endpoints,
        Err(error) => {
            tracing::info!(%error, "audio devices are not watched");
            return;
        }
    };
    endpoints.on_change(move |list| {
        seen.send_replace(list.clone());
    });
    // Each order is handed over and not waited for: a newer one ends the one under way.
    while let Ok(first) = orders.recv() {
        let order = orders.try_iter().last().unwrap_or(first);
        let (inbox, generation) = (inbox.clone(), order.generation);
        let told = endpoints.order_default_sink(order.endpoint.as_str(), within, {
            let inbox = inbox.clone();
            move |result| tell_outcome(&inbox, generation, result)
        });
        if let Err(error) = told {
            tell_outcome(&inbox, generation, Err(error));
        }
    }
}

/// Success shows in the devices; the core has ended what was superseded.
fn tell_outcome(inbox: &Inbox, generation: u64, result: Result<(), AudioError>) {
    let error = match result {
        Ok(()) | Err(AudioError::Superseded) => return,
        Err(error) => error,
    };
    tracing::warn!(%error, "the audio device could not be chosen");
    let fault = fault(&error);
    let failed = Environment::RouteFailed { generation, fault };
    if let Err(error) = inbox.put(Input::Environment(failed)) {
        // The core has a deadline of its own for this order.
        tracing::warn!(%error, "the end of a route change is not told");
    }
}

fn fault(error: &AudioError) -> RouteFault {
    match error {
        AudioError::UnknownEndpoint(_) => RouteFault::Gone,
        AudioError::ServerSilent(_) => RouteFault::TimedOut,
        AudioError::NoServer { .. } | AudioError::Closed => RouteFault::ServerLost,
        AudioError::Superseded => RouteFault::Superseded,
        AudioError::NoSessionManager
        | AudioError::RateOutOfRange { .. }
        | AudioError::BadSound { .. }
        | AudioError::Busy { .. }
        | _ => RouteFault::Refused,
    }
}

async fn tell_endpoints(mut lists: watch::Receiver<EndpointList>, inbox: Inbox) {
    let mut muted = false;
    while lists.changed().await.is_ok() {
        let list = lists.borrow_and_update().clone();
        inbox.tell(environment(&list)).await;
        // A server that is away says nothing of its microphone.
        if list.missing.is_none() && list.microphone_muted != muted {
            muted = list.microphone_muted;
            inbox.tell(Environment::MicrophoneMuted(muted)).await;
        }
    }
}

fn environment(list: &EndpointList) -> Environment {
    if list.missing.is_some() {
        return Environment::AudioLost;
    }
    let mut endpoints = Vec::new();
    let mut route = None;
    for sink in &list.sinks {
        let Some(id) = EndpointId::new(&sink.id) else {
            continue;
        };
        if sink.is_default {
            route = Some(id.clone());
        }
        endpoints.push(Endpoint {
            kind: kind(sink.kind),
            name: name(&sink.description, &sink.id),
            id,
        });
    }
    Environment::Endpoints {
        list: endpoints,
        route,
    }
}

fn name(description: &str, id: &str) -> Text {
    let cut = |text: &str| {
        let end = (0..=Text::MAX_LEN.min(text.len()))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or_default();
        Text::new(&text[..end]).ok()
    };
    cut(description)
        .or_else(|| cut(id))
        .unwrap_or_else(|| Text::new("Audio device").expect("a fixed text"))
}

fn kind(kind: Kind) -> EndpointKind {
    match kind {
        Kind::Speaker => EndpointKind::Speaker,
        Kind::Handset => EndpointKind::Handset,
        Kind::Headset => EndpointKind::Headset,
        Kind::Bluetooth => EndpointKind::Bluetooth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_sink_is_the_route_and_long_names_are_cut() {
        let long = "ä".repeat(200);
        let list = EndpointList {
            revision: 1,
            sinks: vec![
                hookswitch_audio::Endpoint {
                    id: "alsa_output.pci".to_owned(),
                    description: long,
                    kind: Kind::Speaker,
                    is_default: false,
                },
                hookswitch_audio::Endpoint {
                    id: "bluez_output.1".to_owned(),
                    description: String::new(),
                    kind: Kind::Bluetooth,
                    is_default: true,
                },
            ],
            microphone_muted: false,
            missing: None,
        };
        let Environment::Endpoints { list, route } = environment(&list) else {
            panic!("endpoints");
        };
        assert_eq!(route, EndpointId::new("bluez_output.1"));
        assert_eq!(list[0].name.as_str().len(), 256);
        assert_eq!(list[1].name.as_str(), "bluez_output.1");
        assert_eq!(list[1].kind, EndpointKind::Bluetooth);
    }
}
