//! The laws of the ring and of room: who is on the screen stays there (R5), a silenced call
//! silences only itself (R1), and no app has more conversations than it said it can (G4).

use std::collections::{BTreeMap, BTreeSet};

use hookswitch_core::{Accepted, Effect, Event, Report};
use hookswitch_model::{ActionKind, AppId, CallSnapshot, GroupId, Phase, RingState, Snapshot};

use super::{Laws, Step};

impl Laws {
    pub(super) fn ring(&mut self, step: &Step<'_>) {
        self.screen_stands(step);
        self.is_heard(step.after);
        self.app_groups(step);
    }

    /// R5.
    fn screen_stands(&mut self, step: &Step<'_>) {
        let Some(stood) = step.before.presented else {
            return;
        };
        if step.after.presented == Some(stood) {
            return;
        }
        let find = |id| step.after.live().find(move |call| call.id == id);
        let still = find(stood).is_some_and(|call| is_to_decide(call) && !call.silenced);
        let emergency = step.after.presented.and_then(find);
        if still && !emergency.is_some_and(|call| call.emergency) {
            let text = format!("{stood} left the screen before it was settled");
            self.report("R5", text);
        }
    }

    /// R1.
    fn is_heard(&mut self, state: &Snapshot) {
        let mut waiting = state.live().filter(|call| is_to_decide(call));
        let hushed = waiting.any(|call| !call.silenced && !is_behind_emergency(state, call));
        if state.ring == RingState::Quiet && hushed {
            self.report("R1", "a call rings that nobody hears".to_owned());
        }
    }

    /// G4. An app may say later that it can do less: then it takes no more.
    fn app_groups(&mut self, step: &Step<'_>) {
        if let Event::Report { report, .. } = step.event
            && let Report::Register { app, configuration } = report
            && step.effects.iter().any(is_registered)
        {
            let max = configuration.groups_max as usize;
            self.app_groups_max.insert(app.clone(), max);
        }
        let before = conversations(step.before);
        for (app, count) in conversations(step.after) {
            let max = self.app_groups_max.get(&app).copied();
            let was = before.get(&app).copied().unwrap_or_default();
            // What it says has happened it can do.
            let most = max.map(|max| max + self.by_fact.of_app(step.after, &app));
            if most.is_some_and(|most| count > most) && count > was {
                let text = format!("{app} has {count} conversations, more than it can");
                self.report("G4", text);
            }
        }
    }
}

fn is_registered(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Reply {
            result: Ok(Accepted::Registered { .. }),
            ..
        }
    )
}

fn is_to_decide(call: &CallSnapshot) -> bool {
    matches!(call.phase, Phase::Ringing { .. })
        && call.pending != Some(ActionKind::Answer)
        && call.orphaned_until.is_none()
}

/// The call-back of an emergency center that the user silenced keeps the screen.
fn is_behind_emergency(state: &Snapshot, call: &CallSnapshot) -> bool {
    let first = state.presented;
    let mut others = state.live().filter(|other| Some(other.id) == first);
    !call.emergency && others.any(|other| other.emergency)
}

/// How many conversations each app has, emergency calls apart.
fn conversations(state: &Snapshot) -> BTreeMap<AppId, usize> {
    let (mut alone, mut groups) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<GroupId>>::new());
    let connected = |call: &&CallSnapshot| {
        !call.emergency && (matches!(call.phase, Phase::Active { .. }) || call.phase.is_on_hold())
    };
    for call in state.live().filter(connected) {
        match call.group {
            Some(group) => drop(groups.entry(call.app.clone()).or_default().insert(group)),
            None => *alone.entry(call.app.clone()).or_default() += 1,
        }
    }
    for (app, of_app) in groups {
        *alone.entry(app).or_default() += of_app.len();
    }
    alone
}
