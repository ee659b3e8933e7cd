//! What a random story has said so far, so that the next act can make sense.
//!
//! It is guessed from the written lines only: the same bytes give the same story, whatever the core
//! does with it.

use super::dice::Dice;

/// Apps of every world; `modem` is a mobile network.
pub const APPS: [&str; 3] = ["sip", "mx", "modem"];

/// Names of the calls of a world.
pub const CALLS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// Where a call probably is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Guess {
    /// Nobody has spoken of it.
    Fresh,
    /// It rings, or did.
    Incoming,
    /// It is dialed.
    Outgoing,
    /// It was answered at either end.
    Answered,
    /// It ended.
    Over,
}

/// One name of a call.
#[derive(Clone, Copy, Debug)]
struct Slot {
    guess: Guess,
    app: usize,
}

/// The story so far.
#[derive(Clone, Debug)]
pub struct Draft {
    slots: [Slot; CALLS.len()],
}

impl Default for Draft {
    fn default() -> Self {
        let fresh = Slot {
            guess: Guess::Fresh,
            app: 0,
        };
        Self {
            slots: [fresh; CALLS.len()],
        }
    }
}

impl Draft {
    /// Any app.
    pub fn app(&self, dice: &mut Dice<'_>) -> &'static str {
        dice.of(&APPS)
    }

    /// A name for a new call: mostly one that nobody has spoken of.
    pub fn new_call(&self, dice: &mut Dice<'_>) -> &'static str {
        let fresh = self.slots.iter().position(|s| s.guess == Guess::Fresh);
        match fresh {
            Some(fresh) if !dice.chance(16) => CALLS[fresh],
            Some(_) | None => dice.of(&CALLS),
        }
    }

    /// A call: mostly one that probably lives.
    pub fn call(&self, dice: &mut Dice<'_>) -> &'static str {
        self.one(dice, is_live)
    }

    /// A call: mostly one that is probably as guessed.
    pub fn call_that(&self, dice: &mut Dice<'_>, guess: Guess) -> &'static str {
        self.one(dice, |is| is == guess)
    }

    /// The app of a call, and the call; seldom another app.
    pub fn app_and_call(&self, dice: &mut Dice<'_>) -> (&'static str, &'static str) {
        let call = self.call(dice);
        (self.app_of(dice, call), call)
    }

    /// The app of a call; seldom another one.
    pub fn app_of(&self, dice: &mut Dice<'_>, call: &str) -> &'static str {
        let slot = CALLS.iter().position(|name| *name == call);
        match slot {
            Some(slot) if !dice.chance(16) => APPS[self.slots[slot].app],
            Some(_) | None => self.app(dice),
        }
    }

    /// Two calls: mostly answered ones of one app.
    pub fn two_answered(&self, dice: &mut Dice<'_>) -> (&'static str, &'static str) {
        let call = self.call_that(dice, Guess::Answered);
        let app = CALLS.iter().position(|name| *name == call);
        let app = app.map_or(0, |slot| self.slots[slot].app);
        let slots = self.slots.iter().enumerate();
        let fit: Vec<usize> = slots
            .filter(|(index, slot)| {
                slot.guess == Guess::Answered && slot.app == app && CALLS[*index] != call
            })
            .map(|(index, _)| index)
            .collect();
        if fit.is_empty() || dice.chance(24) {
            (call, self.call(dice))
        } else {
            (call, CALLS[dice.of(&fit)])
        }
    }

    /// Whether some call is probably over.
    #[must_use]
    pub fn has_former(&self) -> bool {
        self.slots.iter().any(|slot| slot.guess == Guess::Over)
    }

    /// How many calls probably live.
    #[must_use]
    pub fn live(&self) -> usize {
        self.slots.iter().filter(|s| is_live(s.guess)).count()
    }

    /// How many calls probably live in the app that has most of them.
    #[must_use]
    pub fn live_in_one_app(&self) -> usize {
        let of = |app| {
            let slots = self.slots.iter();
            slots.filter(|s| is_live(s.guess) && s.app == app).count()
        };
        (0..APPS.len()).map(of).max().unwrap_or(0)
    }

    fn one(&self, dice: &mut Dice<'_>, wanted: impl Fn(Guess) -> bool) -> &'static str {
        let slots = self.slots.iter().enumerate();
        let fit: Vec<usize> = slots
            .filter(|(_, slot)| wanted(slot.guess))
            .map(|(index, _)| index)
            .collect();
        if fit.is_empty() || dice.chance(24) {
            dice.of(&CALLS)
        } else {
            CALLS[dice.of(&fit)]
        }
    }

    /// Takes over what a line says.
    pub(super) fn follow(&mut self, line: &str) {
        let words: Vec<&str> = line.split([' ', ',']).filter(|w| !w.is_empty()).collect();
        let app = APPS.iter().position(|app| words.first() == Some(app));
        match words.as_slice() {
            [_, "reports", "incoming", call, ..] => self.set(call, Guess::Incoming, app),
            ["user", "dials", by, _, "as", call, ..] => {
                let app = APPS.iter().position(|app| app == by);
                self.set(call, Guess::Outgoing, app);
            }
            ["user", "redials", former, "as", call] => {
                let slot = CALLS.iter().position(|name| name == former);
                let app = slot.map(|slot| self.slots[slot].app);
                self.set(call, Guess::Outgoing, app);
            }
            ["user", "answers", call, ..] | [_, "reports", "connected", call, ..] => {
                self.set(call, Guess::Answered, None);
            }
            ["user", "declines" | "ends", call] | [_, "reports", "ended", call, ..] => {
                self.set(call, Guess::Over, None);
            }
            [_, "requests", actions @ ..] => {
                for pair in actions.windows(2).filter(|pair| pair[0] == "start") {
                    self.set(pair[1], Guess::Outgoing, app);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, call: &str, guess: Guess, app: Option<usize>) {
        if let Some(slot) = CALLS.iter().position(|name| *name == call) {
            let slot = &mut self.slots[slot];
            // A call that ended does not come back, and one nobody has begun cannot go on.
            let begins = app.is_some() && slot.guess == Guess::Fresh;
            let goes_on = app.is_none() && is_live(slot.guess);
            if begins || goes_on {
                slot.guess = guess;
                slot.app = app.unwrap_or(slot.app);
            }
        }
    }
}

fn is_live(guess: Guess) -> bool {
    match guess {
        Guess::Incoming | Guess::Outgoing | Guess::Answered => true,
        Guess::Fresh | Guess::Over => false,
    }
}
