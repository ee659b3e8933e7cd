//! Starting: without a session bus, with a taken port, twice, and the end.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;

use hookswitch_testbed::{Bed, PrivateBus, wait_for};
use serde_json::Value;

use crate::world::{HANG, Hand, World, spawn_daemon, start_daemon};

#[tokio::test]
async fn without_a_session_bus_a_private_one_is_reached_from_a_second_terminal() {
    let bed = Bed::new();
    let mut daemon = start_daemon(&bed, Vec::new(), "");
    let file = bed.runtime_dir().join("hookswitch/bus");
    let mode = fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The second terminal knows the runtime directory only.
    let address = fs::read_to_string(&file).expect("an address");
    let output = Command::new("dbus-send")
        .arg(format!("--bus={}", address.trim()))
        .args(["--print-reply", "--dest=org.hookswitch.Calls1"])
        .args([
            "/org/hookswitch/Calls1",
            "org.hookswitch.Calls1.Controller.State",
        ])
        .env_clear()
        .env("XDG_RUNTIME_DIR", bed.runtime_dir())
        .output()
        .expect("dbus-send (Debian package dbus-bin)");
    assert!(output.status.success(), "{output:?}");

    assert!(daemon.stop().is_some_and(|status| status.success()));
    assert!(!file.exists());
    let socket = bed.runtime_dir().join("hookswitch/private-bus");
    let gone = || UnixStream::connect(&socket).is_err().then_some(());
    wait_for("the bus to end", HANG, gone);
}

#[tokio::test]
async fn a_bus_that_a_killed_daemon_left_is_taken_over() {
    let bed = Bed::new();
    let daemon = start_daemon(&bed, Vec::new(), "");
    let file = bed.runtime_dir().join("hookswitch/bus");
    let before = fs::read_to_string(&file).expect("an address");
    let pid = rustix::process::Pid::from_raw(i32::try_from(daemon.pid()).expect("a pid"));
    rustix::process::kill_process(pid.expect("a pid"), rustix::process::Signal::KILL)
        .expect("killed");
    let hand = Hand::on(before.trim()).await;
    let mut second = start_daemon(&bed, Vec::new(), "");
    assert_eq!(fs::read_to_string(&file).expect("an address"), before);
    hand.state().await;
    assert!(second.stop().is_some_and(|status| status.success()));
    drop(daemon);
}

#[tokio::test]
async fn a_second_daemon_says_where_the_first_one_runs() {
    let mut world = World::start("").await;
    let mut second = spawn_daemon(&world.bed, world.bus.env(), "", &["--port", "0"]);
    let line = second.wait_for_line("another hookswitchd", HANG);
    assert!(line.contains(&world.daemon.pid().to_string()), "{line}");
    assert!(!second.wait(HANG).success());
    world.hand.state().await;
    assert!(world.daemon.is_running());
}

#[tokio::test]
async fn a_taken_port_leads_to_the_next_free_one() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let file = bed.runtime_dir().join("hookswitch/http");
    fs::create_dir(file.parent().expect("a folder")).expect("a folder");
    let private = fs::Permissions::from_mode(0o700);
    fs::set_permissions(file.parent().expect("a folder"), private).expect("ours");
    fs::write(&file, "stale").expect("a file");
    let args = ["--port", &port, "--json"];
    let daemon = spawn_daemon(&bed, bus.env(), "", &args);
    let line = daemon.wait_for_line("\"ready\"", HANG);
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let web: Value =
        serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
    let url = web["url"].as_str().expect("a url");
    assert!(!url.ends_with(&format!(":{port}")), "{url}");
    let login = format!("{url}/?token={}", web["token"].as_str().expect("a token"));
    assert_eq!(ready["url"], login.as_str());
    let hand = Hand::on(bus.address()).await;
    assert_eq!(hand.controller.ui_address().await.expect("served"), login);
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_wrong_configuration_is_named_with_its_line() {
    let bed = Bed::new();
    let mut daemon = spawn_daemon(&bed, Vec::new(), "[ui]\nprot = 1\n", &[]);
    daemon.wait_for_line("line 2", HANG);
    assert!(!daemon.wait(HANG).success());
}

#[tokio::test]
async fn a_bus_that_comes_back_is_served_again() {
    let bed = Bed::new();
    let mut daemon = start_daemon(&bed, Vec::new(), "");
    let file = bed.runtime_dir().join("hookswitch/bus");
    let address = fs::read_to_string(&file).expect("an address");
    let driver = Hand::on(address.trim()).await;
    let pid = zbus::fdo::DBusProxy::new(&driver.connection)
        .await
        .expect("a proxy")
        .get_connection_unix_process_id("org.freedesktop.DBus".try_into().expect("a name"))
        .await
        .expect("a pid");
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).expect("a pid"));
    rustix::process::kill_process(pid.expect("a pid"), rustix::process::Signal::KILL)
        .expect("killed");
    daemon.wait_for_line("connected to the bus again", HANG);
    let address = fs::read_to_string(&file).expect("an address");
    Hand::on(address.trim()).await.state().await;
    assert!(daemon.stop().is_some_and(|status| status.success()));
}

#[tokio::test]
async fn a_damaged_history_does_not_keep_calls_from_ringing() {
    let bed = Bed::new();
    let folder = bed.path().join("state/hookswitch");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(
        folder.join("recents.db"),
        "no database at all, but long enough to look at",
    )
    .expect("a file");
    let bus = PrivateBus::start(&bed);
    let world = World::start_on(bed, bus, "").await;
    let app = crate::app::App::register(world.bus.address(), "org.example.A").await;
    let call = app.ring("1", "Ana").await;
    world.hand.wait_phase(&call, "ringing").await;
    let ended = app.provider.report_ended("1", "canceled-by-caller").await;
    ended.expect("reported");
    assert_eq!(world.hand.recents(1).await.len(), 1);
    world.daemon.wait_for_line("damaged", HANG);
}

#[tokio::test]
async fn a_daemon_whose_output_nobody_reads_goes_on() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    let path = bed.path().join("ready");
    let ready = UnixDatagram::bind(&path).expect("a socket");
    ready.set_read_timeout(Some(HANG)).expect("a deadline");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitchd"));
    command.args(["--json", "--port", "0"]);
    command.envs(bed.env()).envs(bus.env());
    command.env("HOOKSWITCH_LOG", "debug,zbus=warn");
    command.env("NOTIFY_SOCKET", &path);
    let (unread, output) = std::io::pipe().expect("a pipe");
    drop(unread);
    command.stderr(output.try_clone().expect("a descriptor"));
    command.stdout(output);
    let mut child = command.spawn().expect("a process");
    drop(command);
    let mut text = [0; 64];
    let told = ready.recv(&mut text).map(|length| &text[..length]);
    let running = matches!(told, Ok(b"READY=1")) && matches!(child.try_wait(), Ok(None));
    if running {
        Hand::on(bus.address()).await.state().await;
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("told to end");
    } else {
        // An error means that it has ended.
        let _ = child.kill();
    }
    let ended = wait_for("the daemon to end", HANG, || {
        child.try_wait().ok().flatten()
    });
    assert!(running && ended.success(), "{told:?}, {ended}");
}
