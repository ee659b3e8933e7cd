//! A calling app inside the test, which settles asks as the test says.

use std::collections::HashMap;

use tokio::sync::mpsc;
use zbus::{OwnedVariant, Variant, connection, interface};

use crate::world::HANG;

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Provider",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
pub trait Provider {
    fn register(
        &self,
        app: &str,
        configuration: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<(u64, Vec<(String, String)>)>;
    fn invalidate(&self) -> zbus::Result<()>;
    fn report_incoming(
        &self,
        key: &str,
        update: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<(String, bool)>;
    fn report_updated(&self, call: &str, update: HashMap<&str, Variant<'_>>) -> zbus::Result<()>;
    fn report_connected(&self, call: &str, at: i64) -> zbus::Result<()>;
    fn report_connecting_at(&self, call: &str, at: i64) -> zbus::Result<()>;
    fn report_ended(&self, call: &str, reason: &str) -> zbus::Result<()>;
    fn report_ended_at(&self, call: &str, reason: &str, at: i64) -> zbus::Result<()>;
    fn adopt(&self, call: &str) -> zbus::Result<()>;
    fn request(&self, actions: Vec<HashMap<&str, Variant<'_>>>) -> zbus::Result<(String, String)>;
    fn fulfill(&self, ask: &str, at: i64) -> zbus::Result<()>;
    fn fail(&self, ask: &str) -> zbus::Result<()>;
    fn acknowledge(&self, cursor: u64) -> zbus::Result<()>;
}

/// What the daemon told the app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    Perform {
        ask: String,
        call: String,
        action: String,
    },
    Expired(String),
    CallEnded(String, String),
    Audio(String, bool),
    Open(String),
}

struct Side(mpsc::UnboundedSender<Told>);

#[interface(name = "org.hookswitch.App1", spawn = false)]
impl Side {
    #[allow(clippy::too_many_arguments)]
    async fn perform(
        &self,
        ask: String,
        _transaction: String,
        call: String,
        _key: String,
        action: String,
        _details: HashMap<String, OwnedVariant>,
        _deadline_ms: u64,
        _cursor: u64,
        _at: i64,
        _replayed: bool,
    ) {
        self.tell(Told::Perform { ask, call, action });
    }

    async fn expired(&self, ask: String, _cursor: u64, _at: i64, _replayed: bool) {
        self.tell(Told::Expired(ask));
    }

    async fn call_ended(
        &self,
        call: String,
        _key: String,
        reason: String,
        _cursor: u64,
        _at: i64,
        _replayed: bool,
    ) {
        self.tell(Told::CallEnded(call, reason));
    }

    async fn audio_activated(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        self.tell(Told::Audio(call, true));
    }

    async fn audio_deactivated(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        self.tell(Told::Audio(call, false));
    }

    async fn open(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        self.tell(Told::Open(call));
    }
}

impl Side {
    fn tell(&self, told: Told) {
        // An error means that the test does not look any more.
        let _ = self.0.send(told);
    }
}

/// The app.
pub struct App {
    pub provider: ProviderProxy<'static>,
    pub told: mpsc::UnboundedReceiver<Told>,
}

impl App {
    /// Owns the name and registers.
    pub async fn register(address: &str, name: &str) -> Self {
        let app = Self::connect(address, Some(name)).await;
        let registered = app.provider.register(name, configuration("Test App")).await;
        registered.expect("registered");
        app
    }

    /// Connects only.
    pub async fn connect(address: &str, name: Option<&str>) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let mut builder =
            connection::Builder::address(address).serve_at("/org/hookswitch/App1", Side(sender));
        if let Some(name) = name {
            builder = builder.name(name);
        }
        let connection = builder.build().await.expect("a bus");
        let provider = ProviderProxy::new(&connection).await.expect("a proxy");
        Self { provider, told }
    }

    /// Reports a call from a named caller; returns its id.
    pub async fn ring(&self, key: &str, caller: &str) -> String {
        let update = HashMap::from([("name", Variant::from(caller))]);
        let reported = self.provider.report_incoming(key, update).await;
        reported.expect("reported").0
    }

    /// The next thing the daemon tells.
    pub async fn next(&mut self) -> Told {
        let told = tokio::time::timeout(HANG, self.told.recv()).await;
        told.expect("the daemon never told anything")
            .expect("connected")
    }

    /// Waits for an ask; other things told meanwhile are passed over.
    pub async fn asked(&mut self, wanted: &str) -> String {
        loop {
            if let Told::Perform { ask, action, .. } = self.next().await
                && action == wanted
            {
                return ask;
            }
        }
    }

    /// Waits for an ask and fulfills it.
    pub async fn does(&mut self, wanted: &str) {
        let ask = self.asked(wanted).await;
        self.provider.fulfill(&ask, 0).await.expect("fulfilled");
    }
}

pub fn configuration(name: &str) -> HashMap<&'static str, Variant<'_>> {
    HashMap::from([
        ("name", Variant::from(name)),
        ("video", Variant::from(true)),
        (
            "handle_kinds",
            Variant::from(vec!["generic", "phone-number"]),
        ),
    ])
}
