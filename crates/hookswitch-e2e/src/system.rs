//! The daemon and the phone, started as a user would, without a session bus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hookswitch_testbed::{AudioServer, Bed, Process, wait_for};
use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::Browser;

const READY_MAX: Duration = Duration::from_secs(30);

/// A running daemon and phone on a private audio server.
#[derive(Debug)]
pub struct System {
    /// The phone, if it was started here; first, because fields are dropped in order.
    pub phone: Option<Process>,
    /// The daemon.
    pub daemon: Process,
    /// The audio server, with the sink `speaker` and the microphone `mic`.
    pub audio: AudioServer,
    /// The private folders.
    pub bed: Bed,
}

impl System {
    /// Starts everything and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When a program is missing or not ready in time.
    #[must_use]
    pub fn start() -> Self {
        let mut system = Self::on(Bed::new());
        let phone = ["--port", "0", "--page-port", "0", "--json"];
        system.phone = Some(spawn(&system.bed, "hookswitch-phone", &phone));
        system.wait_for_phone();
        system
    }

    /// Starts all but the phone, which is installed, so that the bus can start it.
    ///
    /// # Panics
    ///
    /// When a program is missing or not ready in time.
    #[must_use]
    pub fn with_sleeping_phone() -> Self {
        let bed = Bed::new();
        let data = Self::root().join("crates/hookswitch-phone/data");
        let service = data.join("org.hookswitch.Phone.service.in");
        let service = fs::read_to_string(service).expect("the phone ships a service file");
        let service = service.replace("@bindir@", &folder().to_string_lossy());
        let any_port = "port = 0\npage_port = 0\n".to_owned();
        for (folder, name, text) in [
            (
                "data/dbus-1/services",
                "org.hookswitch.Phone.service",
                service,
            ),
            ("config/hookswitch", "phone.toml", any_port),
        ] {
            let folder = bed.path().join(folder);
            fs::create_dir_all(&folder).expect("the bed takes folders");
            fs::write(folder.join(name), text).expect("the bed takes files");
        }
        Self::on(bed)
    }

    /// Starts an example program as a user would.
    #[must_use]
    pub fn spawn(&self, name: &str) -> Process {
        spawn(&self.bed, name, &[])
    }

    /// Starts the daemon alone in a folder that is prepared.
    ///
    /// # Panics
    ///
    /// When it is not ready in time.
    #[must_use]
    pub fn quiet(bed: Bed) -> Self {
        Self::on(bed)
    }

    fn on(bed: Bed) -> Self {
        let audio = AudioServer::start(&bed);
        audio.add_sink("speaker");
        audio.set_default_sink("speaker");
        audio.add_microphone("mic");
        Self {
            phone: None,
            daemon: daemon(&bed),
            audio,
            bed,
        }
    }

    /// Waits until the daemon knows the phone.
    #[track_caller]
    pub fn wait_for_phone(&self) {
        wait_for("the phone to register with the daemon", READY_MAX, || {
            let apps = self.cli(&["list", "--json"]);
            apps.contains("org.hookswitch.Phone").then_some(())
        });
    }

    /// Ends the phone as a crash would.
    pub fn crash_phone(&self) {
        for phone in self.bed.running("hookswitch-phone") {
            // An error means that it has already ended.
            let _ = kill_process(phone, Signal::KILL);
        }
    }

    /// A browser that shows the calling UI.
    #[must_use]
    pub fn open_ui(&self) -> Browser {
        let mut browser = Browser::start(&Self::root(), &[]);
        browser.open(&self.ui());
        browser
    }

    /// Starts another calling app: the example of the SDK, which reports a call of its own.
    #[must_use]
    pub fn start_example_app(&self) -> Process {
        spawn(&self.bed, "examples/provider", &[])
    }

    /// The root of the tree.
    #[must_use]
    pub fn root() -> PathBuf {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.join("../..").canonicalize().expect("the tree is here")
    }

    /// The address of the calling UI with its token, as `hookswitch ui` prints it.
    #[must_use]
    pub fn ui(&self) -> String {
        self.cli(&["ui"]).trim().to_owned()
    }

    /// Where the phone listens for SIP, as `host:port`.
    #[must_use]
    pub fn sip(&self) -> String {
        let out = run(&self.bed, "hookswitch-phone", &["where"]);
        let found: Value = serde_json::from_str(&out).expect("the phone speaks JSON");
        found["sip"].as_str().expect("a SIP address").to_owned()
    }

    /// The address of the phone's own page with its token.
    #[must_use]
    pub fn phone_page(&self) -> String {
        let out = run(&self.bed, "hookswitch-phone", &["page"]);
        out.trim().to_owned()
    }

    /// What the phone says of itself, as JSON.
    #[must_use]
    pub fn phone_status(&self) -> String {
        let out = run(&self.bed, "hookswitch-phone", &["where"]);
        let Ok(found) = serde_json::from_str::<Value>(&out) else {
            return out;
        };
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        let url = format!("{}/api/v1/status", text("url"));
        let header = format!("Authorization: Bearer {}", text("token"));
        let output = Command::new("curl")
            .args(["-s", "-H", &header, &url])
            .output();
        output.map_or_else(
            |error| error.to_string(),
            |o| String::from_utf8_lossy(&o.stdout).into(),
        )
    }

    /// Runs the command line and returns what it printed.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> String {
        run(&self.bed, "hookswitch", arguments)
    }
}

impl Drop for System {
    /// A failed story tells what the programs said. A phone that the bus started ends too.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- daemon ---\n{}", self.daemon.log());
            let phone = self.phone.as_ref().map(Process::log);
            eprintln!("--- phone ---\n{}", phone.unwrap_or_default());
            eprintln!("--- state ---\n{}", self.cli(&["list", "--json"]));
            eprintln!("--- phone status ---\n{}", self.phone_status());
        }
        self.crash_phone();
    }
}

/// Where the programs of this workspace are built: beside the test.
fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows itself");
    let folder = test.ancestors().nth(2).expect("target/PROFILE/deps/test");
    folder.to_owned()
}

/// A program of this workspace.
///
/// # Panics
///
/// When it is not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(
        path.exists(),
        "{name} is not built: run `cargo build --workspace --all-targets`"
    );
    path
}

fn daemon(bed: &Bed) -> Process {
    let daemon = spawn(bed, "hookswitchd", &["--port", "0", "--json"]);
    daemon.wait_for_line("\"event\":\"ready\"", READY_MAX);
    daemon
}

fn spawn(bed: &Bed, name: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new(program(name));
    command.args(arguments).envs(bed.env());
    Process::spawn(name, command)
}

fn run(bed: &Bed, name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program(name));
    let output = command.args(arguments).envs(bed.env()).output();
    let output = output.expect("a built program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
