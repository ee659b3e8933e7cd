//! Lists of the call directory: loaded over the bus, counted when a call comes, asked why.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;

use rustix::fs::{MemfdFlags, SealFlags};
use serde_json::Value;
use zbus::{Connection, Fd, Variant, connection};

use crate::app::App;
use crate::world::{HANG, Hand, World, start_daemon};

const SPAM: &str = "org.example.Spam";
const ERROR: &str = "org.hookswitch.Calls1.Error.";

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Directory",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
trait Directory {
    fn offer(&self, extension: &str, name: &str) -> zbus::Result<String>;
    fn offer_mine(&self, list: &str, name: &str) -> zbus::Result<String>;
    fn begin_load(&self, extension: &str, incremental: bool) -> zbus::Result<(u64, bool)>;
    fn begin_mine(&self, list: &str, incremental: bool) -> zbus::Result<(u64, bool)>;
    fn add_blocking(&self, load: u64, numbers: &[i64]) -> zbus::Result<()>;
    fn add_identification(&self, load: u64, numbers: &[(i64, &str)]) -> zbus::Result<()>;
    fn remove_blocking(&self, load: u64, numbers: &[i64]) -> zbus::Result<()>;
    fn remove_all(&self, load: u64, list: &str) -> zbus::Result<()>;
    fn add_file(&self, load: u64, batch: Fd<'_>) -> zbus::Result<()>;
    fn commit(&self, load: u64) -> zbus::Result<(u64, u64)>;
    fn cancel(&self, load: u64) -> zbus::Result<()>;
    fn status(&self, extension: &str) -> zbus::Result<String>;
    fn sources(&self) -> zbus::Result<String>;
    fn set_enabled(&self, list: &str, on: bool) -> zbus::Result<()>;
    fn set_order(&self, lists: &[&str]) -> zbus::Result<()>;
    fn remove(&self, list: &str) -> zbus::Result<()>;
    fn reload(&self, list: &str) -> zbus::Result<()>;
    fn explain(
        &self,
        handle_kind: &str,
        handle: &str,
        options: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<String>;
    fn explain_call(&self, call: &str) -> zbus::Result<String>;
    fn set_pattern(&self, kind: &str, pattern: &str, on: bool) -> zbus::Result<()>;
    fn set_rule(&self, rule: &str, on: bool) -> zbus::Result<()>;
    fn set_call_back(&self, seconds: u32) -> zbus::Result<()>;
}

#[tokio::test]
async fn a_caller_in_a_loaded_list_is_blocked_and_the_recents_say_why() {
    let mut world = World::start("").await;
    let mine = directory(&world.hand.connection).await;
    mine.offer_mine("spam", "My spam").await.expect("offered");
    let (load, changes) = mine.begin_mine("spam", true).await.expect("begun");
    assert!(!changes, "there is nothing to change yet");
    mine.add_blocking(load, &[12_025_550_101, 12_025_550_103])
        .await
        .expect("taken");
    mine.add_identification(load, &[(12_025_550_102, "Bakery")])
        .await
        .expect("taken");
    assert_eq!(mine.commit(load).await.expect("kept"), (1, 3));

    let decision = explain(&mine, "+1 (202) 555-0103").await;
    assert_eq!(decision["verdict"], "block", "{decision}");
    assert_eq!(decision["list"], "My spam", "{decision}");
    assert_eq!(explain(&mine, "+12025550102").await["verdict"], "ring");

    let call = refused(&world, "a", "+12025550101").await;
    let kept: Value = read(&mine.explain_call(&call).await.expect("kept"));
    assert_eq!(kept["rule"], "list", "{kept}");
    let blocked = world.hand.recents_of("blocked", 1).await;
    let why = blocked[0]["why"].as_str().expect("a reason");
    assert!(
        why.contains("My spam") && why.contains("+12025550101"),
        "{why}"
    );

    // Named, not blocked; the app gave no name.
    let app = App::register(world.bus.address(), "org.example.B").await;
    let update = HashMap::from([("handle", Variant::from(("phone-number", "+12025550102")))]);
    app.provider
        .report_incoming("b", update)
        .await
        .expect("rings");
    let state = world.hand.state().await;
    assert_eq!(state["calls"][0]["name"], "Bakery", "{state}");

    // A kill later everything is as it was.
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand = Hand::on(world.bus.address()).await;
    let mine = directory(&world.hand.connection).await;
    refused(&world, "c", "+12025550103").await;
    let kept: Value = read(&mine.explain_call(&call).await.expect("kept"));
    assert_eq!(kept["list"], "My spam", "{kept}");
    mine.set_enabled("spam", false).await.expect("off");
    assert_eq!(explain(&mine, "+12025550101").await["verdict"], "ring");
    mine.remove("spam").await.expect("removed");
    assert_eq!(mine.sources().await.expect("lists"), "[]");
}

#[tokio::test]
async fn an_apps_list_counts_when_the_user_has_switched_it_on() {
    let world = World::start("").await;
    let user = directory(&world.hand.connection).await;
    let app = named(&world, SPAM).await;
    let list = directory(&app).await;
    fails(user.offer(SPAM, "Mine").await, "Unentitled");
    fails(list.begin_load(SPAM, false).await, "NoExtensionFound");
    list.offer(SPAM, "Example spam").await.expect("offered");
    fails(list.begin_load(SPAM, false).await, "ExtensionDisabled");
    fails(user.begin_mine(SPAM, false).await, "NoExtensionFound");
    user.set_enabled(SPAM, true).await.expect("on");

    let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
    fails(list.begin_load(SPAM, false).await, "CurrentlyLoading");
    fails(user.commit(load).await, "LoadingInterrupted");
    fails(
        list.remove_blocking(load, &[1]).await,
        "UnexpectedIncrementalRemoval",
    );
    fails(list.commit(load).await, "LoadingInterrupted");
    for (numbers, name, index) in [
        (&[3, 2][..], "EntriesOutOfOrder", 1),
        (&[3, 3], "DuplicateEntries", 1),
        (&[0], "InvalidEntry", 0),
    ] {
        let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
        fails(list.add_blocking(load, numbers).await, name);
        let status: Value = read(&list.status(SPAM).await.expect("a status"));
        assert_eq!(status["error"]["error"], name, "{status}");
        assert_eq!(status["error"]["index"], index, "{status}");
        assert_eq!(status["loading"], false, "{status}");
    }
    let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
    list.add_file(load, batch(12_025_550_000..12_025_551_000).as_fd().into())
        .await
        .expect("taken");
    assert_eq!(list.commit(load).await.expect("kept").1, 1000);
    let status: Value = read(&list.status(SPAM).await.expect("a status"));
    assert_eq!(status["error"], Value::Null, "{status}");
    assert_eq!(status["blocked"], 1000, "{status}");

    let (load, changes) = list.begin_load(SPAM, true).await.expect("begun");
    assert!(changes);
    list.remove_blocking(load, &[12_025_550_101])
        .await
        .expect("taken");
    list.commit(load).await.expect("kept");
    assert_eq!(explain(&user, "+12025550101").await["verdict"], "ring");
    assert_eq!(explain(&user, "+12025550102").await["verdict"], "block");
}

#[tokio::test]
async fn a_load_that_is_cut_off_leaves_what_was_there() {
    let mut world = World::start("").await;
    let user = directory(&world.hand.connection).await;
    let app = named(&world, SPAM).await;
    let list = directory(&app).await;
    list.offer(SPAM, "Example spam").await.expect("offered");
    user.set_enabled(SPAM, true).await.expect("on");
    let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
    list.add_blocking(load, &[12_025_550_101])
        .await
        .expect("taken");
    list.commit(load).await.expect("kept");

    // Its app dies within a load.
    let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
    list.add_blocking(load, &[12_025_550_102])
        .await
        .expect("taken");
    app.close().await.expect("closed");
    world.daemon.wait_for_line("a load was not kept", HANG);
    let sources: Value = read(&user.sources().await.expect("lists"));
    let status = &sources[0];
    assert_eq!(status["error"]["error"], "LoadingInterrupted", "{status}");
    assert_eq!(explain(&user, "+12025550101").await["verdict"], "block");
    assert_eq!(explain(&user, "+12025550102").await["verdict"], "ring");

    // The daemon is killed within one.
    let app = named(&world, SPAM).await;
    let list = directory(&app).await;
    let (load, _) = list.begin_load(SPAM, false).await.expect("begun");
    list.add_file(load, batch(12_025_560_000..12_025_760_000).as_fd().into())
        .await
        .expect("taken");
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand = Hand::on(world.bus.address()).await;
    let user = directory(&world.hand.connection).await;
    assert_eq!(explain(&user, "+12025550101").await["verdict"], "block");
    assert_eq!(explain(&user, "+12025560001").await["verdict"], "ring");
    fails(list.commit(load).await, "LoadingInterrupted");
    let (load, _) = list.begin_load(SPAM, false).await.expect("begun again");
    list.cancel(load).await.expect("canceled");
    fails(list.cancel(load).await, "LoadingInterrupted");
}

/// What Apple's one database for all apps cannot do
/// (<https://developer.apple.com/forums/thread/806960>).
#[tokio::test]
async fn a_damaged_list_goes_back_to_its_former_load_and_harms_no_other() {
    let mut world = World::start("").await;
    let mine = directory(&world.hand.connection).await;
    for (list, numbers) in [
        ("twice", &[12_025_550_101][..]),
        ("twice", &[12_025_550_102]),
        ("once", &[12_025_550_103]),
        ("whole", &[12_025_550_104]),
    ] {
        mine.offer_mine(list, list).await.expect("offered");
        let (load, _) = mine.begin_mine(list, false).await.expect("begun");
        mine.add_blocking(load, numbers).await.expect("taken");
        mine.commit(load).await.expect("kept");
    }
    world.daemon.kill();
    let lists = world.bed.path().join("state/hookswitch/directory");
    for image in ["twice/image-2", "once/image-1"] {
        let mut bytes = std::fs::read(lists.join(image)).expect("an image");
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xa5);
        std::fs::write(lists.join(image), bytes).expect("written");
    }
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    world.hand = Hand::on(world.bus.address()).await;
    let mine = directory(&world.hand.connection).await;
    for (number, verdict) in [
        ("+12025550101", "block"),
        ("+12025550102", "ring"),
        ("+12025550103", "ring"),
        ("+12025550104", "block"),
    ] {
        assert_eq!(explain(&mine, number).await["verdict"], verdict, "{number}");
    }
    let log = world.daemon.log();
    for told in ["put right from its former data", "has to be loaded again"] {
        assert_eq!(log.matches(told).count(), 1, "{told}: {log}");
    }
    let sources: Value = read(&mine.sources().await.expect("lists"));
    assert_eq!(sources[1]["damaged"], true, "{sources}");
    let (load, _) = mine.begin_mine("once", false).await.expect("begun");
    mine.add_blocking(load, &[12_025_550_103])
        .await
        .expect("taken");
    mine.commit(load).await.expect("kept");
    assert_eq!(explain(&mine, "+12025550103").await["verdict"], "block");
}

#[tokio::test]
async fn rules_of_the_configuration_count_and_a_called_number_is_trusted_if_the_user_says_so() {
    let config = "[directory]\nblock = [\"+4490*\"]\nexcept = [\"+44905\"]\n\
                  block_anonymous = true\ntrust_called = true\n";
    let world = World::start(config).await;
    let lists = directory(&world.hand.connection).await;
    for (number, verdict, rule) in [
        ("+44901234567", "block", "own-pattern"),
        ("+44905", "ring", "own-exception"),
        ("", "block", "anonymous"),
    ] {
        let decision = explain(&lists, number).await;
        assert_eq!(decision["verdict"], verdict, "{decision}");
        assert_eq!(decision["rule"], rule, "{decision}");
    }
    refused(&world, "a", "+44901234567").await;

    let number = "+44907654321";
    let mut app = App::register(world.bus.address(), "org.example.B").await;
    let hand = &world.hand.controller;
    let dialed = hand.dial("org.example.B", "phone-number", number, HashMap::new());
    let (call, _) = dialed.await.expect("taken");
    app.does("start").await;
    let ended = app.provider.report_ended(&call, "busy").await;
    ended.expect("reported");
    world.hand.recents(1).await;
    let decision = explain(&lists, number).await;
    assert_eq!(decision["rule"], "trusted-called", "{decision}");
    let update = HashMap::from([("handle", Variant::from(("phone-number", number)))]);
    let rings = app.provider.report_incoming("back", update).await;
    rings.expect("rings");
}

#[tokio::test]
async fn files_that_could_change_and_odd_bytes_are_refused() {
    let world = World::start("").await;
    let mine = directory(&world.hand.connection).await;
    mine.offer_mine("spam", "Spam").await.expect("offered");
    let (load, _) = mine.begin_mine("spam", false).await.expect("begun");
    let open = memfd(b"hswbat1\n", SealFlags::empty());
    fails(
        mine.add_file(load, open.as_fd().into()).await,
        "InvalidArgument",
    );
    let path = world.bed.path().join("plain");
    std::fs::write(&path, b"hswbat1\n").expect("written");
    let plain = File::open(&path).expect("opened");
    fails(
        mine.add_file(load, plain.as_fd().into()).await,
        "InvalidArgument",
    );
    let odd = memfd(b"hswbat1\n\xff", sealed());
    fails(
        mine.add_file(load, odd.as_fd().into()).await,
        "InvalidArgument",
    );
    fails(mine.commit(load).await, "LoadingInterrupted");
    fails(mine.offer_mine("a/b", "x").await, "InvalidArgument");
    fails(
        mine.offer_mine("org.example.X", "x").await,
        "NoExtensionFound",
    );
    fails(mine.set_order(&["other"]).await, "NoExtensionFound");
    fails(
        mine.explain_call("00000000-0000-0000-0000-000000000001")
            .await,
        "UnknownCall",
    );
}

async fn directory(connection: &Connection) -> DirectoryProxy<'static> {
    DirectoryProxy::new(connection).await.expect("a proxy")
}

/// A connection that owns a name.
async fn named(world: &World, name: &'static str) -> Connection {
    let connecting = connection::Builder::address(world.bus.address()).name(name);
    let connected = tokio::time::timeout(HANG, connecting.build()).await;
    connected.expect("in time").expect("a bus")
}

async fn explain(directory: &DirectoryProxy<'_>, number: &str) -> Value {
    let options = HashMap::new();
    let text = directory.explain("phone-number", number, options).await;
    read(&text.expect("a decision"))
}

/// Reports a call that is blocked; its id.
async fn refused(world: &World, key: &str, number: &str) -> String {
    let app = App::register(world.bus.address(), &format!("org.example.A.{key}")).await;
    let before = world.hand.controller.recents("blocked", 50).await;
    let before: Vec<Value> = read(&before.expect("recents"));
    let update = HashMap::from([("handle", Variant::from(("phone-number", number)))]);
    fails(
        app.provider.report_incoming(key, update).await,
        "FilteredByBlockList",
    );
    let blocked = world.hand.recents_of("blocked", before.len() + 1).await;
    blocked[0]["call"].as_str().expect("an id").to_owned()
}

#[track_caller]
fn fails<T: std::fmt::Debug>(result: zbus::Result<T>, name: &str) {
    let error = result.expect_err(name).to_string();
    assert!(error.contains(&format!("{ERROR}{name}")), "{name}: {error}");
}

fn batch(numbers: std::ops::Range<i64>) -> File {
    let mut bytes = b"hswbat1\n".to_vec();
    for (at, number) in numbers.enumerate() {
        // The list, then the step as zigzag: the first number whole, then one by one.
        bytes.push(0);
        let mut step = if at == 0 { (number as u64) << 1 } else { 2 };
        while step >= 0x80 {
            bytes.push(step as u8 | 0x80);
            step >>= 7;
        }
        bytes.push(step as u8);
    }
    memfd(&bytes, sealed())
}

fn sealed() -> SealFlags {
    SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW
}

fn memfd(bytes: &[u8], seals: SealFlags) -> File {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = rustix::fs::memfd_create("batch", flags).expect("a file");
    let mut file = File::from(file);
    file.write_all(bytes).expect("written");
    if !seals.is_empty() {
        rustix::fs::fcntl_add_seals(&file, seals).expect("sealed");
    }
    file
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn rules_about_callers_change_at_run_time_and_are_kept() {
    let config = "[directory]\nblock_anonymous = true\n";
    let mut world = World::start(config).await;
    let lists = directory(&world.hand.connection).await;
    assert_eq!(explain(&lists, "").await["rule"], "anonymous");
    lists.set_rule("anonymous", false).await.expect("kept");
    assert_eq!(explain(&lists, "").await["verdict"], "ring");
    lists
        .set_pattern("block", "+4490*", true)
        .await
        .expect("kept");
    lists
        .set_pattern("except", "+44905", true)
        .await
        .expect("kept");
    fails(
        lists.set_pattern("block", "0800*", true).await,
        "InvalidArgument",
    );
    fails(lists.set_rule("odd", true).await, "InvalidArgument");
    lists.set_call_back(600).await.expect("kept");
    refused(&world, "a", "+44901234567").await;
    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), config);
    world.hand = Hand::on(world.bus.address()).await;
    let lists = directory(&world.hand.connection).await;
    for (number, verdict) in [("", "ring"), ("+44901234567", "block"), ("+44905", "ring")] {
        let decision = explain(&lists, number).await;
        assert_eq!(decision["verdict"], verdict, "{decision}");
    }
    let rules: Value = read(&world.hand.controller.rules().await.expect("rules"));
    assert_eq!(rules["callers"]["call_back_s"], 600, "{rules}");
    assert_eq!(rules["callers"]["anonymous"], false, "{rules}");
    // What else keeps it from ringing is told, too.
    let hand = &world.hand.controller;
    hand.set_do_not_disturb(true, 0).await.expect("on");
    let quiet = explain(&lists, "+12025550101").await;
    assert_eq!(quiet["verdict"], "not-rung", "{quiet}");
    let odd = explain(&lists, "hello").await;
    assert!(
        odd["note"]
            .as_str()
            .is_some_and(|note| note.contains("no phone number"))
    );
}

#[tokio::test]
async fn contacts_of_the_configuration_name_callers_and_count_in_the_rules() {
    let cards = tempfile::tempdir().expect("a directory");
    let file = cards.path().join("ana.vcf");
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana K\nTEL:+447700900123\nEND:VCARD\n";
    std::fs::write(&file, card).expect("written");
    let config = format!("[directory]\ncontacts = [{:?}]\n", cards.path());
    let world = World::start(&config).await;
    world.daemon.wait_for_line("contacts were read", HANG);
    let lists = directory(&world.hand.connection).await;
    let ana = explain(&lists, "+447700900123").await;
    assert_eq!(ana["labels"][0]["text"], "Ana K", "{ana}");
    assert_eq!(ana["labels"][0]["list"], Value::Null, "{ana}");
    lists.set_rule("not-in-contacts", true).await.expect("kept");
    assert_eq!(explain(&lists, "+447700900123").await["verdict"], "ring");
    assert_eq!(
        explain(&lists, "+447700900124").await["rule"],
        "not-in-contacts"
    );
    lists
        .set_pattern("block", "+4477*", true)
        .await
        .expect("kept");
    assert_eq!(explain(&lists, "+447700900123").await["verdict"], "block");
    lists.set_rule("trust-contacts", true).await.expect("kept");
    let trusted = explain(&lists, "+447700900123").await;
    assert_eq!(trusted["rule"], "trusted-contact", "{trusted}");
}
