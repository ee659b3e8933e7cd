//! The laws of the core, checked after every step of the simulated world.
//!
//! The law numbers are those of `hookswitch_core`. A-numbers are the audio promises: one holder,
//! who is the active call (A1, A2), told in time (A3), deactivated before the next activation (A4),
//! the user's choice of a device kept from apps (A7) and ended with the last call (A8). RT-numbers
//! are those of the route, IN1 that of interruptions, O8 that of the dates apps give, R-numbers
//! those of the ring, G-numbers those of groups and of room, MU4 that of two wishes to mute,
//! DR4 that of callers, SC that of second calls, TN that of the tones of calls, RS that of calls
//! that come back to the line, F that of what apps report about it, CE that of emergency calls.
//! RE-numbers are those of a restart of the daemon: nothing lost or doubled (RE1), what was decided
//! stays decided (RE2), nothing sounds before the app is back (RE3). SL1 is the time to react,
//! which stands still while the machine sleeps; ME2 and ME4 are those of video and translation.

mod audio;
mod caller;
mod dates;
mod emergency;
mod facts;
mod media;
mod mute;
mod recents;
mod resume;
mod ring;
mod second;
mod sleep;
mod tone;

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Accepted, AnomalyKind, Ask, AskKind, Effect, Event, Outcome};
use hookswitch_model::{
    ActionKind, AppId, AskId, CallId, CallSnapshot, ClientId, Control, DialStage, EndReason, Limit,
    Limits, MuteOrigin, Phase, RingState, Snapshot, Stamp, Timestamp, Wall,
};

use crate::describe;
use crate::groups::together;
use crate::letters::Letters;
use crate::scenario::AskWord;
use crate::waiting::Waiting;

/// One step of the core.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: &'a Event,
    /// The state before.
    pub before: &'a Snapshot,
    /// The state after.
    pub after: &'a Snapshot,
    /// What the core wanted done.
    pub effects: &'a [Effect],
    /// The deadline before.
    pub due_before: Option<Timestamp>,
    /// The deadline after.
    pub due_after: Option<Timestamp>,
}

impl Step<'_> {
    /// Whether a deadline was due at this step, so that effects may stem from it.
    #[must_use]
    pub fn expires(&self) -> bool {
        self.due_before.is_some_and(|due| due <= self.at)
    }

    /// Calls that were live before and are not after.
    pub fn vanished(&self) -> impl Iterator<Item = &CallSnapshot> {
        let gone = |call: &&CallSnapshot| !self.after.live().any(|c| c.id == call.id);
        self.before.live().filter(gone)
    }
}

/// The word for what an app under test did wrong, in the place of a law.
pub const GUEST: &str = "app under test";

/// The promise of an app under test on a real bus: to be there as long as the story wants it.
pub const HOSTED: &str = "app on a bus";

/// A broken law.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Which.
    pub law: &'static str,
    /// How.
    pub text: String,
}

/// An ask that an app has not settled.
#[derive(Clone, Copy, Debug)]
struct OpenAsk {
    client: ClientId,
    call: CallId,
    by: Timestamp,
    word: AskWord,
    /// The other call of a merge.
    with: Option<CallId>,
}

impl OpenAsk {
    fn of(client: ClientId, ask: &Ask) -> Self {
        let with = match &ask.kind {
            AskKind::SetGroup(with) => with.as_ref().map(|(with, _)| *with),
            AskKind::Start { .. }
            | AskKind::Answer
            | AskKind::End { .. }
            | AskKind::SetHeld(_)
            | AskKind::SetMuted(_)
            | AskKind::PlayDigits(_)
            | AskKind::SetVideo(_)
            | AskKind::DeclineVideo
            | AskKind::SetTranslating(_)
            | AskKind::Custom(_) => None,
        };
        Self {
            client,
            call: ask.call,
            by: ask.by,
            word: describe::ask_word(&ask.kind),
            with,
        }
    }
}

/// The checkers and what they remember.
#[derive(Debug)]
pub struct Laws {
    limits: Limits,
    open: BTreeMap<AskId, OpenAsk>,
    closed: BTreeSet<AskId>,
    lapsed: BTreeSet<AskId>,
    gone: BTreeSet<CallId>,
    recorded: recents::Recorded,
    /// Whose calls ended, and when.
    ended_at: BTreeMap<CallId, (AppId, Timestamp)>,
    /// Ended calls that a former daemon knew and this one does not.
    forgotten: BTreeSet<CallId>,
    /// Calls that were about to end when the daemon was killed.
    ending: BTreeMap<CallId, EndReason>,
    pub(crate) letters: Letters,
    waiting: Waiting,
    words: mute::Words,
    decided: caller::Decided,
    heard: audio::Heard,
    media: media::Media,
    /// The most conversations of each app, as it said last.
    app_groups_max: BTreeMap<AppId, usize>,
    turned: second::Turned,
    tones: tone::Tones,
    by_fact: facts::ByFact,
    violations: Vec<Violation>,
}

/// Violations kept; more of the same help nobody.
const VIOLATIONS_MAX: usize = 50;

impl Laws {
    /// Checkers for a run with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: BTreeMap::new(),
            closed: BTreeSet::new(),
            lapsed: BTreeSet::new(),
            gone: BTreeSet::new(),
            recorded: recents::Recorded::default(),
            ended_at: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            ending: BTreeMap::new(),
            letters: Letters::default(),
            waiting: Waiting::default(),
            words: mute::Words::new(),
            decided: None,
            heard: audio::Heard::default(),
            media: media::Media::default(),
            app_groups_max: BTreeMap::new(),
            turned: second::Turned::default(),
            tones: tone::Tones::default(),
            by_fact: facts::ByFact::default(),
            violations: Vec::new(),
        }
    }

    /// Laws that were broken.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Notes a broken law.
    pub fn report(&mut self, law: &'static str, text: String) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(Violation { law, text });
        }
    }

    /// Checks all laws for one step.
    pub fn check(&mut self, step: &Step<'_>) {
        self.begin_anew(step);
        self.by_fact.follow(step);
        self.deadlines(step);
        self.replies(step);
        self.hear_mutes(step);
        self.sleep(step);
        self.resumes(step);
        self.asks(step);
        self.mutes(step);
        self.callers(step);
        self.silence_after_end(step);
        self.publish(step);
        self.limits(step);
        self.ring(step);
        self.audio(step);
        self.records(step);
        self.dates(step);
        self.media(step);
        self.second_calls(step);
        self.tones(step);
        self.facts(step);
        self.emergencies(step);
        for text in self.letters.check(step) {
            self.report("MB", text);
        }
        self.orphans_are_silent(step.after);
        for effect in step.effects {
            if let Effect::Anomaly(anomaly) = effect
                && let AnomalyKind::LawBroken(law) = anomaly.kind
            {
                self.report("anomaly", format!("the core itself reports {law}"));
            }
        }
    }

    /// The daemon was killed between these two states.
    pub fn restart(&mut self, before: &Snapshot, after: &Snapshot) {
        let kept = |state: &Snapshot| state.live().map(as_kept).collect::<Vec<_>>();
        if kept(before) != kept(after) {
            let text = format!("calls were {:?}, are {:?}", kept(before), kept(after));
            self.report("RE1", text);
        }
        if after.live().any(|call| call.orphaned_until.is_none()) {
            self.report("RE1", "a call waits for no app".to_owned());
        }
        let sounds = after.ring != RingState::Quiet || after.tone.is_some();
        if sounds || after.lease.is_some() {
            self.report("RE3", "a new daemon sounds at once".to_owned());
        }
        self.ending = after
            .calls
            .iter()
            .filter_map(|call| match call.phase {
                Phase::Ending { reason, .. } => Some((call.id, reason)),
                Phase::Ringing { .. }
                | Phase::Dialing { .. }
                | Phase::Active { .. }
                | Phase::Held(_) => None,
            })
            .collect();
        self.closed.extend(self.open.keys());
        self.open.clear();
        self.waiting = Waiting::default();
        self.words.clear();
        self.letters.restart();
        self.forget_audio();
        self.turned = second::Turned::default();
        self.tones.restart();
        self.forgotten
            .extend(self.gone.iter().chain(&self.recorded.calls));
    }

    /// A daemon does not know what ended under the one before, and an id is free some time after
    /// the end of its call, and at once for other apps: it may be used again, as for a new call.
    fn begin_anew(&mut self, step: &Step<'_>) {
        let refused = step.effects.iter().find_map(|effect| {
            let Effect::Record(entry) = effect else {
                return None;
            };
            let app = || entry.app.clone();
            is_reported(step, entry.call).then(|| (entry.call, app()))
        });
        let waiting = self.waits_from_now(step);
        let live = step.after.live().map(|call| (call.id, call.app.clone()));
        let limit = self.limits.time(Limit::Tombstone);
        for (call, app) in live.chain(waiting).chain(refused) {
            let is_free = |(of, at): &(AppId, Timestamp)| step.at >= at.after(limit) || *of != app;
            let is_free = self.ended_at.get(&call).is_some_and(is_free);
            if self.forgotten.remove(&call) || is_free {
                self.turned.forget(call);
                self.gone.remove(&call);
                self.recorded.forget(call, &app);
                self.ended_at.remove(&call);
            }
        }
    }

    /// The call that waits for a verdict since this step, and its app.
    fn waits_from_now(&self, step: &Step<'_>) -> Option<(CallId, AppId)> {
        let Event::Report { client, .. } = step.event else {
            return None;
        };
        let waiting = step.after.awaiting_verdict.iter();
        let call = *waiting.into_iter().find(|call| is_reported(step, **call))?;
        Some((call, self.letters.app_of(*client)?.clone()))
    }

    /// RE3: a call whose app is away neither rings nor has the audio.
    fn orphans_are_silent(&mut self, state: &Snapshot) {
        let rings = match &state.ring {
            RingState::Ringing(call) | RingState::Waiting(call) => Some(*call),
            RingState::Quiet => None,
        };
        let talks = state.lease.as_ref().map(|lease| lease.call);
        let orphan = state
            .calls
            .iter()
            .find(|call| call.orphaned_until.is_some() && [rings, talks].contains(&Some(call.id)));
        if let Some(call) = orphan {
            self.report("RE3", format!("{} sounds and its app is away", call.id));
        }
    }

    /// L0, L8.
    fn deadlines(&mut self, step: &Step<'_>) {
        if step.due_after.is_some_and(|due| due <= step.at) {
            self.report("L0", "a deadline that is due was not expired".to_owned());
        }
        let latest = |name: &str, want: Timestamp| match step.due_after {
            Some(due) if due <= want => None,
            other => Some(format!(
                "{name} waits until {want}, the next deadline is {other:?}"
            )),
        };
        let mut late = Vec::new();
        for call in &step.after.calls {
            if let Phase::Ringing { until, .. } = call.phase
                && call.pending.is_none()
            {
                late.extend(latest("a ringing call", until));
            }
            if let Some(until) = call.orphaned_until {
                late.extend(latest("an orphaned call", until));
            }
        }
        late.into_iter().for_each(|text| self.report("L8", text));
        let idle = step.after.calls.is_empty() && step.after.awaiting_verdict.is_empty();
        let asks_server = step.after.audio.route.pending.is_some();
        let sounds = step.after.tone.is_some();
        if idle && step.due_after.is_some() && !asks_server && !sounds {
            self.report("L8", "a deadline is set though no call is live".to_owned());
        }
    }

    /// L3.
    fn replies(&mut self, step: &Step<'_>) {
        let replies: Vec<_> = step
            .effects
            .iter()
            .filter_map(|effect| {
                let Effect::Reply { request, result } = effect else {
                    return None;
                };
                Some((*request, result))
            })
            .collect();
        let mut wanted = self.waiting.due(step);
        let waited = !wanted.is_empty();
        wanted.extend(match step.event {
            _ if self.waiting.begins(step) => None,
            Event::Report { request, .. } | Event::Request { request, .. } => Some(*request),
            Event::Settled { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => None,
        });
        let mut got: Vec<_> = replies.iter().map(|(request, _)| *request).collect();
        // Several waits may be over at once; their order is the deadlines'.
        got.sort_unstable();
        wanted.sort_unstable();
        if got != wanted {
            self.report("L3", format!("replies {got:?} where {wanted:?} was due"));
        }
        if let Some(call) = self.waiting.overdue(step.at) {
            self.report("L8", format!("{call} waits for a verdict too long"));
        }
        let refused = replies.first().is_some_and(|(_, result)| result.is_err());
        if refused && !waited && !step.expires() {
            let others = |effect: &&Effect| {
                let turned_away = matches!(
                    effect,
                    Effect::Record(entry) if is_reported(step, entry.call)
                );
                !turned_away && !matches!(effect, Effect::Reply { .. } | Effect::Anomaly(_))
            };
            if let Some(other) = step.effects.iter().find(others) {
                self.report("L3", format!("a refusal came with {other:?}"));
            }
            if !same(step.before, step.after) {
                self.report("L3", "a refusal changed the state".to_owned());
            }
        }
        let answered = replies.first().map(|(_, result)| result);
        if let Some(Ok(Accepted::Transaction { call, .. })) = answered
            && !step
                .before
                .calls
                .iter()
                .chain(&step.after.calls)
                .any(|c| c.id == *call)
        {
            self.report("L3", format!("accepted for {call}, which is not live"));
        }
    }

    /// L4.
    fn asks(&mut self, step: &Step<'_>) {
        for effect in step.effects {
            if let Effect::Ask {
                client,
                ask,
                letter,
            } = effect
            {
                let known = self.open.contains_key(&ask.id) || self.closed.contains(&ask.id);
                if known && !letter.replayed {
                    self.report("L4", format!("{} was asked twice", ask.id));
                }
                if ask.by <= step.at {
                    self.report("L8", format!("{} has no time to settle", ask.id));
                }
                let fresh = self.only_one(*client, ask);
                self.closed.remove(&ask.id);
                self.open.insert(ask.id, fresh);
            } else if let Effect::AskExpired { ask, .. } = effect {
                if self.open.remove(ask).is_none() {
                    self.report("L4", format!("{ask} expired though it was settled"));
                }
                self.closed.insert(*ask);
            }
        }
        if let Event::Settled {
            client,
            ask,
            outcome,
        } = step.event
        {
            let known = self.open.get(ask).copied();
            if let Some(known) = known.filter(|known| known.client == *client) {
                self.open.remove(ask);
                self.closed.insert(*ask);
                if matches!(outcome, Outcome::Fulfilled { .. }) {
                    self.superseded(known);
                }
            } else if !step.expires() && !same(step.before, step.after) {
                self.report(
                    "L4",
                    format!("{ask} was settled late or by another, with effect"),
                );
            }
        }
        self.lapse(step);
        self.regrouped(step);
        let left = leaver(step);
        let live = |call: CallId| step.after.live().any(|c| c.id == call);
        let over: Vec<AskId> = self
            .open
            .iter()
            .filter(|(_, ask)| !live(ask.call) || Some(ask.client) == left)
            .map(|(ask, _)| *ask)
            .collect();
        for ask in over {
            self.open.remove(&ask);
            self.closed.insert(ask);
        }
        let overdue = self.open.iter();
        let overdue = overdue.filter(|(ask, _)| !self.lapsed.contains(ask));
        let overdue = overdue.into_iter().find(|(_, ask)| ask.by < step.at);
        if let Some((ask, _)) = overdue {
            let text = format!("{ask} neither settled nor expired in time");
            self.closed.insert(*ask);
            let ask = *ask;
            self.open.remove(&ask);
            self.report("L4", text);
        }
    }

    /// A new ask, which must not be the second of its kind.
    fn only_one(&mut self, client: ClientId, ask: &Ask) -> OpenAsk {
        let fresh = OpenAsk::of(client, ask);
        if let Some(twin) = self.twin(ask.id, &fresh) {
            let text = format!("{} asks what {twin} asks already", ask.id);
            self.report("L4", text);
        }
        fresh
    }

    /// An open ask to begin or answer the same call: nobody does that twice.
    fn twin(&self, id: AskId, fresh: &OpenAsk) -> Option<AskId> {
        let once = matches!(fresh.word, AskWord::Start | AskWord::Answer);
        let is_twin = |(other, ask): &(&AskId, &OpenAsk)| {
            **other != id && ask.call == fresh.call && ask.word == fresh.word
        };
        let found = self.open.iter().find(is_twin).filter(|_| once)?;
        Some(*found.0)
    }

    /// An app's report can say that what it was asked has come about: that settles the ask.
    fn lapse(&mut self, step: &Step<'_>) {
        self.picked_up(step);
        let Event::Report { client, report, .. } = step.event else {
            return;
        };
        let (hookswitch_core::Report::Connected { call: told, .. }
        | hookswitch_core::Report::Held { call: told, .. }
        | hookswitch_core::Report::Muted { call: told, .. }) = report
        else {
            return;
        };
        let is_settled = |ask: &AskId| {
            self.open
                .get(ask)
                .is_some_and(|ask| ask.client == *client && ask.call == *told)
        };
        let settled: Vec<AskId> = self.open.keys().copied().filter(is_settled).collect();
        self.lapsed.extend(settled);
    }

    /// A merge that is done implies that its resumes are; one with a call that ended is moot.
    fn regrouped(&mut self, step: &Step<'_>) {
        let find = |id: CallId| step.after.live().find(|call| call.id == id);
        let grouped_now = |call: &CallSnapshot| {
            let before = step.before.live().find(|was| was.id == call.id);
            call.group.is_some() && before.is_none_or(|was| was.group != call.group)
        };
        let joined = step.after.live().any(grouped_now);
        let over = |ask: &OpenAsk| match (ask.word, find(ask.call), ask.with) {
            (AskWord::Resume, Some(call), _) => joined && call.group.is_some(),
            (AskWord::Group, _, Some(with)) => find(with).is_none(),
            (_, _, _) => false,
        };
        let over = self.open.iter().filter(|(_, ask)| over(ask));
        let over: Vec<AskId> = over.map(|(id, _)| *id).collect();
        self.lapsed.extend(over);
    }

    /// A hold that was never settled is over when the resume that followed it is fulfilled.
    fn superseded(&mut self, fulfilled: OpenAsk) {
        if fulfilled.word == AskWord::Resume {
            self.lapse_holds(fulfilled.call);
        }
    }

    /// A call picked up from the voicemail, which is a hold, is not to be taken there any more.
    fn picked_up(&mut self, step: &Step<'_>) {
        let is_active = |call: &CallSnapshot| matches!(call.phase, Phase::Active { .. });
        let active = |id| {
            step.after
                .live()
                .any(|call| call.id == id && is_active(call))
        };
        let before = step.before.live();
        let waited = before.filter(|call| call.phase.is_at_voicemail() && active(call.id));
        waited.for_each(|call| self.lapse_holds(call.id));
    }

    fn lapse_holds(&mut self, call: CallId) {
        let is_hold = |ask: &OpenAsk| ask.word == AskWord::Hold && ask.call == call;
        let over = self.open.iter().filter(|(_, ask)| is_hold(ask));
        let over: Vec<AskId> = over.map(|(id, _)| *id).collect();
        self.lapsed.extend(over);
    }

    /// L5.
    fn silence_after_end(&mut self, step: &Step<'_>) {
        for effect in step.effects {
            if let Some(call) = describe::call_of(effect)
                && self.gone.contains(&call)
                && !matches!(
                    effect,
                    Effect::Reply { .. } | Effect::Amend(_) | Effect::Anomaly(_)
                )
                && !self.letters.is_replay(effect)
            {
                self.report("L5", format!("an ended call is not silent: {effect:?}"));
            }
        }
        for call in &step.after.calls {
            if self.gone.contains(&call.id) {
                self.report("L5", format!("{} came back from its end", call.id));
            }
        }
        for call in step.vanished() {
            self.gone.insert(call.id);
            self.ended_at.insert(call.id, (call.app.clone(), step.at));
        }
    }

    /// L6.
    fn publish(&mut self, step: &Step<'_>) {
        let is_publish = |effect: &Effect| matches!(effect, Effect::Publish { .. });
        let count = step
            .effects
            .iter()
            .filter(|effect| is_publish(effect))
            .count();
        let is_last = step.effects.last().is_some_and(is_publish);
        if count > 1 || (count == 1 && !is_last) {
            self.report(
                "L6",
                "publish is not the last effect of its step".to_owned(),
            );
        }
        if count == 0 && !same(step.before, step.after) {
            self.report("L6", "the state changed and was not published".to_owned());
        }
        if let Some(Effect::Publish { revision }) = step.effects.last()
            && (*revision != step.after.revision || *revision <= step.before.revision)
        {
            self.report("L6", format!("revision {revision} does not fit"));
        }
    }

    /// L7.
    fn limits(&mut self, step: &Step<'_>) {
        let count = |wanted: fn(&CallSnapshot) -> bool| {
            let calls = step.after.live().filter(|call| !call.emergency);
            calls.filter(|call| wanted(call)).count()
        };
        let ringing = count(|call| {
            matches!(call.phase, Phase::Ringing { .. }) && call.pending != Some(ActionKind::Answer)
        });
        let ordinary = |call: &&std::sync::Arc<CallSnapshot>| !call.emergency;
        let calls = step.after.calls.iter().filter(ordinary).count();
        let active = count_parties(step.after, |phase| matches!(phase, Phase::Active { .. }));
        let is_connected =
            |phase: &Phase| matches!(phase, Phase::Active { .. }) || phase.is_on_hold();
        // Limits refuse wishes, not what apps say has happened.
        let connected = count_parties(step.after, is_connected) - self.by_fact.parties(step.after);
        let checks = [
            (Limit::Calls, calls),
            (Limit::Ringing, ringing),
            (Limit::Groups, connected),
            (Limit::Providers, step.after.providers.len()),
            (Limit::Notices, step.after.notices.len()),
        ];
        for (limit, value) in checks {
            let max = self.limits.count(limit);
            if value > max {
                self.report(
                    "L7",
                    format!("{value} is over the limit {} of {max}", limit.row().name),
                );
            }
        }
        if active > 1 {
            self.report("L7", format!("{active} conversations are active at once"));
        }
        for call in &step.after.calls {
            let mates = step
                .after
                .calls
                .iter()
                .filter(|other| together(call, other));
            let alien = mates.clone().any(|other| other.app != call.app);
            let size = mates.count();
            let max = self.limits.count(Limit::CallsPerGroup);
            if call.group.is_some() && (alien || !(2..=max).contains(&size)) {
                self.report("G3", format!("{} is in no proper group", call.id));
            }
        }
    }
}

/// The connection that hears nothing any more after this step: it died or withdrew.
fn leaver(step: &Step<'_>) -> Option<ClientId> {
    match step.event {
        Event::Environment(hookswitch_core::Environment::ClientGone(client))
        | Event::Report {
            client,
            report: hookswitch_core::Report::Invalidate,
            ..
        } => Some(*client),
        Event::Report { .. }
        | Event::Request { .. }
        | Event::Settled { .. }
        | Event::Acknowledged { .. }
        | Event::Environment(_)
        | Event::Tick => None,
    }
}

/// A caller who found no line free is not forgotten: a refused incoming call may be recorded.
fn is_reported(step: &Step<'_>, call: CallId) -> bool {
    matches!(step.event, Event::Report {
        report: hookswitch_core::Report::Incoming { call: id, .. },
        ..
    } if *id == call)
}

/// Whether two calls share the line: one group, or on their way to one.
fn are_one_party(state: &Snapshot, a: CallId, b: CallId) -> bool {
    let find = |id: CallId| state.live().find(|call| call.id == id);
    match (find(a), find(b)) {
        (Some(a), Some(b)) => a.id == b.id || together(a, b) || (is_merging(a) && is_merging(b)),
        (Some(_) | None, Some(_) | None) => false,
    }
}

fn is_merging(call: &CallSnapshot) -> bool {
    call.merge == Control::Busy
}

/// How many conversations are in such a phase, as far as their apps are there.
fn count_parties(state: &Snapshot, wanted: fn(&Phase) -> bool) -> usize {
    let calls = state.live();
    let calls = calls.filter(|call| wanted(&call.phase) && call.orphaned_until.is_none());
    let mut parties: Vec<CallId> = Vec::new();
    for call in calls {
        if !parties
            .iter()
            .any(|one| are_one_party(state, *one, call.id))
        {
            parties.push(call.id);
        }
    }
    parties.len()
}

/// How a call can end on which people could talk.
fn ends_talk(reason: EndReason) -> bool {
    match reason {
        EndReason::LocalHangup
        | EndReason::RemoteHangup
        | EndReason::AnsweredElsewhere
        | EndReason::Failed
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive => true,
        EndReason::DeclinedHere
        | EndReason::DeclinedByRemote
        | EndReason::Unanswered
        | EndReason::CanceledByCaller
        | EndReason::DeclinedElsewhere
        | EndReason::Busy
        | EndReason::BusyElsewhere
        | EndReason::Filtered
        | EndReason::ExpiredBeforeDelivery => false,
    }
}

/// A call on the line: active, or dialing with its start fulfilled, which hears the far end ring.
fn may_hold_audio(phase: &Phase) -> bool {
    match phase {
        Phase::Active { .. } => true,
        Phase::Dialing { stage, .. } => *stage != DialStage::Requested,
        Phase::Ringing { .. } | Phase::Held(_) | Phase::Ending { .. } => false,
    }
}

/// What a restart must not change of a call.
fn as_kept(call: &CallSnapshot) -> (CallId, Phase, Option<Wall>, [bool; 5], MuteOrigin) {
    let flags = [
        call.has_connected,
        call.muted,
        call.remote_hold,
        call.silenced,
        call.group.is_some(),
    ];
    (call.id, call.phase, call.connected_at, flags, call.muted_by)
}

/// Whether two states are the same to an observer, whatever the clock says.
fn same(before: &Snapshot, after: &Snapshot) -> bool {
    let plain = |state: &Snapshot| Snapshot {
        at: Stamp::default(),
        revision: 0,
        ..state.clone()
    };
    plain(before) == plain(after)
}
