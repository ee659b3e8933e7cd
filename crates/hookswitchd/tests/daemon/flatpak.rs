//! A real Flatpak, with Flatpak's own sandbox and bus proxy: the daemon knows it for what it is.
//!
//! The app is on the bus itself (`--socket=session-bus`), so only the daemon can stop it; what it
//! sends with `dbus-send` goes through Flatpak's proxy. (zbus 6 cannot speak through the
//! xdg-dbus-proxy of Debian 12: <https://github.com/flatpak/xdg-dbus-proxy/issues/21>.)
//!
//! App and runtime are made here, of this machine's own files, and installed for a user whose home
//! is the bed; nothing is fetched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hookswitch_testbed::{Bed, Process};
use serde_json::{Value, json};

use crate::world::{HANG, World, app_path};

const ID: &str = "org.example.Flat";
const RUNTIME: &str = "org.example.Platform";
const OWN_BUS: [&str; 1] = ["--socket=session-bus"];
const TO_STATE: [&str; 5] = [
    "--session",
    "--print-reply",
    "--dest=org.hookswitch.Calls1",
    "/org/hookswitch/Calls1",
    "org.hookswitch.Calls1.Controller.State",
];

#[tokio::test]
async fn a_flatpak_offers_its_calls_and_controls_no_other() {
    if let Some(why) = no_sandboxes() {
        // setup/fresh-root says so: no process in a changed root may make one.
        let known = std::env::var_os("HOOKSWITCH_NO_SANDBOX").is_some();
        assert!(known, "this machine lets nobody make a sandbox: {why}");
        return;
    }
    let world = World::start("").await;
    install(&world.bed);
    let app = run(&world, &OWN_BUS, &[ID, "--incoming", "k", "Ana"]);
    let reported = app.wait_for_line("reported", HANG);
    let call = reported.trim_start_matches("reported ");
    let callers = world.hand.controller.callers().await.expect("told");
    let callers: Vec<Value> = serde_json::from_str(&callers).expect("JSON");
    let flat = callers.iter().find(|caller| caller["app"] == ID);
    let flat = flat.unwrap_or_else(|| panic!("{ID} is not in {callers:?}"));
    assert_eq!(flat["sandbox"], format!("flatpak:{ID}"));
    assert_eq!(flat["because"], "sandbox");
    assert_eq!(flat["rights"], json!(["provider", "observer"]));
    let answered = world.hand.controller.answer(call, "auto").await;
    answered.expect("taken");
    app.wait_for_line("perform answer", HANG);
    world.hand.wait_phase(call, "active").await;

    let mut spy = run(&world, &["--command=dbus-send"], &TO_STATE);
    assert!(!spy.wait(HANG).success());
    let told = spy.wait_for_line("org.hookswitch.Calls1.Error.NotPermitted", HANG);
    assert!(told.contains("the Flatpak org.example.Flat"), "{told}");
    let mut thief = run(&world, &OWN_BUS, &["org.example.Other"]);
    assert!(!thief.wait(HANG).success());
    thief.wait_for_line("the Flatpak org.example.Flat may not offer", HANG);
}

/// Why the kernel makes no sandbox for us, as in some containers.
fn no_sandboxes() -> Option<String> {
    let mut bwrap = Command::new("bwrap");
    bwrap.args(["--ro-bind", "/", "/", "--unshare-pid", "true"]);
    let tried = bwrap.output();
    let tried = tried.expect("bwrap (Debian package bubblewrap); see setup/packages");
    let text = || String::from_utf8_lossy(&tried.stderr).into_owned();
    (!tried.status.success()).then(text)
}

fn run(world: &World, how: &[&str], args: &[&str]) -> Process {
    let mut command = Command::new("flatpak");
    command.args(["run", "--user"]).args(how).arg(ID).args(args);
    command.envs(world.bed.env()).envs(world.bus.env());
    Process::spawn("flatpak", command)
}

/// Makes a runtime with one app in it, and installs both for the bed's user.
fn install(bed: &Bed) {
    let (runtime, app) = (bed.path().join("runtime"), bed.path().join("app"));
    let repository = bed.path().join("repository");
    let repository = repository.to_str().expect("ours");
    make_runtime(&runtime);
    make_app(&app);
    let (runtime, app) = (runtime.to_str().expect("ours"), app.to_str().expect("ours"));
    flatpak(
        bed,
        &["build-export", "--runtime", repository, runtime, "1"],
    );
    let talk = "--talk-name=org.hookswitch.Calls1";
    flatpak(bed, &["build-finish", "--command=provider_app", talk, app]);
    flatpak(bed, &["build-export", repository, app, "1"]);
    let add = [
        "--user",
        "remote-add",
        "--no-gpg-verify",
        "here",
        repository,
    ];
    flatpak(bed, &add);
    let install = ["--user", "install", "--noninteractive", "-y", "here", ID];
    flatpak(bed, &install);
}

fn flatpak(bed: &Bed, args: &[&str]) {
    let mut command = Command::new("flatpak");
    command.args(args).envs(bed.env());
    let mut flatpak = Process::spawn("flatpak", command);
    let ended = flatpak.wait(HANG);
    assert!(ended.success(), "flatpak {args:?}:\n{}", flatpak.log());
}

/// The libraries that the app needs, and a program to misuse the bus with.
fn make_runtime(folder: &Path) {
    let lib = folder.join("usr/lib");
    fs::create_dir_all(&lib).expect("a folder");
    fs::create_dir_all(folder.join("usr/bin")).expect("a folder");
    fs::create_dir_all(folder.join("files")).expect("a folder");
    let misuser = PathBuf::from("/usr/bin/dbus-send");
    fs::copy(&misuser, folder.join("usr/bin/dbus-send")).expect("dbus-send");
    for program in [app_path(), misuser] {
        let listed = Command::new("ldd").arg(&program).output().expect("ldd");
        let listed = String::from_utf8(listed.stdout).expect("text");
        for path in listed.split_whitespace().filter(|w| w.starts_with('/')) {
            let name = Path::new(path).file_name().expect("a file");
            fs::copy(path, lib.join(name)).expect("a library");
            // The loader has its place in the program itself: `/lib64` on some machines.
            let place = Path::new(path).parent().expect("a folder");
            if place == Path::new("/lib64") {
                let lib64 = folder.join("usr/lib64");
                fs::create_dir_all(&lib64).expect("a folder");
                fs::copy(path, lib64.join(name)).expect("the loader");
            }
        }
    }
    write_metadata(folder, "Runtime", RUNTIME);
}

fn make_app(folder: &Path) {
    let bin = folder.join("files/bin");
    fs::create_dir_all(&bin).expect("a folder");
    fs::create_dir_all(folder.join("var")).expect("a folder");
    fs::copy(app_path(), bin.join("provider_app")).expect("the app");
    write_metadata(folder, "Application", ID);
}

fn write_metadata(folder: &Path, kind: &str, name: &str) {
    let runtime = format!("{RUNTIME}/{}/1", std::env::consts::ARCH);
    let text = format!("[{kind}]\nname={name}\nruntime={runtime}\nsdk={runtime}\n");
    fs::write(folder.join("metadata"), text).expect("written");
}
