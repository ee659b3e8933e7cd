//! What the user does about accounts, buttons, video, translation and the front.

use hookswitch_core::{Environment, Event, Request};
use hookswitch_model::{CallId, MaterialId, RingOn};
use hookswitch_wire::json::Wish;

use super::{Actor, World, words};
use crate::scenario::ExtraAct;
use crate::trace::Origin;

/// A wish, its words, and the call it is about.
type Wished = (Request, String, Option<usize>);

impl World {
    pub(super) fn extra(&self, act: &ExtraAct) -> Result<Wished, String> {
        let call = |number: usize| self.names.id(number);
        Ok(match act {
            ExtraAct::Redial { former, call: c } => {
                let wish = self.redial(call(*former), call(*c))?;
                (wish, "redials".to_owned(), Some(*c))
            }
            ExtraAct::SetVideo(c, on) => {
                let what = if *on { "starts-video" } else { "stops-video" };
                (Request::SetVideo(call(*c), *on), what.to_owned(), Some(*c))
            }
            ExtraAct::DeclineVideo(c) => {
                let wish = Request::DeclineVideo(call(*c));
                (wish, "declines-video".to_owned(), Some(*c))
            }
            ExtraAct::Translate(c, to) => {
                let what = match to {
                    Some(_) => "translates",
                    None => "stops-translating",
                };
                let wish = Request::SetTranslating(call(*c), to.clone());
                (wish, what.to_owned(), Some(*c))
            }
            ExtraAct::SendRest(c) => (Request::SendRest(call(*c)), "sends-rest".into(), Some(*c)),
            ExtraAct::DropRest(c) => (Request::DropRest(call(*c)), "drops-rest".into(), Some(*c)),
            ExtraAct::Press(button, c) => {
                let wish = Request::Custom(call(*c), button.clone());
                (wish, format!("presses {button}"), Some(*c))
            }
            ExtraAct::Prefer(rule) => {
                let word = rule.map_or("app", |rule| rule.name());
                (Request::SetOnAnswer(*rule), format!("prefers {word}"), None)
            }
            ExtraAct::RingOn(on) => {
                let what = format!("rings-on {}", on.name());
                (Request::SetRingOn(on.clone()), what, None)
            }
            ExtraAct::Drive(on) => {
                let what = if *on { "drives" } else { "drives no-more" };
                (Request::SetDriving(*on), what.to_owned(), None)
            }
        })
    }

    /// What the button in the recents sends: the same request as on every screen.
    fn redial(&self, former: CallId, call: CallId) -> Result<Request, String> {
        let entry = self.recents.iter().rev().find(|entry| entry.call == former);
        let entry = entry.ok_or("this call is not in the recents")?;
        let privacy = self.state.policy.privacy_in(&entry.app);
        let shown = hookswitch_wire::view::recents_entry_shown(1, entry, privacy);
        let body = shown.redial.ok_or("this call cannot be called back")?;
        let wish = body.parse().map_err(|fault| fault.to_string())?;
        if let Wish::Dial { app, to } = wish {
            Ok(Request::Dial { call, app, to })
        } else {
            Err("the recents offer something other than dialing".to_owned())
        }
    }

    /// The session says whether its screen is locked.
    pub(super) fn tell_lock(&mut self, cause: Option<u64>) {
        let on = self.locked;
        let actor = Actor::new("system", Origin::System, cause);
        let event = Event::Environment(Environment::Locked(on));
        self.step(actor, event, words(if on { "locks" } else { "unlocks" }));
    }

    /// An app brings a ringtone along; the daemon keeps it.
    pub(super) fn brings_ringtone(
        &mut self,
        app: usize,
        ringtone: Option<&MaterialId>,
        cause: Option<u64>,
    ) {
        match ringtone {
            Some(own) => drop(self.ringtones.insert(app, own.clone())),
            None => drop(self.ringtones.remove(&app)),
        }
        let name = ringtone.map_or("none", MaterialId::as_str);
        let actor = Actor::new(self.names.app_name(app), Origin::App, cause);
        let event = Event::Environment(Environment::Ringtone {
            app: self.names.app_id(app),
            ringtone: ringtone.cloned(),
        });
        self.step(actor, event, words(&format!("sets-ringtone {name}")));
    }

    /// The next daemon has the ringtones that the former one kept.
    pub(super) fn tell_ringtones(&mut self, cause: u64) {
        for (app, own) in self.ringtones.clone() {
            self.brings_ringtone(app, Some(&own), Some(cause));
        }
    }

    /// The next daemon knows where the user wants it to ring.
    pub(super) fn tell_ring_on(&mut self, on: RingOn, cause: u64) {
        if on != RingOn::default() {
            let actor = Actor::new("daemon", Origin::System, Some(cause));
            let event = Event::Environment(Environment::RingOn(on));
            self.step(actor, event, words("rings-on"));
        }
    }

    /// The next daemon reads the rules for the front that the former one kept.
    pub(super) fn tell_front(&mut self, cause: Option<u64>) {
        let actor = Actor::new("daemon", Origin::System, cause);
        let event = Event::Environment(Environment::Front(self.front));
        self.step(actor, event, words("rules"));
    }
}
