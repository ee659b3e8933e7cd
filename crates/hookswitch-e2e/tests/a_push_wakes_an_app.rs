//! From a sender nobody here wrote to a call that rings: curl, the gateway, the daemon, an app that
//! is started by D-Bus, and the calling UI's own view.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hookswitch_e2e::{System, program};
use hookswitch_testbed::{Bed, Process, wait_for};
use rustix::process::{Signal, kill_process};
use serde_json::Value;

/// Longest wait for anything that should come at once.
const HANG: Duration = Duration::from_secs(20);
/// The life of a push with expiration 0, and what a clock may differ.
const WINDOW: Duration = Duration::from_millis(5_500);
const APP: &str = "org.hookswitch.example.Push";
/// As the kernel cuts it (proc_pid_comm(5)).
const PROGRAM: &str = "push";

struct Story {
    system: System,
    gateway: Process,
    folder: PathBuf,
    senders: String,
    metrics: String,
}

impl Story {
    /// A gateway, a daemon that is linked to it, and an app that has registered once and ended.
    fn begin() -> Self {
        let bed = Bed::new();
        let folder = bed.path().join("gateway");
        let (gateway, [senders, devices, metrics]) = gateway(&bed, &folder);
        install(&bed, &folder, &devices);
        let system = System::quiet(bed);
        let story = Self {
            system,
            gateway,
            folder,
            senders,
            metrics,
        };
        wait_for("the link to the gateway", HANG, || {
            let status = story.status();
            (status["linked"] == true).then_some(())
        });
        story.register();
        story
    }

    /// The app is started once by hand, as a user would after installing it.
    fn register(&self) {
        let app = self.system.spawn("examples/push");
        app.wait_for_line("token ", HANG);
        drop(app);
        wait_for("the app to end", HANG, || {
            let status = self.status();
            (status["apps"][0]["running"] == false).then_some(())
        });
    }

    fn status(&self) -> Value {
        let text = self.system.cli(&["push", "status", "--json"]);
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn history(&self) -> Vec<String> {
        let status = self.status();
        let history = status["apps"][0]["history"].as_array().cloned();
        let words = history.unwrap_or_default();
        words
            .iter()
            .map(|line| line["what"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Sends by curl; gives the gateway's answer.
    fn send(&self, expiration: &str, body: &str) -> String {
        let token = self.status()["apps"][0]["tokens"]["voip"].clone();
        let token = token.as_str().expect("a token").to_owned();
        self.send_to(&token, expiration, body)
    }

    fn send_to(&self, token: &str, expiration: &str, body: &str) -> String {
        let key = self.folder.join("sender.p8");
        let made = Command::new(program("hookswitch-push"))
            .args(["token", "--key"])
            .arg(key)
            .output()
            .expect("a token for the sender");
        let bearer = String::from_utf8(made.stdout).expect("text");
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--http2", "--include"])
            .args(["--max-time", "20", "--data-binary", body, "--cacert"])
            .arg(self.folder.join("ca.pem"))
            .args(["-H", &format!("authorization: bearer {}", bearer.trim())])
            .args(["-H", &format!("apns-topic: {APP}.voip")])
            .args(["-H", &format!("apns-expiration: {expiration}")])
            .arg(format!("{}/3/device/{token}", self.senders))
            .output()
            .expect("curl runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The calls as the daemon's own HTTP edge tells them.
    fn view(&self) -> Value {
        serde_json::from_str(&self.system.cli(&["list", "--json"])).unwrap_or_default()
    }

    fn waits_for_history(&self, what: &str) -> Vec<String> {
        wait_for(what, HANG, || {
            let history = self.history();
            history.iter().any(|word| word == what).then_some(history)
        })
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- gateway ---\n{}", self.gateway.log());
            eprintln!("--- pushes ---\n{:#}", self.status());
        }
        for app in self.system.bed.running(PROGRAM) {
            // An error means that it has ended already.
            let _ = kill_process(app, Signal::KILL);
        }
    }
}

fn gateway(bed: &Bed, folder: &std::path::Path) -> (Process, [String; 3]) {
    let any = "127.0.0.1:0";
    let mut command = Command::new(program("hookswitch-push"));
    command
        .arg("dev")
        .args(["--senders", any, "--devices", any, "--metrics", any])
        .arg("--folder")
        .arg(folder)
        .envs(bed.env());
    let gateway = Process::spawn("hookswitch-push", command);
    let rest = |word: &str| {
        let line = gateway.wait_for_line(word, HANG);
        let at = line.find(word).expect("it was found") + word.len();
        line[at..].trim().to_owned()
    };
    let found = [rest("senders "), rest("devices "), rest("metrics ")];
    gateway.wait_for_line("ready", HANG);
    (gateway, found)
}

/// The daemon's configuration, and the app's service file.
fn install(bed: &Bed, folder: &std::path::Path, devices: &str) {
    let trust = folder.join("ca.pem");
    let port = devices.rsplit_once(':').expect("an address").1;
    let config = format!(
        "[push]\ngateway = \"127.0.0.1:{port}\"\nname = \"localhost\"\ntrust = {trust:?}\n\
         [notifications]\nenabled = false\n[media]\npause_players = false\n\
         [limits]\npush-report = 60000\n"
    );
    let service = format!(
        "[D-BUS Service]\nName={APP}\nExec={}\n",
        program("examples/push").display()
    );
    for (place, name, text) in [
        ("config/hookswitch", "hookswitchd.toml", config),
        ("data/dbus-1/services", "push.service", service),
    ] {
        let place = bed.path().join(place);
        fs::create_dir_all(&place).expect("the bed takes folders");
        fs::write(place.join(name), text).expect("the bed takes files");
    }
}

#[test]
fn a_push_of_curl_starts_the_app_and_the_call_rings() {
    let story = Story::begin();
    assert!(story.system.bed.running(PROGRAM).is_empty(), "not running");
    let answer = story.send("0", r#"{"call":"7","from":"ana@example.org"}"#);
    assert!(answer.contains("200"), "{answer}");
    let calls = wait_for("the call to ring", HANG, || {
        let calls = story.view()["calls"].clone();
        (calls[0]["phase"]["name"] == "ringing").then_some(calls)
    });
    assert_eq!(calls[0]["app"], APP);
    assert_eq!(calls[0]["handle"]["value"], "ana@example.org");
    assert_eq!(story.system.bed.running(PROGRAM).len(), 1, "started once");
    let history = story.waits_for_history("completed");
    let want = ["arrived", "launched", "handed", "completed"];
    assert_eq!(history, want, "and no strike");
    // The log of the gateway tells the same from its side.
    let unique = answer
        .lines()
        .find_map(|line| line.strip_prefix("apns-unique-id: "))
        .expect("development has it");
    let address = format!(
        "{}/delivery/{}",
        story.metrics.replace("/metrics", ""),
        unique.trim()
    );
    wait_for("the delivery to be known", HANG, || {
        let page = Command::new("curl").args(["-s", &address]).output();
        let page = String::from_utf8_lossy(&page.expect("curl runs").stdout).into_owned();
        page.contains("Delivered").then_some(())
    });
    let ended = story.system.cli(&["decline"]);
    assert!(!ended.is_empty());
}

#[test]
fn a_daemon_that_cannot_reach_its_gateway_says_so() {
    let mut story = Story::begin();
    story.gateway.kill();
    wait_for("the reason", HANG, || {
        let status = story.status();
        let fault = status["fault"].as_str().unwrap_or_default();
        (status["linked"] == false && fault.starts_with("no answer")).then_some(())
    });
}

#[test]
fn a_push_that_a_frozen_daemon_finds_too_late_starts_nothing() {
    let story = Story::begin();
    let token = story.status()["apps"][0]["tokens"]["voip"].clone();
    let token = token.as_str().expect("a token").to_owned();
    story.system.daemon.signal(Signal::STOP);
    let answer = story.send_to(&token, "0", r#"{"call":"late"}"#);
    assert!(answer.contains("200"), "{answer}");
    let thawed = std::time::Instant::now() + WINDOW;
    wait_for("the push to be too late", HANG, || {
        (std::time::Instant::now() > thawed).then_some(())
    });
    story.system.daemon.signal(Signal::CONT);
    // Whatever the thawed daemon had in its buffers is dealt with before this one.
    story.send("0", r#"{"call":"fresh","from":"ben@example.org"}"#);
    let calls = wait_for("the fresh call to ring", HANG, || {
        let calls = story.view()["calls"].clone();
        (calls[0]["phase"]["name"] == "ringing").then_some(calls)
    });
    let count = calls.as_array().map_or(0, Vec::len);
    assert_eq!(count, 1, "the late one never rang: {calls:#}");
    assert_eq!(calls[0]["handle"]["value"], "ben@example.org");
    let history = story.waits_for_history("completed");
    let handed = history.iter().filter(|word| *word == "handed").count();
    assert_eq!(handed, 1, "{history:?}");
}
