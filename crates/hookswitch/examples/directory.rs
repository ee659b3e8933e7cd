//! Keeps a list of numbers up to date: offers it, and loads it whenever the daemon asks.
//!
//! Run it beside `hookswitchd` with `cargo run -p hookswitch --example directory`, then say
//! `hookswitch directory enable org.example.Spam.Directory`, and
//! `hookswitch directory explain "+1 202 555 0101"`.

use hookswitch::{DirectoryEntry, DirectoryExtension};

const ID: &str = "org.example.Spam.Directory";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), hookswitch::Error> {
    let list = DirectoryExtension::connect(ID, "Example spam").await?;
    let status = list.status().await?;
    println!("offered; switched on: {}", status.enabled);
    while list.requested().await.is_some() {
        let blocked = (12_025_550_100..12_025_550_110).map(DirectoryEntry::block);
        let named = [DirectoryEntry::name(442_079_460_000, "Bakery")];
        match list.load_full(blocked.chain(named)).await {
            Ok(loaded) => println!("loaded {} entries", loaded.entries),
            Err(error) => println!("not loaded: {error}"),
        }
    }
    Ok(())
}
