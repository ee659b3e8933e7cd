//! Tones of calls, for an app that leaves them to the system: over the bus, heard on a real
//! PipeWire server.

use std::collections::HashMap;

use hookswitch_testbed::{AudioServer, Bed, PrivateBus, RECORD_RATE_HZ, tone};
use zbus::Variant;

use crate::app::{App, configuration};
use crate::world::{HANG, World};

const NAME: &str = "org.example.Acme";
const PITCH_HZ: f64 = 425.0;

#[tokio::test]
async fn ringback_and_busy_are_heard_for_an_app_that_asked_for_them() {
    let bed = Bed::new();
    let server = AudioServer::start(&bed);
    server.add_sink("speaker");
    server.set_default_sink("speaker");
    let bus = PrivateBus::start(&bed);
    let world = World::start_on(bed, bus, "[limits]\ntone = 6000\n").await;
    let mut app = App::connect(world.bus.address(), Some(NAME)).await;
    let mut about = configuration("Acme");
    about.insert("tones", Variant::from(vec!["ringback", "busy"]));
    app.provider
        .register(NAME, about)
        .await
        .expect("registered");

    let hand = &world.hand;
    let to = "bob@example.org";
    let dialed = hand.controller.dial(NAME, "generic", to, HashMap::new());
    let call = dialed.await.expect("dialed").0;
    app.does("start").await;
    let connecting = app.provider.report_connecting_at(&call, 0);
    connecting.await.expect("taken");
    let playing = |wanted: &'static str| {
        let is = move |state: &serde_json::Value| state["tone"]["tone"] == wanted;
        hand.wait(wanted, is)
    };
    let state = playing("ringback").await;
    assert_eq!(state["tone"]["call"], call.as_str());
    let recording = server.record("speaker");
    recording.until(HANG * 3, heard);

    // The network itself sends sound.
    for (early, tone) in [(true, None), (false, Some("ringback"))] {
        let update = HashMap::from([("early_media", Variant::from(early))]);
        let updated = app.provider.report_updated(&call, update).await;
        updated.expect("taken");
        let is = move |state: &serde_json::Value| state["tone"]["tone"].as_str() == tone;
        hand.wait("the tone of the state", is).await;
    }

    let ended = app.provider.report_ended(&call, "busy").await;
    ended.expect("taken");
    playing("busy").await;
    recording.until(HANG * 3, heard);
    hand.wait("its end", |state| state["tone"].is_null()).await;
    recording.until(HANG * 3, |samples| {
        let last = tone::last(samples, RECORD_RATE_HZ, 2_000)?;
        (last.level_dbfs <= tone::SILENCE_DBFS).then_some(())
    });
}

fn heard(samples: &[i16]) -> Option<()> {
    let tone = tone::last(samples, RECORD_RATE_HZ, 200)?;
    ((tone.frequency_hz - PITCH_HZ).abs() < 10.0 && tone.level_dbfs > -40.0).then_some(())
}
