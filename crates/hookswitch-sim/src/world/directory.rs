//! The call directory of the simulated world: lists in memory, and the decision that is made
//! before an incoming call is reported to the core.
//!
//! A story that says nothing about it has none. What it holds outlives the daemon.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_core::{Environment, Event, Report};
use hookswitch_directory::decide::{
    Caller, Contact, MemoryList, OwnBlocks, Source, UserRules, decide,
};
use hookswitch_directory::load::{self, Limits, List, Load, LoadError};
use hookswitch_model::{
    CallId, CallerChange, CallerLabel, CallerRule, Decision, DecisionStep, Direction,
    DirectoryRule, Entry, Finding, Handle, ListStamp, Patch, Quirk, Text, Verdict, Wall,
};
use hookswitch_number::{Identity, Numbers};
use hookswitch_wire::view::decision_view;

use super::{Actor, World, words};
use crate::describe::Words;
use crate::scenario::{DirectoryAct, ListEntry};
use crate::trace::Origin;

/// Lists, contacts, rules, and what was decided.
#[derive(Debug, Default)]
pub(super) struct Directory {
    is_used: bool,
    lists: Vec<Shelf>,
    contacts: Vec<(BTreeSet<u64>, Text)>,
    regions: Vec<String>,
    numbers: Option<Numbers>,
    decisions: Vec<(CallId, Arc<Decision>)>,
}

/// One list with what it was loaded from.
#[derive(Debug)]
struct Shelf {
    list: MemoryList,
    blocked: BTreeSet<(u64, u64)>,
    labels: Vec<(u64, Text)>,
    outcome: Option<String>,
}

/// The rule about callers that the user changes, if it is one.
fn rule_of(act: &DirectoryAct) -> Option<CallerChange> {
    Some(match act {
        DirectoryAct::Trust { contacts, on } => {
            let switch = match contacts {
                true => CallerRule::TrustContacts,
                false => CallerRule::TrustCalled,
            };
            CallerChange::Switch(switch, *on)
        }
        DirectoryAct::Block(pattern, on) => CallerChange::Block(*pattern, *on),
        DirectoryAct::Except(pattern, on) => CallerChange::Except(*pattern, *on),
        DirectoryAct::Anonymous(on) => CallerChange::Switch(CallerRule::Anonymous, *on),
        DirectoryAct::Unknown(on) => CallerChange::Switch(CallerRule::NotInContacts, *on),
        DirectoryAct::CallBack(span) => CallerChange::CallBack(*span),
        DirectoryAct::Enable(..)
        | DirectoryAct::Load { .. }
        | DirectoryAct::Order(_)
        | DirectoryAct::Regions(_)
        | DirectoryAct::Contact(..)
        | DirectoryAct::Decide { .. } => return None,
    })
}

impl World {
    /// Something happens to lists or to the rules about callers.
    pub(super) fn apply_directory(&mut self, act: &DirectoryAct) -> Result<(), String> {
        if let DirectoryAct::Decide {
            call,
            rule,
            list,
            label,
        } = act
        {
            self.decide_as_told(*call, *rule, list.as_ref(), label.as_ref());
            return Ok(());
        }
        self.directory.is_used = true;
        if let Some(change) = rule_of(act) {
            self.change_caller_rule(change);
            return Ok(());
        }
        match act {
            DirectoryAct::Enable(list, on) => self.directory.shelf(list).list.enable(*on),
            DirectoryAct::Load {
                list,
                changes,
                entries,
            } => self.load_list(list, *changes, entries),
            DirectoryAct::Order(names) => {
                for (place, name) in (0_u32..).zip(names) {
                    self.directory.shelf(name).list.set_order(place);
                }
            }
            DirectoryAct::Regions(regions) => {
                self.directory.regions.clone_from(regions);
                self.directory.numbers = Some(numbers(regions)?);
            }
            DirectoryAct::Contact(who, name) => {
                let name = Text::new(name).map_err(|_| "a contact needs a name".to_owned())?;
                let own = self.directory.numbers()?.whole([who]);
                self.directory.contacts.push((own, name));
            }
            DirectoryAct::Trust { .. }
            | DirectoryAct::Block(..)
            | DirectoryAct::Except(..)
            | DirectoryAct::Anonymous(_)
            | DirectoryAct::Unknown(_)
            | DirectoryAct::CallBack(_)
            | DirectoryAct::Decide { .. } => {}
        }
        Ok(())
    }

    /// A decision from elsewhere: a recording has it in place of the lists.
    fn decide_as_told(
        &mut self,
        call: usize,
        rule: Option<DirectoryRule>,
        list: Option<&Text>,
        label: Option<&Text>,
    ) {
        let at = self.stamp().wall;
        let stamp = list.map(|name| ListStamp {
            name: name.clone(),
            generation: 0,
            loaded: None,
        });
        let steps = rule.map(|rule| DecisionStep {
            rule,
            list: stamp.clone(),
            in_force: true,
            finding: Finding::Match(Entry::Absent),
        });
        let label = label.map(|text| CallerLabel {
            text: text.clone(),
            list: stamp,
        });
        let decision = Decision {
            verdict: rule.map_or(Verdict::Ring, DirectoryRule::verdict),
            decided_by: rule.map(|_| 0),
            steps: steps.into_iter().collect(),
            candidates: Vec::new(),
            labels: label.into_iter().collect(),
            at,
        };
        self.tell_decision(self.names.id(call), decision);
    }

    fn load_list(&mut self, name: &str, changes: bool, entries: &[ListEntry]) {
        let now = self.stamp().wall;
        let limits = Limits::of(&self.limits);
        let silent = self.limits.has_quirk(Quirk::EntriesLostSilently);
        let shelf = self.directory.shelf(name);
        let had = !shelf.blocked.is_empty() || !shelf.labels.is_empty();
        let mut load = Load::new(had, limits);
        let result = shelf.load(&mut load, changes, entries);
        shelf.outcome = match result {
            Ok((blocked, labels)) => {
                shelf.blocked = blocked;
                shelf.labels = labels;
                let ranges = shelf.blocked.iter().copied().collect();
                shelf.list.load(ranges, shelf.labels.clone(), now);
                Some("loaded".to_owned())
            }
            Err(_) if silent => Some("loaded".to_owned()),
            Err(error) => Some(format!(
                "refused {} at {}",
                error.code().name(),
                error.index
            )),
        };
    }

    /// The decision about a call that is reported next, told to the core.
    pub(super) fn decide_about(&mut self, report: &Report) {
        let (Report::Incoming { call, update, .. } | Report::Updated { call, update }) = report
        else {
            return;
        };
        let call = *call;
        let is_known = self.state.calls.iter().any(|known| known.id == call);
        let is_known = is_known || matches!(report, Report::Updated { .. });
        if !self.directory.is_used || is_known && update.handle == Patch::Keep {
            return;
        }
        let handle = match &update.handle {
            Patch::Set(handle) => Some(handle),
            Patch::Keep | Patch::Clear => None,
        };
        let Ok(decision) = self.decision(handle) else {
            return;
        };
        if decision.replay() != (decision.verdict, decision.decided_by) {
            let text = format!("{decision:?} does not follow from its steps");
            self.laws.report("DN1", text);
        }
        self.tell_decision(call, decision);
    }

    fn tell_decision(&mut self, call: CallId, decision: Decision) {
        let decision = Arc::new(decision);
        self.directory.decisions.push((call, decision.clone()));
        let event = Event::Environment(Environment::Decided { call, decision });
        let actor = Actor::new("directory", Origin::Policy, None);
        let what = format!("decides {}", self.names.call(call));
        self.step(actor, event, words(&what));
    }

    fn decision(&mut self, handle: Option<&Handle>) -> Result<Decision, String> {
        let now = self.stamp().wall;
        let identity = self.directory.numbers()?.identify(handle);
        let own = self.own_blocks()?;
        let called = self.called_at(&identity)?;
        let mut rules = self.caller_rules().clone();
        // What iOS 26 does without asking.
        rules.trust_called |= self.limits.has_quirk(Quirk::CalledNumbersRing);
        let regions = self.directory.numbers()?.regions();
        let user = UserRules {
            callers: &rules,
            blocked: &own,
            regions: &regions,
        };
        let caller = Caller {
            presented: identity.presented,
            contact: self.directory.contact(&identity),
            candidates: identity.candidates,
            short: identity.short,
            address: identity.address,
            called,
        };
        let mut lists: Vec<MemoryList> = self
            .directory
            .lists
            .iter()
            .map(|shelf| shelf.list.clone())
            .collect();
        if self.limits.has_quirk(Quirk::SecondListOnlyLabels) {
            mute_all_but_first(&mut lists);
        }
        let sources: Vec<&dyn Source> = lists.iter().map(|list| list as _).collect();
        Ok(decide(&caller, &user, &sources, now))
    }

    /// A number as the daemon keeps it: with its country code, if the regions leave one only.
    pub(super) fn understood(&mut self, who: Handle) -> Handle {
        if !self.directory.is_used {
            return who;
        }
        match self.directory.numbers() {
            Ok(numbers) => numbers.whole_handle(who),
            Err(_) => who,
        }
    }

    fn own_blocks(&mut self) -> Result<OwnBlocks, String> {
        let blocked = self.rules.blocked().clone();
        Ok(self.directory.numbers()?.own_blocks(&blocked))
    }

    /// When the user called one of these numbers last, by the recents.
    fn called_at(&mut self, identity: &Identity) -> Result<Option<Wall>, String> {
        let outgoing = self.recents.iter().rev();
        let outgoing = outgoing.filter(|entry| entry.direction == Direction::Outgoing);
        let handles: Vec<_> = outgoing.map(|e| (e.handle.clone(), e.began)).collect();
        let numbers = self.directory.numbers()?;
        let mut caller = OwnBlocks::default();
        identity.clone().block_in(&mut caller);
        let found = handles.into_iter().find(|(handle, _)| {
            let callee = numbers.own_blocks(handle.iter());
            callee.meets(&caller)
        });
        Ok(found.map(|(_, began)| began))
    }

    /// What is there to be seen.
    pub(super) fn directory_facts(&self) -> Vec<Words> {
        let mut out: Vec<String> = Vec::new();
        for shelf in &self.directory.lists {
            let name = shelf.list.name().as_str();
            let on = if shelf.list.is_enabled() { "on" } else { "off" };
            let count = shelf.blocked.len() + shelf.labels.len();
            out.push(format!("directory {name} {on}"));
            out.push(format!("directory {name} entries {count}"));
            let outcome = shelf.outcome.iter();
            out.extend(outcome.map(|outcome| format!("directory {name} {outcome}")));
        }
        let mut out: Vec<Words> = out.iter().map(|line| words(line)).collect();
        for (call, decision) in &self.directory.decisions {
            decision_facts(&self.names.call(*call), decision, &mut out);
        }
        out
    }
}

impl Directory {
    fn shelf(&mut self, name: &str) -> &mut Shelf {
        let known = self
            .lists
            .iter()
            .position(|shelf| shelf.list.name().as_str() == name);
        let at = known.unwrap_or_else(|| {
            let order = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
            let name = Text::new(name).expect("a word of a story has letters");
            let mut list = MemoryList::new(name, order);
            // Only the user switches a list on.
            list.enable(false);
            self.lists.push(Shelf {
                list,
                blocked: BTreeSet::new(),
                labels: Vec::new(),
                outcome: None,
            });
            self.lists.len() - 1
        });
        &mut self.lists[at]
    }

    fn numbers(&mut self) -> Result<&Numbers, String> {
        if self.numbers.is_none() {
            self.numbers = Some(numbers(&self.regions)?);
        }
        self.numbers
            .as_ref()
            .ok_or_else(|| "no numbering plans".to_owned())
    }

    fn contact(&self, identity: &Identity) -> Contact {
        let of = |own: &BTreeSet<u64>| identity.candidates.iter().any(|c| own.contains(&c.number));
        let known = self.contacts.iter().find(|(own, _)| of(own));
        match known {
            Some((_, name)) => Contact::Known(name.clone()),
            None => Contact::Unknown,
        }
    }
}

type Loaded = (BTreeSet<(u64, u64)>, Vec<(u64, Text)>);

impl Shelf {
    /// What the list holds after a load; nothing changes before all of it is right.
    fn load(
        &self,
        load: &mut Load,
        changes: bool,
        entries: &[ListEntry],
    ) -> Result<Loaded, LoadError> {
        if !self.list.is_enabled() {
            return Err(LoadError::of(hookswitch_directory::load::Why::Disabled));
        }
        let incremental = changes && load.ask_incremental();
        let mut blocked = BTreeSet::new();
        let mut labels = Vec::new();
        if incremental {
            blocked.clone_from(&self.blocked);
            labels.clone_from(&self.labels);
        }
        for entry in entries {
            match entry {
                ListEntry::Block(first, last) => {
                    let entry = load::Entry {
                        first: *first,
                        last: *last,
                        line: None,
                    };
                    blocked.insert(load.take(List::Blocking, entry)?);
                }
                ListEntry::Name(number, label) => {
                    let (number, _) =
                        load.take(List::Identification, load::Entry::number(*number))?;
                    labels.extend(Text::new(label).ok().map(|label| (number, label)));
                }
                ListEntry::Unblock(number) => {
                    let gone = load.take(List::BlockingRemovals, load::Entry::number(*number))?;
                    blocked.remove(&gone);
                }
                ListEntry::Unname(number) => {
                    let (gone, _) =
                        load.take(List::IdentificationRemovals, load::Entry::number(*number))?;
                    labels.retain(|(number, _)| *number != gone);
                }
            }
        }
        load.finish((blocked.len() + labels.len()) as u64, 0)?;
        Ok((blocked, labels))
    }
}

/// The defect of post 18: the first list that is switched on blocks, the others only name.
fn mute_all_but_first(lists: &mut [MemoryList]) {
    lists.sort_by_key(|list| list.order());
    let others = lists.iter_mut().filter(|list| list.is_enabled()).skip(1);
    for list in others {
        let named = list.named().to_vec();
        list.load(Vec::new(), named, Wall::default());
    }
}

fn numbers(regions: &[String]) -> Result<Numbers, String> {
    Numbers::new(regions).map_err(|why| why.to_string())
}

fn decision_facts(call: &str, decision: &Decision, out: &mut Vec<Words>) {
    let line = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Words>();
    let verdict = decision.verdict.name();
    let list_of = |at: usize| {
        decision.steps[at]
            .list
            .as_ref()
            .map(|list| list.name.as_str())
    };
    match decision.decided_by {
        None => out.push(line(&["decision", call, verdict, "by", "nothing"])),
        Some(at) => {
            let mut words = vec![
                "decision",
                call,
                verdict,
                "by",
                decision.steps[at].rule.name(),
            ];
            words.extend(list_of(at));
            out.push(line(&words));
        }
    }
    for (at, step) in decision.steps.iter().enumerate() {
        let found = match (&step.finding, step.in_force) {
            (Finding::NotAsked, _) => "not-asked",
            (Finding::Nothing, _) => "nothing",
            (Finding::Match(_), true) => "match",
            (Finding::Match(_), false) => "match-but-off",
        };
        let mut words = vec!["decision", call, "consulted", step.rule.name()];
        words.extend(list_of(at));
        words.push(found);
        out.push(line(&words));
    }
    for label in &decision.labels {
        let from = label
            .list
            .as_ref()
            .map_or("contacts", |list| list.name.as_str());
        out.push(line(&[
            "decision",
            call,
            "named",
            label.text.as_str(),
            "by",
            from,
        ]));
    }
    let headline = decision_view(decision).headline;
    out.push(line(&["ui", "decision", call, &headline]));
}
