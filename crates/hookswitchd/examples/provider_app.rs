//! A calling app as small as it can be, on the bare D-Bus contract: for tests of the daemon, and
//! to see what the SDK does for you.
//!
//! `provider_app NAME [--incoming KEY CALLER] [--hang]` owns the bus name, registers, reports a
//! call if asked to, and fulfills whatever it is asked, or nothing at all with `--hang`. It says on
//! standard output what happens.

mod contract;

use std::collections::HashMap;

use contract::ProviderProxy;
use zbus::{Connection, OwnedVariant, Variant, connection, interface};

struct App {
    hang: bool,
}

#[interface(name = "org.hookswitch.App1", spawn = false)]
impl App {
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
        #[zbus(connection)] connection: &Connection,
    ) {
        println!("perform {action} {call}");
        if self.hang {
            return;
        }
        let settled = async { ProviderProxy::new(connection).await?.fulfill(&ask, 0).await };
        if let Err(error) = settled.await {
            println!("not fulfilled: {error}");
        }
    }

    async fn expired(&self, ask: String, _cursor: u64, _at: i64, _replayed: bool) {
        println!("expired {ask}");
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
        println!("ended {call} {reason}");
    }

    async fn audio_activated(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        println!("audio on {call}");
    }

    async fn audio_deactivated(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        println!("audio off {call}");
    }

    async fn open(&self, call: String, _cursor: u64, _at: i64, _replayed: bool) {
        println!("open {call}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> zbus::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(name) = args.first() else {
        eprintln!("usage: provider_app NAME [--incoming KEY CALLER] [--hang]");
        std::process::exit(2);
    };
    let hang = args.iter().any(|arg| arg == "--hang");
    let connection = connection::Builder::session()
        .serve_at("/org/hookswitch/App1", App { hang })
        .name(name.as_str())
        .build()
        .await?;
    let provider = ProviderProxy::new(&connection).await?;
    let kinds = vec!["generic", "phone-number"];
    let configuration = HashMap::from([
        ("name", Variant::from("Test App")),
        ("handle_kinds", Variant::from(kinds)),
    ]);
    let (_epoch, orphans) = provider.register(name, configuration).await?;
    println!("registered, orphans: {}", orphans.len());
    let wanted = args.iter().position(|arg| arg == "--incoming");
    if let Some([_, key, caller]) = wanted.and_then(|at| args.get(at..at + 3)) {
        let update = HashMap::from([("name", Variant::from(caller.as_str()))]);
        let (call, _known) = provider.report_incoming(key, update).await?;
        println!("reported {call}");
    }
    connection.closed().await;
    Ok(())
}
