//! Recents that take nothing: calls go on, and no record of a call that ended is lost by that.
//! News that comes after the end of a call changes its record.

use std::fs;
use std::path::PathBuf;

use futures_util::StreamExt;
use hookswitch_testbed::{Bed, PrivateBus};
use serde_json::Value;

use crate::app::App;
use crate::world::{HANG, World, start_daemon};

const NAME: &str = "org.example.A";

/// A folder stands where the file of the recents should be: no write succeeds, whoever writes.
struct Broken {
    world: World,
    file: PathBuf,
    config: String,
}

impl Broken {
    async fn start() -> Self {
        let bed = Bed::new();
        let bus = PrivateBus::start(&bed);
        let file = bed.path().join("kept/recents.db");
        fs::create_dir_all(&file).expect("a folder in the way");
        let config = format!("[recents]\nfile = \"{}\"\n", file.display());
        let world = World::start_on(bed, bus, &config).await;
        Self {
            world,
            file,
            config,
        }
    }

    async fn call(&self, app: &mut App, key: &str) -> String {
        let call = app.ring(key, "Ana").await;
        let ended = app.provider.report_ended(&call, "remote-hangup").await;
        ended.expect("the call ends, whatever becomes of its record");
        self.world.hand.wait_gone(&call).await;
        call
    }

    fn repair(&self) {
        fs::remove_dir(&self.file).expect("the folder goes");
    }

    /// Waits for a number of recents; a daemon that cannot keep them says so instead.
    async fn recents(&self, count: usize) -> Vec<String> {
        let controller = &self.world.hand.controller;
        let mut changes = controller.receive_recents_changed().await.expect("signals");
        controller.watch().await.expect("the state");
        loop {
            let told = controller.recents("all", 50).await;
            let text = told.unwrap_or_else(|_| "[]".to_owned());
            let entries: Vec<Value> = serde_json::from_str(&text).expect("JSON");
            if entries.len() >= count {
                let call = |entry: &Value| entry["call"].as_str().map(str::to_owned);
                return entries.iter().filter_map(call).collect();
            }
            let change = tokio::time::timeout(HANG, changes.next()).await;
            change.unwrap_or_else(|_| panic!("{count} recents never came: {text}"));
        }
    }
}

#[tokio::test]
async fn the_next_daemon_keeps_what_this_one_could_not_and_once() {
    let mut broken = Broken::start().await;
    let mut app = App::register(broken.world.bus.address(), NAME).await;
    let first = broken.call(&mut app, "k1").await;
    let second = broken.call(&mut app, "k2").await;
    // One more daemon that cannot keep them passes them on.
    for _ in 0..2 {
        broken.world.daemon.kill();
        let env = broken.world.bus.env();
        broken.world.daemon = start_daemon(&broken.world.bed, env, &broken.config);
    }
    broken.world.daemon.kill();
    broken.repair();
    for _ in 0..2 {
        let env = broken.world.bus.env();
        broken.world.daemon = start_daemon(&broken.world.bed, env, &broken.config);
        assert_eq!(broken.recents(2).await, [second.clone(), first.clone()]);
        broken.world.daemon.kill();
    }
}

#[tokio::test]
async fn recents_that_work_again_get_what_waited_before_the_next_call() {
    let broken = Broken::start().await;
    let mut app = App::register(broken.world.bus.address(), NAME).await;
    let first = broken.call(&mut app, "k1").await;
    let second = broken.call(&mut app, "k2").await;
    broken.repair();
    let third = broken.call(&mut app, "k3").await;
    assert_eq!(broken.recents(3).await, [third, second, first]);
}

/// Waits until the recents are as wanted.
async fn recents_until(world: &World, wanted: impl Fn(&[Value], &[Value]) -> bool) {
    let controller = &world.hand.controller;
    let mut changes = controller.receive_recents_changed().await.expect("signals");
    controller.watch().await.expect("the state");
    loop {
        let mut lists = Vec::new();
        for filter in ["all", "missed"] {
            let told = controller.recents(filter, 50).await;
            let text = told.unwrap_or_else(|_| "[]".to_owned());
            lists.push(serde_json::from_str::<Vec<Value>>(&text).expect("JSON"));
        }
        if wanted(&lists[0], &lists[1]) {
            return;
        }
        let change = tokio::time::timeout(HANG, changes.next()).await;
        change.unwrap_or_else(|_| panic!("the recents stay {lists:?}"));
    }
}

fn is_amended(call: &str, all: &[Value], missed: &[Value]) -> bool {
    let entry = all.iter().find(|entry| entry["call"] == call);
    let says = |entry: &Value| entry["sentence"] == "Answered on another device";
    let counts = missed.iter().any(|entry| entry["call"] == call);
    all.len() == 1 && entry.is_some_and(says) && !counts
}

#[tokio::test]
async fn a_missed_call_that_was_answered_elsewhere_after_all_is_missed_no_more() {
    let mut world = World::start("").await;
    let app = App::register(world.bus.address(), NAME).await;
    let call = app.ring("k1", "Ana").await;
    let provider = &app.provider;
    let ended = provider.report_ended(&call, "canceled-by-caller").await;
    ended.expect("it ends");
    recents_until(&world, |_, missed| missed.len() == 1).await;
    let text = |state: &Value| state["notices"].to_string();
    let state = world.hand.state().await;
    assert!(text(&state).contains("canceled-by-caller"), "{state:#}");
    let ended = provider.report_ended(&call, "answered-elsewhere").await;
    ended.expect("news are taken");
    recents_until(&world, |all, missed| is_amended(&call, all, missed)).await;
    let told = |state: &Value| text(state).contains("answered-elsewhere");
    world.hand.wait("the notice to say so", told).await;
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    recents_until(&world, |all, missed| is_amended(&call, all, missed)).await;
}

#[tokio::test]
async fn what_recents_that_fail_could_not_amend_the_next_daemon_amends() {
    let mut broken = Broken::start().await;
    let mut app = App::register(broken.world.bus.address(), NAME).await;
    let call = broken.call(&mut app, "k1").await;
    let ended = app.provider.report_ended(&call, "answered-elsewhere").await;
    ended.expect("news are taken");
    broken.world.daemon.kill();
    broken.repair();
    for _ in 0..2 {
        let env = broken.world.bus.env();
        broken.world.daemon = start_daemon(&broken.world.bed, env, &broken.config);
        recents_until(&broken.world, |all, missed| is_amended(&call, all, missed)).await;
        broken.world.daemon.kill();
    }
}
