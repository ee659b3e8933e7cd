//! `org.hookswitch.Calls1.Directory`: lists of numbers that block and name callers.
//!
//! Input: D-Bus calls of extensions that keep a list up to date, and of the user's hand.
//! Output: wishes for whoever keeps the lists; questions for the shell; orders to extensions to
//! load again.
//!
//! # Promises
//!
//! - **DB1** an extension loads its own list only: the one whose id is a bus name that its
//!   connection owns, in a sandbox one of its app. Lists of the user have ids without a dot, and
//!   need the right `controller`.
//! - **DB2** only the user (right `controller`) switches lists on or off, orders and removes them.
//! - **DB3** a load belongs to the connection that began it, and is given up when that ends.
//! - **DB4** each message has at most [`NUMBERS_MAX`] entries; a file has to be sealed.

mod extension;
mod port;

use std::os::fd::OwnedFd;
use std::time::Duration;

use hookswitch_core::{Request, Requester};
use hookswitch_model::{CallerChange, CallerRule, NumberPattern, PatternError, RuleChange};
use hookswitch_wire::batch::BatchList;
use hookswitch_wire::dbus::{self, ArgumentError, Dict, DirectoryCode, ErrorCode, Problem};
use zbus::message::Header;
use zbus::names::OwnedUniqueName;
use zbus::{interface, wire};

pub(crate) use extension::ask_all;
pub use port::{
    Begun, DirectoryFault, DirectoryPort, DirectoryReply, Entries, KeptLoad, LOAD_ASKS_MAX,
    LOAD_REPLY_MAX, ListWish, LoadAsk, WISHES_MAX,
};
use port::{refused, unknown};

use crate::error::BusError;
use crate::names::Owners;
use crate::port::{Inbox, Input};
use crate::provider::sender;

/// Most entries in one message; more are sent in several, or in a file.
pub const NUMBERS_MAX: usize = 65_536;

/// Serves the directory interface.
#[derive(Debug)]
pub struct Directory {
    pub(crate) port: DirectoryPort,
    pub(crate) inbox: Inbox,
    pub(crate) owners: Owners,
}

#[interface(name = "org.hookswitch.Calls1.Directory", introspection_docs = false)]
impl Directory {
    #[zbus(out_args("source"))]
    async fn offer(
        &self,
        extension: &str,
        name: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, BusError> {
        self.own(extension, &header).await?;
        self.offered(extension, name, true).await
    }

    #[zbus(out_args("source"))]
    async fn offer_mine(&self, list: &str, name: &str) -> Result<String, BusError> {
        is_mine(list)?;
        self.offered(list, name, false).await
    }

    #[zbus(out_args("load", "incremental"))]
    async fn begin_load(
        &self,
        extension: &str,
        incremental: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(u64, bool), BusError> {
        self.own(extension, &header).await?;
        self.begin(extension, incremental, &header).await
    }

    #[zbus(out_args("load", "incremental"))]
    async fn begin_mine(
        &self,
        list: &str,
        incremental: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(u64, bool), BusError> {
        is_mine(list)?;
        self.begin(list, incremental, &header).await
    }

    async fn add_blocking(
        &self,
        load: u64,
        numbers: Vec<i64>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let entries = Entries::Numbers(bounded(numbers)?);
        self.add(load, BatchList::Blocking, entries, &header).await
    }

    async fn add_identification(
        &self,
        load: u64,
        numbers: Vec<(i64, String)>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let entries = Entries::Labeled(bounded(numbers)?);
        self.add(load, BatchList::Identification, entries, &header)
            .await
    }

    async fn remove_blocking(
        &self,
        load: u64,
        numbers: Vec<i64>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let entries = Entries::Numbers(bounded(numbers)?);
        self.add(load, BatchList::BlockingRemovals, entries, &header)
            .await
    }

    async fn remove_identification(
        &self,
        load: u64,
        numbers: Vec<i64>,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let entries = Entries::Numbers(bounded(numbers)?);
        self.add(load, BatchList::IdentificationRemovals, entries, &header)
            .await
    }

    async fn remove_all(
        &self,
        load: u64,
        list: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let list = match list {
            "blocking" => BatchList::BlockingRemovals,
            "identification" => BatchList::IdentificationRemovals,
            _ => {
                let known = "blocking, identification";
                return Err(ArgumentError::new("list", Problem::UnknownWord { known }).into());
            }
        };
        self.add(load, list, Entries::All, &header).await
    }

    async fn add_file(
        &self,
        load: u64,
        batch: wire::OwnedFd,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let batch = OwnedFd::from(batch);
        is_sealed(&batch)?;
        let entries = Entries::File(batch);
        self.add(load, BatchList::Blocking, entries, &header).await
    }

    #[zbus(out_args("generation", "entries"))]
    async fn commit(
        &self,
        load: u64,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(u64, u64), BusError> {
        let owner = sender(&header)?.to_string();
        let wish = |reply| ListWish::Commit { owner, load, reply };
        let kept = self.port.ask(wish).await?;
        Ok((kept.generation, kept.entries))
    }

    async fn cancel(&self, load: u64, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        let owner = sender(&header)?.to_string();
        let wish = |reply| ListWish::Cancel { owner, load, reply };
        self.port.ask(wish).await
    }

    #[zbus(out_args("source"))]
    async fn status(
        &self,
        extension: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, BusError> {
        self.own(extension, &header).await?;
        self.source_text(extension)
    }

    async fn reload_mine(
        &self,
        extension: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.own(extension, &header).await?;
        self.port.reload(extension).await
    }

    #[zbus(out_args("sources"))]
    async fn sources(&self) -> String {
        let sources = self.port.sources.borrow().clone();
        serde_json::to_string(&*sources).expect("plain data is JSON")
    }

    async fn set_enabled(&self, list: String, on: bool) -> Result<(), BusError> {
        self.port.enable(list, on).await
    }

    async fn set_order(&self, lists: Vec<String>) -> Result<(), BusError> {
        let ids = bounded(lists)?;
        let wish = |reply| ListWish::Order { ids, reply };
        self.port.ask(wish).await
    }

    async fn remove(&self, list: String) -> Result<(), BusError> {
        let wish = |reply| ListWish::Remove { id: list, reply };
        self.port.ask(wish).await
    }

    async fn reload(&self, list: &str) -> Result<(), BusError> {
        self.port.reload(list).await
    }

    async fn set_pattern(&self, kind: &str, pattern: &str, on: bool) -> Result<(), BusError> {
        let wrong = |error: PatternError| {
            let text = format!("argument \"pattern\": {error}");
            BusError::new(ErrorCode::InvalidArgument, text)
        };
        let pattern = NumberPattern::parse(pattern).map_err(wrong)?;
        let change = match kind {
            "block" => CallerChange::Block(pattern, on),
            "except" => CallerChange::Except(pattern, on),
            _ => {
                let known = "block, except";
                return Err(ArgumentError::new("kind", Problem::UnknownWord { known }).into());
            }
        };
        self.rule(change).await
    }

    async fn set_rule(&self, rule: &str, on: bool) -> Result<(), BusError> {
        let known = "anonymous, not-in-contacts, trust-contacts, trust-called";
        let switch = CallerRule::from_name(rule)
            .ok_or_else(|| ArgumentError::new("rule", Problem::UnknownWord { known }))?;
        self.rule(CallerChange::Switch(switch, on)).await
    }

    async fn set_call_back(&self, seconds: u32) -> Result<(), BusError> {
        let span = Duration::from_secs(u64::from(seconds));
        self.rule(CallerChange::CallBack(span)).await
    }

    #[zbus(out_args("decision"))]
    async fn explain(
        &self,
        handle_kind: &str,
        handle: &str,
        options: Dict,
    ) -> Result<String, BusError> {
        let handle = match handle {
            "" => None,
            value => Some(dbus::handle(handle_kind, value)?),
        };
        let what = dbus::what_if(&options)?;
        let decision = self.inbox.explain(handle, what).await?;
        Ok(serde_json::to_string(&decision).expect("plain data is JSON"))
    }

    #[zbus(out_args("decision"))]
    async fn explain_call(&self, call: &str) -> Result<String, BusError> {
        let call = crate::keys::call_id(call)?;
        let decision = self.inbox.explain_call(call).await?;
        let decision = decision.ok_or_else(|| {
            let text = "nothing was decided about this call, or it is not in the recents any more";
            BusError::new(ErrorCode::UnknownCall, text)
        })?;
        Ok(serde_json::to_string(&decision).expect("plain data is JSON"))
    }
}

impl Directory {
    async fn rule(&self, change: CallerChange) -> Result<(), BusError> {
        let wish = Request::ChangeRule(RuleChange::Caller(change));
        let from = Requester::User;
        let input = |reply| Input::Request { from, wish, reply };
        self.inbox
            .ask(input)
            .await?
            .map(drop)
            .map_err(BusError::from)
    }

    /// Whether the caller is this extension (DB1).
    async fn own(&self, extension: &str, header: &Header<'_>) -> Result<(), BusError> {
        let app = dbus::app_id(extension)?;
        let sender: OwnedUniqueName = sender(header)?;
        if !self.owners.owns(&sender, &app).await? {
            let text = format!("the caller does not own the bus name {app}; take it first");
            return Err(BusError::new(ErrorCode::Unentitled, text));
        }
        let sandbox = self.owners.sandbox(&sender).await?;
        match sandbox.allows(&app) {
            true => Ok(()),
            false => {
                let label = sandbox.label();
                let text = format!("{label} may not load {app}; use a name below its own id");
                Err(BusError::new(ErrorCode::Unentitled, text))
            }
        }
    }

    async fn offered(&self, id: &str, name: &str, is_app: bool) -> Result<String, BusError> {
        let name = dbus::text("name", name)?;
        let wish = |reply| ListWish::Offer {
            id: id.to_owned(),
            name: name.as_str().to_owned(),
            is_app,
            reply,
        };
        self.port.ask(wish).await?;
        self.source_text(id)
    }

    async fn begin(
        &self,
        id: &str,
        incremental: bool,
        header: &Header<'_>,
    ) -> Result<(u64, bool), BusError> {
        let owner = sender(header)?;
        let wish = |reply| ListWish::Begin {
            owner: owner.to_string(),
            id: id.to_owned(),
            incremental,
            reply,
        };
        let begun = self.port.ask(wish).await?;
        if !self.owners.is_there(&owner).await {
            // It left meanwhile: the watch of names may have told so too early.
            self.port.gone(&owner);
        }
        Ok((begun.load, begun.incremental))
    }

    async fn add(
        &self,
        load: u64,
        list: BatchList,
        entries: Entries,
        header: &Header<'_>,
    ) -> Result<(), BusError> {
        let owner = sender(header)?.to_string();
        self.port.add(owner, load, list, entries).await
    }

    fn source_text(&self, id: &str) -> Result<String, BusError> {
        let source = self.port.source(id).ok_or_else(|| unknown(id))?;
        Ok(serde_json::to_string(&source).expect("plain data is JSON"))
    }
}

/// The user's own lists have no dot, so that they are never taken for an app's.
fn is_mine(list: &str) -> Result<(), BusError> {
    match list.contains('.') {
        false => Ok(()),
        true => {
            let text = format!("{list} is the name of an extension; yours have no dot");
            Err(refused(DirectoryCode::NoExtensionFound, text))
        }
    }
}

fn bounded<T>(entries: Vec<T>) -> Result<Vec<T>, BusError> {
    match entries.len() <= NUMBERS_MAX {
        true => Ok(entries),
        false => {
            let text = format!("more than {NUMBERS_MAX} in one message; send several, or a file");
            Err(BusError::new(ErrorCode::InvalidArgument, text))
        }
    }
}

/// A file that nobody can change or cut, and that is read without waiting: a sealed memfd
/// (`memfd_create(2)`, `F_GET_SEALS` of `fcntl(2)`).
fn is_sealed(file: &OwnedFd) -> Result<(), BusError> {
    use rustix::fs::SealFlags;
    let wanted = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW;
    match rustix::fs::fcntl_get_seals(file) {
        Ok(seals) if seals.contains(wanted) => Ok(()),
        Ok(_) | Err(_) => {
            let text = "the file has to be a memfd with the seals write, shrink and grow";
            Err(BusError::new(ErrorCode::InvalidArgument, text))
        }
    }
}
