//! Watches all calls, without names: prints what changes until a call has ended.
//!
//! Run it beside `hookswitchd` with `cargo run -p hookswitch --example observer`. A music player
//! that pauses during calls needs no more than this.

use hookswitch::Observer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), hookswitch::Error> {
    let observer = Observer::connect().await?;
    println!("hookswitchd {}", observer.version().await?);
    let mut changes = observer.watch().await?;
    loop {
        let call = changes.next().await?;
        println!(
            "{} connected: {}, on hold: {}, ended: {}",
            call.id, call.has_connected, call.on_hold, call.has_ended
        );
        if call.has_ended {
            return Ok(());
        }
    }
}
