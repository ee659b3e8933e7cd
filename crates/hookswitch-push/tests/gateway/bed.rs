//! A gateway in development mode, devices and senders, each a process of its own.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hookswitch-push");
/// How long anything may take before the test counts it as hung.
const PATIENCE: Duration = Duration::from_secs(30);
/// The app of every test.
pub const APP: &str = "org.example.phone";

/// A process whose lines are read.
pub struct Process {
    child: Child,
    lines: Mutex<Receiver<String>>,
    /// Lines that nobody asked for yet.
    passed: Mutex<VecDeque<String>>,
}

/// A running gateway.
pub struct Gateway {
    pub folder: tempfile::TempDir,
    pub process: Process,
    pub senders: String,
    pub devices: String,
    pub metrics: String,
    provider_token: OnceLock<String>,
    /// Everything it wrote to its log.
    pub log: PathBuf,
}

/// A running device with its two tokens.
pub struct Device {
    pub process: Process,
    pub voip: String,
    pub app: String,
}

/// The answer to a sender.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (line, lines) = channel();
        thread::spawn(move || {
            for text in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.send(text).is_err() {
                    return;
                }
            }
        });
        let passed = Mutex::default();
        let lines = Mutex::new(lines);
        Self {
            child,
            lines,
            passed,
        }
    }

    /// The first line that has this word and was not taken yet.
    #[track_caller]
    pub fn line(&self, word: &str) -> String {
        match self.find(word, PATIENCE) {
            Some(line) => line,
            None => panic!(
                "no line with {word}; there are {:#?}",
                self.passed.lock().unwrap()
            ),
        }
    }

    fn find(&self, word: &str, within: Duration) -> Option<String> {
        let mut passed = self.passed.lock().unwrap();
        if let Some(at) = passed.iter().position(|line| line.contains(word)) {
            return passed.remove(at);
        }
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.lock().unwrap().recv_timeout(left).ok()?;
            if line.contains(word) {
                return Some(line);
            }
            passed.push_back(line);
        }
    }

    /// The next JSON line that has this key.
    #[track_caller]
    pub fn json(&self, key: &str) -> Value {
        let line = self.line(&format!("\"{key}\""));
        serde_json::from_str(&line).unwrap()
    }

    /// Whether a line with this word comes within a time.
    pub fn comes(&self, word: &str, within: Duration) -> bool {
        self.find(word, within).is_some()
    }

    /// All lines with this word that nobody took.
    pub fn passed(&self, word: &str) -> Vec<String> {
        let passed = self.passed.lock().unwrap();
        passed
            .iter()
            .filter(|line| line.contains(word))
            .cloned()
            .collect()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end.
    #[track_caller]
    pub fn ended(&mut self) -> bool {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < until, "the process does not end");
            thread::yield_now();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    /// Starts one on free ports in a folder of its own.
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap())
    }

    /// Starts one where an earlier one left its folder.
    pub fn start_in(folder: tempfile::TempDir) -> Self {
        let log = folder.path().join("log");
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let any = "127.0.0.1:0";
        let process = Process::start(
            Command::new(PROGRAM)
                .arg("dev")
                .args(["--senders", any, "--devices", any, "--metrics", any])
                .arg("--folder")
                .arg(folder.path().join("dev"))
                .env("RUST_LOG", "trace")
                .stderr(file),
        );
        let rest = |word: &str| process.line(word).replace(word, "").trim().to_owned();
        let senders = rest("senders ");
        let devices = rest("devices ");
        let metrics = rest("metrics ").replace("/metrics", "");
        process.line("ready");
        Self {
            folder,
            process,
            senders,
            devices,
            metrics,
            provider_token: OnceLock::new(),
            log,
        }
    }

    /// A file that development mode made.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("dev").join(name)
    }

    /// A device that has linked and has both tokens.
    pub fn device(&self) -> Device {
        self.device_at(&self.devices)
    }

    /// The same by way of another address.
    pub fn device_at(&self, address: &str) -> Device {
        Self::tokens(self.device_process(address, "device.id", &[]))
    }

    /// The same with another identity.
    pub fn device_with(&self, identity: &str) -> Device {
        Self::tokens(self.device_process(&self.devices, identity, &[]))
    }

    /// The call token of a device whose app has unregistered; its identity is `gone.id`.
    pub fn unregistered(&self) -> String {
        let device = self.device_with("gone.id");
        let voip = device.voip.clone();
        drop(device);
        let process = self.device_process(&self.devices, "gone.id", &["--unregister"]);
        let until = Instant::now() + PATIENCE;
        let (path, topic) = (
            format!("/3/device/{voip}"),
            format!("apns-topic: {APP}.voip"),
        );
        let never = [topic.as_str(), "apns-expiration: 0"];
        while self.post(&path, &never, "{}").status != 410 {
            assert!(Instant::now() < until, "the token does not die");
        }
        drop(process);
        voip
    }

    /// The device program, as it starts.
    pub fn device_process(&self, address: &str, identity: &str, more: &[&str]) -> Process {
        Process::start(
            Command::new(PROGRAM)
                .args(["device", "--gateway", address, "--app", APP, "--trust"])
                .arg(self.file("ca.pem"))
                .arg("--identity")
                .arg(self.file(identity))
                .args(more)
                .stderr(Stdio::null()),
        )
    }

    fn tokens(process: Process) -> Device {
        let token = |process: &Process| process.json("token")["token"].as_str().unwrap().to_owned();
        let first = process.json("token");
        let text = first["token"].as_str().unwrap().to_owned();
        let (voip, app) = match first["service"].as_str() {
            Some("voip") => (text, token(&process)),
            _ => (token(&process), text),
        };
        Device { process, voip, app }
    }

    /// A provider token.
    pub fn token(&self) -> String {
        self.token_with(&[])
    }

    /// A provider token of another key or team.
    pub fn token_with(&self, arguments: &[&str]) -> String {
        let made = Command::new(PROGRAM)
            .args(["token", "--key"])
            .arg(self.file("sender.p8"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(made.status.success());
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// Posts by curl over HTTP/2 with these headers.
    #[track_caller]
    pub fn post(&self, path: &str, headers: &[&str], body: &str) -> Answer {
        self.try_post(path, headers, body).unwrap()
    }

    /// The same, where the gateway may be frozen for too long.
    pub fn try_post(&self, path: &str, headers: &[&str], body: &str) -> Option<Answer> {
        let token = self.provider_token.get_or_init(|| self.token());
        let token = format!("authorization: bearer {token}");
        let all = [&[token.as_str()], headers].concat();
        self.try_curl(&["--data-binary", body], path, &all).ok()
    }

    /// curl with more arguments.
    #[track_caller]
    pub fn curl(&self, arguments: &[&str], path: &str, headers: &[&str]) -> Answer {
        self.try_curl(arguments, path, headers).unwrap()
    }

    /// The answer, or curl's complaint.
    fn try_curl(&self, more: &[&str], path: &str, headers: &[&str]) -> Result<Answer, String> {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--http2",
            "--include",
            "--max-time",
            "20",
        ]);
        curl.arg("--cacert").arg(self.file("ca.pem")).args(more);
        for header in headers {
            curl.args(["--header", header]);
        }
        let output = curl
            .arg(format!("{}{path}", self.senders))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(complaint.into_owned());
        }
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Answer {
            status,
            headers: headers.to_owned(),
            body: body.to_owned(),
        })
    }

    /// A page of the operators' address.
    pub fn page(&self, path: &str) -> String {
        let address = format!("{}{path}", self.metrics);
        let output = Command::new("curl")
            .args(["--silent", "--max-time", "20", &address])
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }
}

impl Answer {
    /// The reason of a refusal.
    pub fn reason(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["reason"].as_str().unwrap().to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Whether any file in a folder has these bytes.
pub fn finds(file: &Path, text: &str) -> bool {
    let all = std::fs::read(file).unwrap();
    all.windows(text.len()).any(|part| part == text.as_bytes())
}
