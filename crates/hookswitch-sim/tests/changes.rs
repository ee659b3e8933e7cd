//! Who is told differences only has the whole state, after every step of random worlds.

use hookswitch_model::{Limits, Snapshot};
use hookswitch_sim::explore::{Mode, bytes_of, story};
use hookswitch_sim::scenario::{LineKind, When};
use hookswitch_sim::world::World;
use hookswitch_wire::json::{State, StateChange};
use hookswitch_wire::view::{View, ViewChange, ViewInput, view};

const WORLDS: u64 = 60;

/// One who was told everything once, and differences from then on.
struct Follower {
    told: Snapshot,
    state: State,
    shown: View,
    differences: usize,
}

impl Follower {
    fn new(state: &Snapshot) -> Self {
        Self {
            told: state.clone(),
            state: State::from(state),
            shown: shown(state),
            differences: 0,
        }
    }

    fn look(&mut self, state: &Snapshot) {
        if *state == self.told {
            return;
        }
        let change = StateChange::between(&self.told, state);
        let text = serde_json::to_string(&change).expect("plain data");
        let change: StateChange = serde_json::from_str(&text).expect("reads back");
        self.state.apply(change).expect("no gap");
        assert_eq!(self.state, State::from(state));
        let fresh = shown(state);
        let change = ViewChange::between(&self.shown, &fresh);
        let text = serde_json::to_string(&change).expect("plain data");
        let change: ViewChange = serde_json::from_str(&text).expect("reads back");
        self.shown = change.apply(&self.shown).expect("no gap");
        assert_eq!(self.shown, fresh);
        self.told = state.clone();
        self.differences += 1;
    }
}

fn shown(snapshot: &Snapshot) -> View {
    view(&ViewInput {
        snapshot,
        recents_revision: 0,
        now: snapshot.at.wall,
        limits: &Limits::default(),
    })
}

fn follow(seed: u64) -> usize {
    let story = story(&bytes_of(seed, 60), Mode::Liveness);
    let mut world = World::new(&story);
    let mut follower = Follower::new(world.state());
    let mut now = world.now();
    for line in &story.lines {
        let LineKind::Input(input) = &line.kind else {
            continue;
        };
        let at = match input.when {
            When::At(time) => hookswitch_model::Timestamp::ZERO.after(time),
            When::After(span) => now.after(span),
        };
        while world.next_at().is_some_and(|next| next <= at) {
            world.advance();
            follower.look(world.state());
        }
        world.wait_until(at);
        now = world.now();
        // What is not possible any more changes nothing.
        let _: Result<(), String> = world.apply(&input.input);
        follower.look(world.state());
    }
    follower.differences
}

#[test]
fn differences_add_up_to_the_whole_state_in_random_worlds() {
    let differences: usize = (1..=WORLDS).map(follow).sum();
    assert!(differences > 1_000, "only {differences}");
}

#[test]
fn a_difference_that_starts_elsewhere_is_refused_and_changes_nothing() {
    let world = World::new(&story(&bytes_of(1, 10), Mode::Liveness));
    let mut state = State::from(world.state());
    let before = state.clone();
    let change = StateChange {
        from: before.revision + 1,
        revision: before.revision + 2,
        ..StateChange::default()
    };
    assert!(state.apply(change).is_err());
    assert_eq!(state, before);
    let change = ViewChange {
        from: before.revision + 1,
        ..ViewChange::default()
    };
    assert_eq!(change.apply(&shown(world.state())), None);
}
