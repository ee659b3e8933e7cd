//! A simulated app: how it registers and how it behaves when it is asked.

use hookswitch_core::{Ask, Report};
use hookswitch_model::{AppId, AppKind, ClientId, Configuration, Text};

use crate::scenario::{AppAct, AppDecl, AskWord, Temper, TemperKind};

/// One app and its process.
#[derive(Debug)]
pub(super) struct App {
    /// What it is.
    pub(super) decl: AppDecl,
    /// The connection of its process, if it runs.
    pub(super) client: Option<ClientId>,
    /// A start is under way.
    pub(super) starting: bool,
    /// The process runs and has no daemon to be connected to.
    pub(super) away: bool,
    /// What it will tell the next daemon.
    pub(super) backlog: Vec<AppAct>,
    /// Asks of a transaction that is not complete yet, and what sent them.
    pub(super) gathered: Vec<(ClientId, Ask, u64)>,
}

/// What an app does about an ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reaction {
    /// Settles it.
    Settle(bool),
    /// Settles it twice, in both ways.
    Contradict,
    /// Its process dies.
    Crash,
    /// Nothing.
    Nothing,
}

impl App {
    /// An app that does not run yet.
    pub(super) fn new(decl: AppDecl) -> Self {
        Self {
            decl,
            client: None,
            starting: false,
            away: false,
            backlog: Vec::new(),
            gathered: Vec::new(),
        }
    }

    /// The asks to react to now that this one is there: itself, or from the last to the first
    /// those of the transaction that it completes.
    pub(super) fn taken(&mut self, client: ClientId, ask: &Ask, seq: u64) -> Vec<(Ask, u64)> {
        if !self.decl.whole {
            return vec![(ask.clone(), seq)];
        }
        self.gathered.push((client, ask.clone(), seq));
        if ask.following > 0 {
            return Vec::new();
        }
        let whole = core::mem::take(&mut self.gathered);
        let own = whole.into_iter().rev().filter(|(by, ..)| *by == client);
        own.map(|(_, ask, seq)| (ask, seq)).collect()
    }

    /// How it behaves for one kind of ask.
    pub(super) fn temper(&self, ask: AskWord) -> Temper {
        let own = self
            .decl
            .tempers
            .iter()
            .rev()
            .find(|(kind, _)| *kind == ask);
        own.map_or(self.decl.temper, |(_, temper)| *temper)
    }

    /// Behaves differently from here on.
    pub(super) fn becomes(&mut self, temper: Temper) {
        self.decl.temper = temper;
        self.decl.tempers.clear();
    }

    /// The report it registers with.
    pub(super) fn registration(&self, id: AppId) -> Report {
        let name = Text::new(&self.decl.name).expect("the reader checked every name");
        let mut configuration = Configuration::new(name);
        configuration.groups_max = self.decl.groups;
        configuration.calls_per_group_max = self.decl.calls_per_group;
        configuration.in_recents = self.decl.recents;
        configuration.handle_kinds = self.decl.dials;
        configuration.ring_for = self.decl.ring;
        configuration.video = self.decl.video;
        configuration.accounts.clone_from(&self.decl.accounts);
        configuration.buttons.clone_from(&self.decl.buttons);
        configuration.on_answer = self.decl.front;
        configuration.second_calls = self.decl.second_calls;
        configuration.tones = self.decl.tones;
        configuration.translation = self.decl.translates;
        configuration.kind = if self.decl.cellular {
            AppKind::Cellular
        } else {
            AppKind::Voip
        };
        configuration.voicemail = self.decl.voicemail;
        configuration.emergency_numbers = self.decl.emergency.clone();
        Report::Register {
            app: id,
            configuration,
        }
    }
}

/// What an app with this temper does when an ask arrives.
pub(super) fn on_ask(temper: Temper) -> Reaction {
    match temper.kind {
        TemperKind::Prompt | TemperKind::Slow => Reaction::Settle(true),
        TemperKind::Refusing => Reaction::Settle(false),
        TemperKind::Crashing => Reaction::Crash,
        TemperKind::Contradictory => Reaction::Contradict,
        TemperKind::Silent | TemperKind::Late => Reaction::Nothing,
    }
}
