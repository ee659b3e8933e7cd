//! The daemon is killed with SIGKILL before each effect of three scripted days: no call is lost,
//! none doubled, none stuck.
//!
//! A daemon that was built with debug assertions kills itself before the effect whose number is in
//! `HOOKSWITCH_KILL_AT`, counting also the writing of the live calls and the reply of each step.
//! The days are those of [`Day`]. The apps then take back what they have, and end it.
//!
//! In the end each call of the day is in the recents, once: the record of a call that ended waits
//! in the log of live calls until the recents have it.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus};
use serde_json::Value;

use crate::app::{App, Told, configuration};
use crate::world::{HANG, Hand, spawn_daemon, start_daemon};

const NAMES: [&str; 2] = ["org.example.A", "org.example.B"];

/// More boundaries than the day has.
const BOUNDARIES_MAX: usize = 400;

/// What happens until the daemon is killed.
#[derive(Clone, Copy)]
enum Day {
    /// A call on each of two apps: Hold & Answer across them, digits, the other party's end,
    /// resume, the user's end.
    TwoApps,
    /// A dialed call that connects, a second one of the same app, both merged, video, the end of
    /// the group.
    Meeting,
    /// A call that is declined, one that its caller gives up, one that is answered elsewhere.
    Declined,
}

/// What an app knows of its own call.
#[derive(Debug, Default)]
struct Known {
    /// The id that the daemon gave it; a report without a reply leaves this empty.
    call: Option<String>,
    /// The app was told that it is over, or said so itself.
    over: bool,
}

/// The user's hand, the apps, and what these know of their calls.
struct Stage {
    hand: Hand,
    apps: Vec<App>,
    known: Vec<Known>,
}

#[tokio::test]
async fn killed_before_every_effect_of_a_day_with_two_apps() {
    at_each_boundary(Day::TwoApps).await;
}

#[tokio::test]
async fn killed_before_every_effect_of_a_day_with_a_meeting() {
    at_each_boundary(Day::Meeting).await;
}

#[tokio::test]
async fn killed_before_every_effect_of_a_day_of_declined_calls() {
    at_each_boundary(Day::Declined).await;
}

async fn at_each_boundary(day: Day) {
    let mut boundary = 0;
    loop {
        boundary += 1;
        assert!(boundary < BOUNDARIES_MAX, "the day never ends");
        if !survives(day, boundary).await {
            break;
        }
    }
    assert!(boundary > 40, "the day has only {boundary} boundaries");
}

/// Runs the day with a kill at this boundary; false if the day was over before.
async fn survives(day: Day, boundary: usize) -> bool {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let mut env = bus.env();
    env.push(("HOOKSWITCH_KILL_AT".to_owned(), boundary.to_string()));
    let hand = Hand::on(bus.address()).await;
    let mut daemon = spawn_daemon(&bed, env, "", &["--port", "0"]);
    owned(hand.controller.inner(), true).await;
    let mut apps = Vec::new();
    for name in NAMES {
        apps.push(App::connect(bus.address(), Some(name)).await);
    }
    let known = Vec::new();
    let mut stage = Stage { hand, apps, known };
    if stage.play(day).await.is_some() {
        daemon.kill();
        return false;
    }
    let killed = daemon.wait(HANG);
    assert!(
        !killed.success(),
        "boundary {boundary}: the daemon left by itself"
    );
    let _next = start_daemon(&bed, bus.env(), "");
    stage.is_whole(boundary).await;
    stage.take_back(boundary).await;
    stage.all_in_recents(boundary).await;
    true
}

impl Stage {
    /// A scripted day; nothing as soon as the daemon is gone.
    async fn play(&mut self, day: Day) -> Option<()> {
        for (app, name) in self.apps.iter().zip(NAMES) {
            let registered = app.provider.register(name, configuration("Test App")).await;
            took(registered)?;
        }
        match day {
            Day::TwoApps => self.two_apps().await?,
            Day::Meeting => self.meeting().await?,
            Day::Declined => self.declined().await?,
        }
        took(self.hand.controller.state().await).map(drop)
    }

    async fn two_apps(&mut self) -> Option<()> {
        let a = self.ring(0, "k0").await?;
        took(self.hand.controller.answer(&a, "auto").await)?;
        self.does(0, "answer").await?;
        took(self.hand.controller.play_digits(&a, "1").await)?;
        self.does(0, "play-digits").await?;
        let b = self.ring(1, "k1").await?;
        took(self.hand.controller.answer(&b, "hold").await)?;
        self.does(0, "set-held").await?;
        self.does(1, "answer").await?;
        self.ends(1, &b, "remote-hangup").await?;
        took(self.hand.controller.set_held(&a, false).await)?;
        self.does(0, "set-held").await?;
        took(self.hand.controller.end(&a).await)?;
        self.over(&a);
        self.does(0, "end").await
    }

    async fn meeting(&mut self) -> Option<()> {
        let a = self.dial(0).await?;
        self.does(0, "start").await?;
        let provider = &self.apps[0].provider;
        took(provider.report_connected(&a, 0).await)?;
        let b = self.ring(0, "k0").await?;
        took(self.hand.controller.answer(&b, "hold").await)?;
        self.does(0, "set-held").await?;
        self.does(0, "answer").await?;
        took(self.hand.controller.merge(&b, &a).await)?;
        self.does(0, "set-group").await?;
        took(self.hand.controller.set_video(&b, true).await)?;
        self.does(0, "set-video").await?;
        took(self.hand.controller.end_group(&a).await)?;
        self.over(&a);
        self.over(&b);
        self.does(0, "end").await?;
        self.does(0, "end").await
    }

    async fn declined(&mut self) -> Option<()> {
        let a = self.ring(0, "k0").await?;
        took(self.hand.controller.decline(&a).await)?;
        self.over(&a);
        self.does(0, "end").await?;
        let b = self.ring(1, "k1").await?;
        let c = self.ring(0, "k2").await?;
        self.ends(1, &b, "canceled-by-caller").await?;
        self.ends(0, &c, "answered-elsewhere").await
    }

    /// A call comes in to an app.
    async fn ring(&mut self, app: usize, key: &str) -> Option<String> {
        self.known.push(Known::default());
        let reported = self.apps[app].provider.report_incoming(key, HashMap::new());
        self.learn(took(reported.await)?.0)
    }

    /// The user dials with an app.
    async fn dial(&mut self, app: usize) -> Option<String> {
        self.known.push(Known::default());
        let (name, options) = (NAMES[app], HashMap::new());
        let controller = &self.hand.controller;
        let dialed = controller.dial(name, "phone-number", "+15550100", options);
        self.learn(took(dialed.await)?.0)
    }

    /// The newest call has this id.
    fn learn(&mut self, call: String) -> Option<String> {
        self.known.last_mut()?.call = Some(call.clone());
        Some(call)
    }

    /// From here on it may be over for the daemon.
    fn over(&mut self, call: &str) {
        let known = self.known.iter_mut();
        for known in known.filter(|known| known.call.as_deref() == Some(call)) {
            known.over = true;
        }
    }

    /// The app says that a call is over.
    async fn ends(&mut self, app: usize, call: &str, reason: &str) -> Option<()> {
        self.over(call);
        let provider = &self.apps[app].provider;
        took(provider.report_ended(call, reason).await)
    }

    /// An app does what it is asked for; nothing if the daemon is gone before it asks.
    async fn does(&mut self, app: usize, wanted: &str) -> Option<()> {
        let App { provider, told } = &mut self.apps[app];
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
                return took(provider.fulfill(&ask, 0).await);
            }
        }
    }

    /// The next daemon has every call that an app was told of, once.
    async fn is_whole(&self, boundary: usize) {
        let state = self.hand.state().await;
        let live = ids(&state["calls"], "id");
        let unique: BTreeSet<&String> = live.iter().collect();
        assert_eq!(
            unique.len(),
            live.len(),
            "boundary {boundary}: doubled in {state:#}"
        );
        let recents = past(&self.hand).await;
        for known in &self.known {
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
                "boundary {boundary}: {call} is live {there} times and kept {kept} times: \
                 {state:#}"
            );
        }
    }

    /// The apps take back what the next daemon offers them, and end it.
    async fn take_back(&mut self, boundary: usize) {
        for (app, name) in self.apps.iter_mut().zip(NAMES) {
            while app.told.try_recv().is_ok() {}
            let registered = app.provider.register(name, configuration("Test App")).await;
            let (_epoch, orphans) = registered.expect("registered");
            for (call, key) in orphans {
                let adopted = app.provider.adopt(&key).await;
                adopted.unwrap_or_else(|error| panic!("boundary {boundary}: {key}: {error}"));
                let ended = app.provider.report_ended(&call, "remote-hangup").await;
                ended.expect("the end is taken");
            }
        }
        let none = |state: &Value| state["calls"].as_array().is_some_and(Vec::is_empty);
        self.hand.wait("all calls to end", none).await;
    }

    async fn all_in_recents(&self, boundary: usize) {
        let told = self.known.iter().filter_map(|known| known.call.as_ref());
        let told: Vec<&String> = told.collect();
        let mut all = ids(&Value::from(self.hand.recents(told.len()).await), "call");
        while !told.iter().all(|call| all.contains(call)) {
            all = ids(&Value::from(self.hand.recents(all.len() + 1).await), "call");
        }
        for call in told {
            let count = all.iter().filter(|past| *past == call).count();
            assert_eq!(
                count, 1,
                "boundary {boundary}: {call} in the recents {all:?}"
            );
        }
    }
}

/// What the daemon did; nothing if it is gone. The days ask for nothing that it refuses.
fn took<T>(result: zbus::Result<T>) -> Option<T> {
    match result {
        Err(zbus::Error::MethodError(name, text, _)) if name.starts_with("org.hookswitch.") => {
            panic!("refused: {name}: {text:?}")
        }
        result => result.ok(),
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

async fn past(hand: &Hand) -> Vec<String> {
    let text = hand.controller.recents("all", 50).await.expect("recents");
    ids(&serde_json::from_str(&text).expect("JSON"), "call")
}

fn ids(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item[member].as_str().expect("an id").to_owned())
        .collect()
}
