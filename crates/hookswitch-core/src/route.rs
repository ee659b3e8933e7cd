//! The route: which audio device calls use. Wanted, in use, why, and in which generation.
//!
//! Input: devices and the one in use, as the audio server tells them; the user's choices; the
//! calls. Output: orders to the audio server, each settled once within [`Limit::Route`].
//!
//! # Promises
//!
//! - **RT1** what is in use is what the audio server says; a wish is a wish until the server says
//!   so.
//! - **RT2** a newer order takes the place of an older one, which ends as superseded.
//! - **RT3** the user's choice stays with its call: no app and no program changes it for good, only
//!   the user and the hardware do (A7). Programs that insist win in the end, so that two of them
//!   cannot fight for ever.
//! - **RT4** when the last call is over the device from before the first one is used again, and the
//!   next call starts from the default (A8).
//! - **RT7** a device that comes into use after its order was given up is in use, with the cause of
//!   the order.
//! - **RT6** an app has a say in the device of its own call while that call has the audio and the
//!   user has not chosen one for it ([`crate::route_ask`]).
//! - **RT5** a wished device that went away and comes back is used again.

use hookswitch_model::{
    CallId, ClientId, Endpoint, EndpointId, EndpointKind, Limit, PhaseKind, Profile, Rejection,
    RequestId, RouteCause, RouteFault, RouteSnapshot, Text,
};

use crate::Core;
use crate::deadline::Wait;
use crate::effect::{Accepted, Effect};
use crate::event::Requester;
use crate::state::Call;

/// A device somebody wants, and who.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Desire {
    pub(crate) endpoint: EndpointId,
    pub(crate) cause: RouteCause,
}

impl Desire {
    /// A person chose it, as against a rule or an app.
    pub(crate) fn is_chosen(&self) -> bool {
        matches!(self.cause, RouteCause::User | RouteCause::AnsweringDevice)
    }
}

/// An order that the audio server has not carried out.
#[derive(Clone, Debug)]
struct Order {
    endpoint: EndpointId,
    cause: RouteCause,
    generation: u64,
    /// The app that asked for it.
    asker: Option<ClientId>,
}

/// What is known of the devices.
#[derive(Debug, Default)]
pub(crate) struct Routing {
    pub(crate) endpoints: Vec<Endpoint>,
    effective: Option<EndpointId>,
    cause: RouteCause,
    desired: Option<Desire>,
    order: Option<Order>,
    fault: Option<RouteFault>,
    /// What was given up for lack of an answer: the audio server may still do it.
    late: Option<Desire>,
    generation: u64,
    lost: Option<Text>,
    /// The device in use when no call needs one.
    home: Option<EndpointId>,
    /// There are calls, so `home` stands still.
    in_calls: bool,
    /// The call whose wishes count.
    owner: Option<CallId>,
    restores: usize,
    /// The devices before the audio server went away.
    before_loss: Vec<EndpointId>,
    /// The audio server came back and has not found the desired device yet.
    restarting: bool,
}

/// What a new list of devices means.
struct Change {
    first: bool,
    returned: bool,
    added: Vec<EndpointId>,
    moved: bool,
}

/// One entry of the order in which a device is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pick {
    /// A device of this kind.
    Kind(EndpointKind),
    /// What the user has set for everything else.
    Default,
}

use EndpointKind::{Bluetooth, Handset, Headset, Speaker};
use Pick::{Default as UserDefault, Kind};

/// On a phone: what is worn or held, and the loudspeaker for a picture at arm's length.
const PHONE_AUDIO: &[Pick] = &[Kind(Bluetooth), Kind(Headset), Kind(Handset), UserDefault];
const PHONE_VIDEO: &[Pick] = &[Kind(Bluetooth), Kind(Headset), Kind(Speaker), UserDefault];
/// On a desk the user has set what is to be used, and calls go there too.
const DESK: &[Pick] = &[UserDefault];
/// Devices that a call moves to when they appear, because somebody has just put them on.
const TAKES_OVER: &[EndpointKind] = &[Bluetooth, Headset];

/// Where a call begins: a machine with a handset is a phone. Apple's policy is that of a phone.
fn policy(profile: Profile, has_handset: bool, video: bool) -> &'static [Pick] {
    match (profile, has_handset, video) {
        (Profile::Native, false, _) => DESK,
        (Profile::Native | Profile::CallKit, _, false) => PHONE_AUDIO,
        (Profile::Native | Profile::CallKit, _, true) => PHONE_VIDEO,
    }
}

impl Routing {
    /// The device in use.
    pub(crate) fn effective(&self) -> Option<&EndpointId> {
        self.effective.as_ref()
    }

    pub(crate) fn is_listed(&self, id: &EndpointId) -> bool {
        self.endpoints.iter().any(|one| one.id == *id)
    }

    fn name_of(&self, id: &EndpointId) -> Option<Text> {
        let found = self.endpoints.iter().find(|one| one.id == *id);
        found.map(|one| one.name.clone())
    }

    fn find(&self, pick: Pick) -> Option<&EndpointId> {
        match pick {
            Pick::Kind(kind) => {
                let found = self.endpoints.iter().find(|one| one.kind == kind);
                found.map(|one| &one.id)
            }
            Pick::Default => self.home.as_ref().filter(|home| self.is_listed(home)),
        }
    }

    /// The default for a call.
    fn default_for(&self, profile: Profile, video: bool) -> Option<EndpointId> {
        let has_handset = self.endpoints.iter().any(|one| one.kind == Handset);
        let mut order = policy(profile, has_handset, video).iter();
        order.find_map(|pick| self.find(*pick)).cloned()
    }

    pub(crate) fn snapshot(&self) -> RouteSnapshot {
        RouteSnapshot {
            desired: self.desired.as_ref().map(|desire| desire.endpoint.clone()),
            effective: self.effective.clone(),
            cause: self.cause,
            generation: self.generation,
            pending: self.order.as_ref().map(|order| order.endpoint.clone()),
            fault: self.fault,
            lost: self.lost.clone(),
        }
    }

    /// Compares a new list with the old one.
    fn change(&self, list: &[Endpoint], returned: bool) -> Change {
        let known = |id: &EndpointId| match returned {
            true => self.before_loss.contains(id),
            false => self.is_listed(id) || (self.restarting && self.before_loss.contains(id)),
        };
        let fresh = list.iter().map(|one| &one.id).filter(|id| !known(id));
        Change {
            first: self.endpoints.is_empty() && !returned,
            returned,
            added: fresh.cloned().collect(),
            moved: false,
        }
    }

    /// Why the audio server uses another device now.
    fn cause_of(&self, route: Option<&EndpointId>, change: &Change) -> RouteCause {
        let is = |wanted: &EndpointId| Some(wanted) == route;
        let ordered = self.order.as_ref().filter(|order| is(&order.endpoint));
        let wished = [self.desired.as_ref(), self.late.as_ref()].into_iter();
        let mut wished = wished.flatten().filter(|desire| is(&desire.endpoint));
        let lost = self
            .effective
            .as_ref()
            .is_some_and(|old| !self.is_listed(old));
        match (ordered, route) {
            (Some(order), _) => order.cause,
            (None, None) => RouteCause::NoDevice,
            _ if change.returned || self.restarting => RouteCause::ServerRestarted,
            _ if change.first && self.effective.is_none() => RouteCause::Unknown,
            _ if lost => RouteCause::DeviceLost,
            (None, Some(id)) if change.added.contains(id) => RouteCause::DeviceAdded,
            _ => wished
                .next()
                .map_or(RouteCause::Elsewhere, |desire| desire.cause),
        }
    }
}

impl Core {
    /// The audio server tells its devices and the one in use.
    pub(crate) fn on_endpoints(&mut self, list: Vec<Endpoint>, route: Option<EndpointId>) {
        let returned = self.audio_is_up();
        let mut change = self.routing.change(&list, returned);
        let former = self.routing.effective.clone();
        let former_name = former.and_then(|id| self.routing.name_of(&id));
        self.dirty |= self.routing.endpoints != list;
        self.routing.endpoints = list;
        self.routing.restarting |= returned && self.routing.in_calls;
        change.moved = self.observe(route, &change, former_name);
        self.settle_by_what_is();
        self.keep_route(&change);
    }

    /// Takes over what the audio server uses; says whether it is another device.
    fn observe(
        &mut self,
        route: Option<EndpointId>,
        change: &Change,
        former: Option<Text>,
    ) -> bool {
        if self.routing.effective == route {
            return false;
        }
        let cause = self.routing.cause_of(route.as_ref(), change);
        let routing = &mut self.routing;
        routing.lost = match cause {
            RouteCause::DeviceLost | RouteCause::NoDevice => former,
            _ if Some(&routing.cause) == Some(&cause) => routing.lost.take(),
            RouteCause::Unknown
            | RouteCause::DeviceAdded
            | RouteCause::Policy
            | RouteCause::User
            | RouteCause::App
            | RouteCause::AnsweringDevice
            | RouteCause::Elsewhere
            | RouteCause::OverrideRefused
            | RouteCause::ServerRestarted => None,
        };
        routing.effective = route;
        routing.late = None;
        routing.cause = cause;
        routing.generation += 1;
        self.dirty = true;
        true
    }

    /// An order ends when the server uses its device, or has it no more.
    fn settle_by_what_is(&mut self) {
        let Some(order) = &self.routing.order else {
            return;
        };
        if self.routing.effective.as_ref() == Some(&order.endpoint) {
            self.settle_route(None);
        } else if !self.routing.is_listed(&order.endpoint) {
            self.settle_route(Some(RouteFault::Gone));
        }
    }

    /// The devices are unknown from here on.
    pub(crate) fn route_lost(&mut self) {
        self.settle_route(Some(RouteFault::ServerLost));
        let routing = &mut self.routing;
        let gone = core::mem::take(&mut routing.endpoints);
        routing.before_loss = gone.into_iter().map(|one| one.id).collect();
        routing.lost = None;
        if routing.effective.take().is_some() {
            routing.cause = RouteCause::NoDevice;
            routing.generation += 1;
        }
        self.dirty = true;
    }

    /// The order is over.
    fn settle_route(&mut self, fault: Option<RouteFault>) {
        let Some(order) = self.routing.order.take() else {
            return;
        };
        self.dirty = true;
        self.deadlines.clear(Wait::Route);
        self.routing.late = (fault == Some(RouteFault::TimedOut)).then_some(Desire {
            endpoint: order.endpoint,
            cause: order.cause,
        });
        self.routing.fault = fault.filter(|fault| *fault != RouteFault::Superseded);
        self.emit(Effect::RouteFinished {
            generation: order.generation,
            asker: order.asker,
            fault,
        });
    }

    /// The audio edge could not do it.
    pub(crate) fn on_route_failed(&mut self, generation: u64, fault: RouteFault) {
        let order = self.routing.order.as_ref();
        if order.is_some_and(|order| order.generation == generation) {
            self.settle_route(Some(fault));
        }
    }

    pub(crate) fn on_route_limit(&mut self) {
        self.settle_route(Some(RouteFault::TimedOut));
    }

    /// Orders a device, in place of what was ordered before.
    fn order_route(&mut self, endpoint: EndpointId, cause: RouteCause) {
        self.settle_route(Some(RouteFault::Superseded));
        self.dirty = true;
        let routing = &mut self.routing;
        routing.generation += 1;
        routing.fault = None;
        routing.late = None;
        let generation = routing.generation;
        routing.order = Some(Order {
            endpoint: endpoint.clone(),
            cause,
            generation,
            asker: None,
        });
        let by = self.now.at.after(self.limits.time(Limit::Route));
        self.deadlines.set(Wait::Route, by);
        self.emit(Effect::Route {
            endpoint,
            generation,
        });
    }

    /// Orders a device unless it is in use; leaves one alone that is not there.
    fn use_device(&mut self, desire: &Desire) {
        let ordered = self.routing.order.as_ref().map(|order| &order.endpoint);
        let target = ordered.or(self.routing.effective.as_ref());
        if target != Some(&desire.endpoint) && self.routing.is_listed(&desire.endpoint) {
            self.order_route(desire.endpoint.clone(), desire.cause);
        }
    }

    /// The user chooses a device: for the call at hand, or for everything when there is none.
    pub(crate) fn on_route_wish(
        &mut self,
        from: Requester,
        request: RequestId,
        endpoint: EndpointId,
    ) {
        if from != Requester::User {
            return self.reply(request, Err(Rejection::Unentitled));
        }
        if !self.routing.is_listed(&endpoint) {
            return self.reply(request, Err(Rejection::UnknownEndpoint));
        }
        let call = self.route_call();
        let cause = RouteCause::User;
        self.choose(request, call, Desire { endpoint, cause }, None);
    }

    /// Carries out a choice for a call, or for everything.
    pub(crate) fn choose(
        &mut self,
        request: RequestId,
        call: Option<CallId>,
        desire: Desire,
        asker: Option<ClientId>,
    ) {
        let generation = self.routing.generation + 1;
        self.reply(request, Ok(Accepted::Routing { generation }));
        self.dirty = true;
        if let Some(call) = call.and_then(|id| self.calls.get_mut(&id)) {
            call.route = Some(desire.clone());
        }
        self.routing.restarting = false;
        self.routing.late = None;
        self.routing.desired = Some(desire.clone());
        let in_use = self.routing.effective.as_ref() == Some(&desire.endpoint);
        if in_use && self.routing.order.is_none() {
            self.routing.generation = generation;
            self.routing.fault = None;
            return self.emit(Effect::RouteFinished {
                generation,
                asker,
                fault: None,
            });
        }
        self.order_route(desire.endpoint, desire.cause);
        if let Some(order) = &mut self.routing.order {
            order.asker = asker;
        }
    }

    /// The call a choice is made for: the one on the line, else the one held last, else the one
    /// that rings.
    fn route_call(&self) -> Option<CallId> {
        let on_line = self.calls.values().find(|call| call.is_on_line());
        let held = self.calls.values().filter(|call| call.is_held());
        let held = held.max_by_key(|call| call.order);
        let found = on_line.or(held).or_else(|| self.presented());
        found.map(|call| call.id)
    }

    /// Brings the wish in line with the calls.
    pub(crate) fn reconcile_route(&mut self) {
        let in_calls = self.calls.values().any(needs_device);
        let began = in_calls && !self.routing.in_calls;
        if began {
            let ordered = self.routing.order.as_ref().map(|order| &order.endpoint);
            self.routing.home = ordered.or(self.routing.effective.as_ref()).cloned();
            self.routing.restores = 0;
            self.dirty |= self.routing.desired.take().is_some();
        }
        if !in_calls && self.routing.in_calls {
            self.go_home();
        }
        self.routing.in_calls = in_calls;
        if !in_calls {
            return self.rest();
        }
        let owner = self.calls.values().find(|call| call.is_on_line());
        let owner = owner.map(|call| call.id);
        if owner.is_some() && owner != self.routing.owner || began {
            self.routing.owner = owner;
            self.choose_for_owner();
        }
    }

    /// Without calls there is no wish beyond what was ordered.
    fn rest(&mut self) {
        self.routing.owner = None;
        self.routing.restarting = false;
        if self.routing.order.is_none() {
            self.routing.home.clone_from(&self.routing.effective);
            self.dirty |= self.routing.desired.take().is_some();
        }
    }

    /// The last call is over.
    fn go_home(&mut self) {
        self.dirty |= self.routing.fault.take().is_some();
        let Some(home) = self.routing.home.clone() else {
            return;
        };
        let desire = Desire {
            endpoint: home,
            cause: RouteCause::Policy,
        };
        self.use_device(&desire);
        self.routing.desired = Some(desire);
        self.dirty = true;
    }

    /// Another call has the line: its own choice counts, else what is in use, else the default.
    fn choose_for_owner(&mut self) {
        let owner = self.routing.owner.and_then(|id| self.calls.get(&id));
        let own = owner.and_then(|call| call.route.clone());
        let desire = match own {
            Some(own) => Some(own),
            None if self.routing.desired.is_some() => return,
            None => self.default_desire(RouteCause::Policy),
        };
        if let Some(desire) = desire {
            self.want(desire);
        }
    }

    /// Whatever was chosen for the call on the line does not count any more.
    pub(crate) fn forget_chosen_device(&mut self) {
        let owner = self.routing.owner.and_then(|id| self.calls.get_mut(&id));
        if let Some(call) = owner {
            call.route = None;
        }
        self.routing.desired = None;
        self.choose_for_owner();
    }

    fn default_desire(&self, cause: RouteCause) -> Option<Desire> {
        let owner = self.routing.owner.and_then(|id| self.calls.get(&id));
        let video = owner.is_some_and(|call| call.video);
        let endpoint = self.routing.default_for(self.limits.profile, video)?;
        Some(Desire { endpoint, cause })
    }

    fn want(&mut self, desire: Desire) {
        self.dirty |= self.routing.desired.as_ref() != Some(&desire);
        self.use_device(&desire);
        self.routing.desired = Some(desire);
    }

    /// The devices changed during calls.
    fn keep_route(&mut self, change: &Change) {
        if !self.routing.in_calls {
            self.dirty |= change.moved && self.routing.fault.take().is_some();
            return self.rest();
        }
        if let Some(fresh) = self.taken_over(change) {
            if let Some(call) = self.routing.owner.and_then(|id| self.calls.get_mut(&id)) {
                call.route = None;
            }
            return self.want(fresh);
        }
        let Some(desire) = self.routing.desired.clone() else {
            if let Some(desire) = self.default_desire(RouteCause::Policy) {
                self.want(desire);
            }
            return;
        };
        if self.routing.effective.as_ref() == Some(&desire.endpoint) {
            self.routing.restarting = false;
            self.dirty |= self.routing.fault.take().is_some();
        } else if self.routing.is_listed(&desire.endpoint) {
            self.keep_listed(desire, change);
        } else if change.moved {
            self.fall_back(&desire);
        }
    }

    /// A device that somebody has just put on, unless another one was chosen by hand.
    fn taken_over(&self, change: &Change) -> Option<Desire> {
        let routing = &self.routing;
        let chosen = routing.desired.as_ref().is_some_and(Desire::is_chosen);
        if change.first || change.returned || routing.restarting || chosen {
            return None;
        }
        let takes =
            |one: &&Endpoint| TAKES_OVER.contains(&one.kind) && change.added.contains(&one.id);
        let found = routing.endpoints.iter().find(takes)?;
        Some(Desire {
            endpoint: found.id.clone(),
            cause: RouteCause::DeviceAdded,
        })
    }

    /// The wished device is there, and another one is in use.
    fn keep_listed(&mut self, desire: Desire, change: &Change) {
        let is_new = change.added.contains(&desire.endpoint);
        if self.routing.restarting {
            let cause = RouteCause::ServerRestarted;
            return self.use_device(&Desire { cause, ..desire });
        }
        if is_new {
            let cause = RouteCause::DeviceAdded;
            return self.use_device(&Desire { cause, ..desire });
        }
        if !change.moved || self.routing.order.is_some() {
            return;
        }
        match self.routing.cause {
            RouteCause::DeviceLost | RouteCause::NoDevice => self.use_device(&desire),
            RouteCause::DeviceAdded | RouteCause::Elsewhere => self.put_back(desire),
            RouteCause::Unknown
            | RouteCause::Policy
            | RouteCause::User
            | RouteCause::App
            | RouteCause::AnsweringDevice
            | RouteCause::OverrideRefused
            | RouteCause::ServerRestarted => {}
        }
    }

    /// Something else than the user changed the device (RT3).
    fn put_back(&mut self, desire: Desire) {
        let max = self.limits.count(Limit::RouteRestores);
        if desire.is_chosen() && self.routing.restores < max {
            self.routing.restores += 1;
            return self.order_route(desire.endpoint, RouteCause::OverrideRefused);
        }
        let cause = self.routing.cause;
        if let Some(call) = self.routing.owner.and_then(|id| self.calls.get_mut(&id)) {
            call.route = None;
        }
        if cause == RouteCause::Elsewhere {
            self.routing.home.clone_from(&self.routing.effective);
        }
        let endpoint = self.routing.effective.clone();
        self.routing.desired = endpoint.map(|endpoint| Desire { endpoint, cause });
        self.dirty = true;
    }

    /// The wished device is gone. A choice by hand stays a wish for when it comes back.
    fn fall_back(&mut self, desire: &Desire) {
        let cause = match self.routing.restarting {
            true => RouteCause::ServerRestarted,
            false => RouteCause::DeviceLost,
        };
        let Some(next) = self.default_desire(cause) else {
            return;
        };
        self.use_device(&next);
        if !desire.is_chosen() && !self.routing.restarting {
            self.routing.desired = Some(next);
            self.dirty = true;
        }
    }
}

/// A call needs a device from being answered or dialed until its end is decided, and before that if
/// the user has chosen one for it. An app that is slow to end it keeps no device for it.
fn needs_device(call: &Call) -> bool {
    let ends = call.phase.kind() == PhaseKind::Ending;
    !ends && (!call.is_open_ring() || call.route.is_some())
}
