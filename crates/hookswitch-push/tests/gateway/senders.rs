//! Senders that nobody here wrote, unmodified: httpx, aioapns, node-apn, apns2.
//!
//! `setup/senders` installs them at pinned versions; without them these tests fail. Each script in
//! `tests/senders` sends to a device, to a token that nobody has, and to one whose app has
//! unregistered; some also send twenty at once.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::bed::{APP, Device, Gateway};

/// Pushes at once.
const BURST: usize = 20;

#[test]
fn httpx_is_served() {
    let rig = Rig::new();
    let lines = rig.send(&python(), "send_httpx.py");
    rig.check("httpx", &lines);
}

#[test]
fn aioapns_is_served_without_alpn_and_authority() {
    let rig = Rig::new();
    let lines = rig.send(&python(), "send_aioapns.py");
    rig.check("aioapns", &lines);
    rig.check_burst("aioapns", &lines);
}

#[test]
fn node_apn_is_served() {
    let rig = Rig::new();
    let lines = rig.send(&node(), "send-node-apn.cjs");
    rig.check("node-apn", &lines);
    rig.check_burst("node-apn", &lines);
}

#[test]
fn apns2_is_served() {
    let rig = Rig::new();
    let lines = rig.send(&node(), "send-apns2.mjs");
    rig.check("apns2", &lines);
    rig.check_burst("apns2", &lines);
}

/// A gateway, a device, and a token whose app has unregistered.
struct Rig {
    gateway: Gateway,
    device: Device,
    gone: String,
}

impl Rig {
    fn new() -> Self {
        let gateway = Gateway::start();
        let device = gateway.device();
        let gone = gateway.unregistered();
        Self {
            gateway,
            device,
            gone,
        }
    }

    fn send(&self, with: &Path, script: &str) -> Vec<Value> {
        assert!(
            with.exists(),
            "{} is missing: run setup/senders",
            with.display()
        );
        let (_, port) = self.gateway.senders.rsplit_once(':').unwrap();
        let job = json!({
            "host": "localhost",
            "port": port.parse::<u16>().unwrap(),
            "ca": self.gateway.file("ca.pem"),
            "key": self.gateway.file("sender.p8"),
            "kid": "DEVELOPKEY",
            "team": "DEVELOPERS",
            "topic": format!("{APP}.voip"),
            "devices": [self.device.voip, "00ff", self.gone],
            "burst": BURST,
        });
        let output = Command::new("timeout")
            .arg("60")
            .arg(with)
            .arg(scripts().join(script))
            .arg(job.to_string())
            .env("NODE_EXTRA_CA_CERTS", self.gateway.file("ca.pem"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {complaint}\n{text}");
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The three answers, and the callback of the push that was good.
    #[track_caller]
    fn check(&self, by: &str, lines: &[Value]) {
        assert_eq!(lines[0][0]["status"], 200, "{lines:?}");
        assert_eq!(
            lines[0][1],
            json!({ "status": 400, "reason": "BadDeviceToken" })
        );
        assert_eq!(
            lines[0][2],
            json!({ "status": 410, "reason": "Unregistered" })
        );
        let callback = self.device.process.json("callback");
        assert!(callback["payload"].as_str().unwrap().contains(by));
    }

    #[track_caller]
    fn check_burst(&self, by: &str, lines: &[Value]) {
        assert_eq!(lines[1], json!(vec![200; BURST]));
        for _ in 0..BURST {
            let callback = self.device.process.json("callback");
            assert!(callback["payload"].as_str().unwrap().contains(by));
        }
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/senders")
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools")
}

fn python() -> PathBuf {
    tools().join("senders/bin/python")
}

fn node() -> PathBuf {
    tools().join("node/bin/node")
}
