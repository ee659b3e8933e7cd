//! `org.hookswitch.Calls1.Observer`: flags of calls for anyone who only watches.
//!
//! Input: what was published last. Output: ids and flags, never names or addresses.

use hookswitch_wire::flags::Flags;
use zbus::interface;
use zbus::object_server::SignalEmitter;

use crate::published::Published;

/// Serves the observer interface.
#[derive(Debug)]
pub struct Observer {
    pub(crate) published: Published,
}

#[interface(
    name = "org.hookswitch.Calls1.Observer",
    spawn = false,
    introspection_docs = false
)]
impl Observer {
    #[zbus(out_args("revision", "calls"))]
    async fn calls(&self) -> (u64, Vec<Flags>) {
        self.published.flags()
    }

    #[zbus(signal)]
    pub(crate) async fn call_changed(emitter: &SignalEmitter<'_>, call: Flags) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "const"))]
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }
}
