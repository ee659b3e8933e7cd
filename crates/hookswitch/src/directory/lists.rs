//! The user's hand: switches lists on and off, loads its own, and asks why.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookswitch_wire::dbus::{WhatIf, what_if_options};
use hookswitch_wire::json::DirectorySource;
use hookswitch_wire::view::DecisionView;
use tokio::sync::mpsc;

use super::load::{self, DirectoryEntry, Loaded};
use super::{Heard, LOAD_REPLY_MAX, method, parse};
use crate::bus::BusAddress;
use crate::call::{Handle, wall};
use crate::error::Error;
use crate::link::{Alive, Driver, Link, Repeat};

/// All lists of the call directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DirectoryLists {
    link: Link,
    _alive: Arc<Alive>,
}

/// What is supposed of a call that has not come; what is left out is as it is now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Supposed {
    /// When it calls.
    pub at: Option<SystemTime>,
    /// Under which name it is in the contacts.
    pub contact: Option<String>,
    /// When the user called it last.
    pub called: Option<SystemTime>,
}

impl DirectoryLists {
    /// Connects to the daemon. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// At once, when no bus is found or no daemon runs there and none can be started.
    pub async fn connect() -> Result<Self, Error> {
        Self::connect_at(BusAddress::Session).await
    }

    /// The same, on a given bus.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn connect_at(address: BusAddress) -> Result<Self, Error> {
        let (driver, link) = Driver::new();
        let heard = Arc::new(Heard {
            extension: None,
            owner: link.owner().clone(),
            requests: mpsc::channel(1).0,
        });
        let alive = Arc::new(driver.start(heard, address));
        link.ready(false).await?;
        Ok(Self {
            link,
            _alive: alive,
        })
    }

    /// All lists, in the user's order.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn sources(&self) -> Result<Vec<DirectorySource>, Error> {
        let (text,): (String,) = self.ask("Sources", &()).await?;
        parse(&text)
    }

    /// Loads a list of the user's own and switches it on if it is new: everything in it is
    /// replaced. `list` is a word without a dot.
    ///
    /// # Errors
    ///
    /// As [`DirectoryExtension::load_full`](crate::DirectoryExtension::load_full).
    pub async fn load(
        &self,
        list: &str,
        entries: impl IntoIterator<Item = DirectoryEntry>,
    ) -> Result<Loaded, Error> {
        let (_source,): (String,) = self.ask("OfferMine", &(list, list)).await?;
        let loaded = load::send(&self.link, ("BeginMine", list), false, entries).await?;
        loaded.ok_or_else(|| Error::BadReply("a full load was not kept".to_owned()))
    }

    /// Switches a list on or off. An app's list that is switched on is asked to load.
    ///
    /// # Errors
    ///
    /// When there is no such list, or the setting cannot be kept.
    pub async fn set_enabled(&self, list: &str, on: bool) -> Result<(), Error> {
        self.ask("SetEnabled", &(list, on)).await
    }

    /// Puts lists in order: the first one that knows a caller names it. Lists that are left out
    /// come behind.
    ///
    /// # Errors
    ///
    /// As [`Self::set_enabled`].
    pub async fn set_order(&self, lists: &[String]) -> Result<(), Error> {
        self.ask("SetOrder", &(lists,)).await
    }

    /// Removes a list and its data.
    ///
    /// # Errors
    ///
    /// As [`Self::set_enabled`].
    pub async fn remove(&self, list: &str) -> Result<(), Error> {
        self.ask("Remove", &(list,)).await
    }

    /// Asks an app to load its list again; it does so after this has returned.
    ///
    /// # Errors
    ///
    /// When the list is off, is being loaded, or its app cannot be started.
    pub async fn reload(&self, list: &str) -> Result<(), Error> {
        self.ask("Reload", &(list,)).await
    }

    /// What would happen if somebody called, and why; nobody: a hidden number.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn explain(
        &self,
        handle: Option<&Handle>,
        supposed: &Supposed,
    ) -> Result<DecisionView, Error> {
        let what = WhatIf {
            at: supposed.at.map(wall),
            contact: match &supposed.contact {
                Some(name) => Some(hookswitch_wire::dbus::text("contact", name)?),
                None => None,
            },
            called: supposed.called.map(wall),
        };
        let (kind, value) = match handle {
            Some(handle) => (handle.kind.name(), handle.value.as_str()),
            None => ("phone-number", ""),
        };
        let body = (kind, value, what_if_options(&what));
        let (text,): (String,) = self.ask("Explain", &body).await?;
        parse(&text)
    }

    /// What was decided about a call in the recents.
    ///
    /// # Errors
    ///
    /// When nothing was decided about it, or it is not in the recents any more.
    pub async fn explain_call(&self, call: &str) -> Result<DecisionView, Error> {
        let (text,): (String,) = self.ask("ExplainCall", &(call,)).await?;
        parse(&text)
    }

    /// Blocks numbers that fit a pattern such as `+4490*`, or not any more.
    ///
    /// # Errors
    ///
    /// When it is no pattern, there are too many, or the daemon cannot be reached.
    pub async fn set_pattern(&self, pattern: &str, on: bool) -> Result<(), Error> {
        self.ask("SetPattern", &("block", pattern, on)).await
    }

    /// Lets numbers that fit a pattern ring though they are blocked, or not any more.
    ///
    /// # Errors
    ///
    /// As [`Self::set_pattern`].
    pub async fn set_exception(&self, pattern: &str, on: bool) -> Result<(), Error> {
        self.ask("SetPattern", &("except", pattern, on)).await
    }

    /// Switches a rule about callers: `anonymous`, `not-in-contacts`, `trust-contacts` or
    /// `trust-called`.
    ///
    /// # Errors
    ///
    /// When there is no such rule, or the daemon cannot be reached.
    pub async fn set_rule(&self, rule: &str, on: bool) -> Result<(), Error> {
        self.ask("SetRule", &(rule, on)).await
    }

    /// For so long after a call to a number it may call back; zero: never, at most a week.
    ///
    /// # Errors
    ///
    /// When the daemon cannot be reached.
    pub async fn set_call_back(&self, span: Duration) -> Result<(), Error> {
        let seconds = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        self.ask("SetCallBack", &(seconds,)).await
    }

    /// All these are as good twice as once.
    async fn ask<B, R>(&self, name: &'static str, body: &B) -> Result<R, Error>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
        R: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        // The daemon does one thing after the other, and a load before this one takes its time.
        let method = method(name, Repeat::Harmless);
        self.link.call_within(LOAD_REPLY_MAX, method, body).await
    }
}
