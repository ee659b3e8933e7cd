//! The daemon's side of the bare D-Bus contract, as far as the examples need it.

use std::collections::HashMap;

use zbus::Variant;

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
    fn report_incoming(
        &self,
        key: &str,
        update: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<(String, bool)>;
    fn report_ended(&self, call: &str, reason: &str) -> zbus::Result<()>;
    fn fulfill(&self, ask: &str, at: i64) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Controller",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
pub trait Controller {
    fn answer(&self, call: &str, mode: &str) -> zbus::Result<String>;
    fn set_held(&self, call: &str, on: bool) -> zbus::Result<String>;
    fn state(&self) -> zbus::Result<String>;
    fn watch(&self) -> zbus::Result<String>;
    #[zbus(signal)]
    fn state_changed(&self, revision: u64, state: &str) -> zbus::Result<()>;
}
