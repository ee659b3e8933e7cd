//! Ringing and routing: the audio edge behind a state of what is to be heard and a bounded queue.
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
//! - **N5** no order to ring or to be silent is lost ([`wanted`]), and the tone after a call ends
//!   by itself at the latest at [`Limit::Tone`].

mod wanted;

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use hookswitch_audio::{AudioError, Backend, EndpointList, Endpoints, Kind, Ringer, TonePlayer};
use hookswitch_bus::{Inbox, Input};
use hookswitch_core::{Environment, RingTone};
use hookswitch_model::{
    CallTone, Endpoint, EndpointId, EndpointKind, Limit, Limits, RouteFault, Text,
};
use tokio::sync::watch;

pub use self::wanted::RingOrder;
use self::wanted::Wanted;
use crate::config::RingConfig;

/// Most route changes that wait.
const ROUTES_MAX: usize = 8;

/// Which endpoint to use.
#[derive(Clone, Debug)]
struct RouteOrder {
    endpoint: EndpointId,
    generation: u64,
}

/// What the audio threads are told.
#[derive(Clone, Debug)]
pub struct Sound {
    wanted: watch::Sender<Wanted>,
    routes: SyncSender<RouteOrder>,
}

impl Sound {
    /// Starts both threads. The threads end when this is dropped.
    ///
    /// # Errors
    ///
    /// If the system gives no more threads.
    pub fn start(config: &RingConfig, limits: &Limits, inbox: Inbox) -> std::io::Result<Self> {
        let (wanted, told) = watch::channel(Wanted::default());
        let (to_thread, wakes) = sync_channel(1);
        tokio::spawn(wake(told.clone(), to_thread));
        let (routes, route_orders) = sync_channel(ROUTES_MAX);
        let (config, parting_max) = (config.clone(), limits.time(Limit::Tone));
        thread::Builder::new()
            .name("ring".to_owned())
            .spawn(move || ring_all(&config, parting_max, &wakes, &told))?;
        let (seen, lists) = watch::channel(EndpointList::default());
        tokio::spawn(tell_endpoints(lists, inbox.clone()));
        let within = order_max(limits);
        thread::Builder::new()
            .name("route".to_owned())
            .spawn(move || route_all(&route_orders, within, seen, &inbox))?;
        Ok(Self { wanted, routes })
    }

    /// Threads that are not there.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self {
            wanted: watch::channel(Wanted::default()).0,
            routes: sync_channel(1).0,
        }
    }

    /// Orders the ringer.
    pub fn ring(&self, order: RingOrder) {
        self.wanted.send_modify(|wanted| wanted.set(order));
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
        tracing::warn!("audio is slow or has stopped; a route change is lost");
        let fault = RouteFault::Refused;
        Some(Environment::RouteFailed { generation, fault })
    }
}

/// Wakes the ring thread after the messages of the same step went out: it wants a processor for
/// itself, and an app should have its ask by then.
async fn wake(mut wanted: watch::Receiver<Wanted>, thread: SyncSender<()>) {
    while wanted.changed().await.is_ok() {
        tokio::task::yield_now().await;
        // A thread that has not taken its last wake yet will find the newest state.
        if let Err(TrySendError::Disconnected(())) = thread.try_send(()) {
            tracing::warn!("the ring thread has stopped; start Hookswitch again to hear calls");
            return;
        }
    }
}

fn ring_all(
    config: &RingConfig,
    parting_max: Duration,
    wakes: &Receiver<()>,
    wanted: &watch::Receiver<Wanted>,
) {
    tell_unreadable(config);
    let mut ringer = Ringer::new(Backend::Auto);
    ringer.set_volume(config.volume);
    let mut tones = TonePlayer::new(Backend::Auto);
    let mut heard = Wanted::default();
    for () in wakes {
        let newest = wanted.borrow().clone();
        for order in newest.since(&heard) {
            match order {
                RingOrder::Start(..) if !config.enabled => {}
                RingOrder::Start(tone, own, on) => {
                    let own = own.filter(|_| config.app_ringtones);
                    start(&mut ringer, tone, own.as_deref(), &on, config);
                }
                RingOrder::Stop => ringer.stop(),
                RingOrder::StartTone(tone, on) => {
                    start_tone(&mut tones, tone, on.as_ref(), parting_max);
                }
                RingOrder::StopTone => tones.stop(),
            }
        }
        heard = newest;
    }
}

fn start_tone(
    tones: &mut TonePlayer,
    tone: CallTone,
    on: Option<&EndpointId>,
    parting_max: Duration,
) {
    use hookswitch_audio::CallTone::{Busy, Ended, Ringback};
    let (tone, most) = match tone {
        CallTone::Ringback => (Ringback, None),
        CallTone::Busy => (Busy, Some(parting_max)),
        CallTone::Ended => (Ended, Some(parting_max)),
    };
    if let Err(error) = tones.start(tone, on.map(EndpointId::as_str), most) {
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
