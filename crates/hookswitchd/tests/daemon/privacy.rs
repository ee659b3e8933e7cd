//! Nothing sensitive is in the log or in the journal.

use std::collections::HashMap;
use std::fs;

use rustix::process::Signal;
use zbus::Variant;

use crate::app::App;
use crate::world::{HANG, World};

#[tokio::test]
async fn neither_log_nor_journal_holds_a_name_a_number_or_a_digit() {
    let mut world = World::start("log = \"trace\"\n").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let hand = &world.hand;
    let update = HashMap::from([
        ("name", Variant::from("Ana Kowalska")),
        ("handle", Variant::new(("phone-number", "+15550199"))),
    ]);
    let key = "sip:secret-key@example.org";
    let (call, _) = app
        .provider
        .report_incoming(key, update)
        .await
        .expect("reported");
    hand.controller.answer(&call, "auto").await.expect("taken");
    app.does("answer").await;
    hand.wait_phase(&call, "active").await;
    hand.controller
        .play_digits(&call, "4711471147")
        .await
        .expect("taken");
    app.does("play-digits").await;
    app.provider
        .report_ended(key, "remote-hangup")
        .await
        .expect("reported");
    hand.wait_gone(&call).await;
    let ui = hand.controller.ui_address().await.expect("served");
    let token = ui.rsplit('=').next().expect("a token").to_owned();

    world.daemon.signal(Signal::USR1);
    world.daemon.wait_for_line("journal written", HANG);
    let path = world.bed.path().join("state/hookswitch/journal.txt");
    let journal = fs::read_to_string(path).expect("the journal");
    assert!(journal.contains("Incoming"), "{journal}");
    assert!(world.daemon.stop().is_some_and(|status| status.success()));
    for text in [journal, world.daemon.log()] {
        for secret in ["Kowalska", "5550199", "secret-key", "47114711", &token] {
            assert!(!text.contains(secret), "{secret} is in:\n{text}");
        }
    }
}
