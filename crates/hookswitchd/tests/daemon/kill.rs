//! The daemon is killed with SIGKILL before each effect of a scripted day: no call is lost, none
//! doubled, none stuck.
//!
//! A daemon that was built with debug assertions kills itself before the effect whose number is in
//! `HOOKSWITCH_KILL_AT`, counting also the writing of the live calls and the reply of each step.
//! The day is two apps with one call each: Hold & Answer across them, mute, the other party's end,
//! resume, the user's end. The two apps then take back what they have, and end it.
//!
//! In the end each call of the day is in the recents, once: the record of a call that ended waits
//! in the log of live calls until the recents have it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus};
use serde_json::Value;

use crate::app::{App, Told, configuration};
use crate::world::{HANG, Hand, spawn_daemon, start_daemon};

const NAMES: [&str; 2] = ["org.example.A", "org.example.B"];

/// More boundaries than the day has.
const BOUNDARIES_MAX: usize = 400;

/// What an app knows of its own call.
#[derive(Debug, Default)]
struct Known {
    /// The id that the daemon gave it; a report without a reply leaves this empty.
    call: Option<String>,
    /// The app was told that it is over, or said so itself.
    over: bool,
}

#[tokio::test]
async fn killed_before_every_effect_of_a_day() {
    let mut boundary = 0;
    loop {
        boundary += 1;
        assert!(boundary < BOUNDARIES_MAX, "the day never ends");
        if !survives(boundary).await {
            break;
        }
    }
    assert!(boundary > 40, "the day has only {boundary} boundaries");
}

/// Runs the day with a kill at this boundary; false if the day was over before.
async fn survives(boundary: usize) -> bool {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let mut env = bus.env();
    env.push(("HOOKSWITCH_KILL_AT".to_owned(), boundary.to_string()));
    let hand = Hand::on(bus.address()).await;
    let mut daemon = spawn_daemon(&bed, env, "", &["--port", "0"]);
    owned(hand.controller.inner(), true).await;
    let mut apps = Vec::new();
    let mut known: BTreeMap<usize, Known> = BTreeMap::new();
    for name in NAMES {
        apps.push(App::connect(bus.address(), Some(name)).await);
    }
    let done = day(&hand, &mut apps, &mut known).await;
    if done {
        daemon.kill();
        return false;
    }
    let killed = daemon.wait(HANG);
    assert!(
        !killed.success(),
        "boundary {boundary}: the daemon left by itself"
    );
    let _next = start_daemon(&bed, bus.env(), "");
    after(boundary, &hand, &mut apps, &known).await;
    true
}

/// The scripted day; false as soon as the daemon is gone.
async fn day(hand: &Hand, apps: &mut [App], known: &mut BTreeMap<usize, Known>) -> bool {
    run(hand, apps, known).await.is_some()
}

async fn run(hand: &Hand, apps: &mut [App], known: &mut BTreeMap<usize, Known>) -> Option<()> {
    for (app, name) in apps.iter().zip(NAMES) {
        app.provider
            .register(name, configuration("Test App"))
            .await
            .ok()?;
    }
    known.insert(0, Known::default());
    let a = ring(&apps[0], "k0").await?;
    known.entry(0).or_default().call = Some(a.clone());
    hand.controller.answer(&a, "auto").await.ok()?;
    does(&mut apps[0], "answer").await?;
    hand.controller.play_digits(&a, "1").await.ok()?;
    does(&mut apps[0], "play-digits").await?;
    known.insert(1, Known::default());
    let b = ring(&apps[1], "k1").await?;
    known.entry(1).or_default().call = Some(b.clone());
    hand.controller.answer(&b, "hold").await.ok()?;
    does(&mut apps[0], "set-held").await?;
    does(&mut apps[1], "answer").await?;
    known.entry(1).or_default().over = true;
    apps[1]
        .provider
        .report_ended(&b, "remote-hangup")
        .await
        .ok()?;
    hand.controller.set_held(&a, false).await.ok()?;
    does(&mut apps[0], "set-held").await?;
    hand.controller.end(&a).await.ok()?;
    known.entry(0).or_default().over = true;
    does(&mut apps[0], "end").await?;
    hand.controller.state().await.ok().map(drop)
}

async fn ring(app: &App, key: &str) -> Option<String> {
    let update = std::collections::HashMap::new();
    let reported = app.provider.report_incoming(key, update).await;
    reported.ok().map(|(call, _)| call)
}

/// Does what it is asked for; `None` if the daemon is gone before it asks.
async fn does(app: &mut App, wanted: &str) -> Option<()> {
    let App { provider, told } = app;
    loop {
        let next = tokio::time::timeout(HANG, async {
            tokio::select! {
                told = told.recv() => told,
                () = owned(provider.inner(), false) => None,
            }
        });
        if let Told::Perform { ask, action, .. } = next.await.expect("an ask or an end")?
            && action == wanted
        {
            return provider.fulfill(&ask, 0).await.ok();
        }
    }
}

/// Waits until the daemon owns its name, or has left it.
async fn owned(proxy: &zbus::Proxy<'_>, wanted: bool) {
    let mut changes = proxy.receive_owner_changed().await.expect("a stream");
    let deadline = tokio::time::Instant::now() + HANG;
    while tokio::time::Instant::now() < deadline {
        let owned = proxy.connection().call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &("org.hookswitch.Calls1",),
        );
        let reply = owned.await.expect("the bus answers");
        if reply.body().deserialize::<bool>().expect("a truth value") == wanted {
            return;
        }
        // A change wakes it early; a missed one costs a moment only.
        let _ = tokio::time::timeout(HANG / 20, changes.next()).await;
    }
    panic!("the daemon comes and goes in time");
}

/// The next daemon has every call that an app was told of, once, and all of them can end.
async fn after(boundary: usize, hand: &Hand, apps: &mut [App], known: &BTreeMap<usize, Known>) {
    let state = hand.state().await;
    let live = ids(&state["calls"], "id");
    let unique: BTreeSet<&String> = live.iter().collect();
    assert_eq!(
        unique.len(),
        live.len(),
        "boundary {boundary}: doubled in {state:#}"
    );
    let recents = past(hand).await;
    for known in known.values() {
        let Some(call) = &known.call else { continue };
        let there = usize::from(live.contains(call));
        let kept = recents.iter().filter(|past| *past == call).count();
        let fits = match known.over {
            false => there + kept == 1,
            // Its record may be on its way into the recents still.
            true => there + kept <= 1,
        };
        assert!(
            fits,
            "boundary {boundary}: {call} is live {there} times and kept {kept} times: {state:#}"
        );
    }
    for (number, (app, name)) in apps.iter_mut().zip(NAMES).enumerate() {
        while app.told.try_recv().is_ok() {}
        let registered = app.provider.register(name, configuration("Test App")).await;
        let (_epoch, orphans) = registered.expect("registered");
        for (call, key) in orphans {
            assert_eq!(key, format!("k{number}"), "boundary {boundary}");
            app.provider.adopt(&key).await.expect("adopted");
            let ended = app.provider.report_ended(&call, "remote-hangup").await;
            ended.expect("the end is taken");
        }
    }
    hand.wait("all calls to end", |state| {
        state["calls"].as_array().is_some_and(Vec::is_empty)
    })
    .await;
    let told: Vec<&String> = known
        .values()
        .filter_map(|known| known.call.as_ref())
        .collect();
    let mut all = ids(&Value::from(hand.recents(told.len()).await), "call");
    while !told.iter().all(|call| all.contains(call)) {
        all = ids(&Value::from(hand.recents(all.len() + 1).await), "call");
    }
    for call in told {
        let count = all.iter().filter(|past| *past == call).count();
        assert_eq!(
            count, 1,
            "boundary {boundary}: {call} in the recents {all:?}"
        );
    }
}

async fn past(hand: &Hand) -> Vec<String> {
    let text = hand.controller.recents("all", 50).await.expect("recents");
    ids(&serde_json::from_str(&text).expect("JSON"), "call")
}

fn ids(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item[member].as_str().expect("an id").to_owned())
        .collect()
}
