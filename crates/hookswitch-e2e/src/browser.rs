//! A real browser, driven by role and visible name through `e2e/driver.ts`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use hookswitch_testbed::poll;
use serde_json::{Value, json};

/// Where the pinned Node lives, below the root of the tree.
const NODE: &str = ".tools/node/bin/node";
/// The first start of a browser on a cold machine takes long.
const START_MAX: Duration = Duration::from_secs(90);
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// One page in one browser; dropping it ends the browser.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: Receiver<String>,
    shots: PathBuf,
}

impl Browser {
    /// Starts a browser, with more arguments if needed (without spaces). Screenshots go to
    /// `artifacts/e2e/`.
    ///
    /// # Panics
    ///
    /// When Node, Playwright or the browser is missing or does not start.
    #[must_use]
    pub fn start(root: &Path, arguments: &[&str]) -> Self {
        let shots = root.join("artifacts/e2e");
        std::fs::create_dir_all(&shots).expect("the tree takes artifacts");
        let mut child = Command::new(root.join(NODE))
            .arg(root.join("e2e/driver.ts"))
            .env("NODE_NO_WARNINGS", "1")
            .env("BROWSER_ARGS", arguments.join(" "))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node is missing: run `setup/node`, then `setup/npm ui`");
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let (sender, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let browser = Self {
            child,
            stdin,
            answers,
            shots,
        };
        browser.answer("start", START_MAX);
        browser
    }

    /// Opens a page.
    pub fn open(&mut self, url: &str) {
        self.ask(&json!({"do": "open", "url": url}));
    }

    /// Waits until an element with this role and name (a regular expression) shows.
    #[track_caller]
    pub fn see(&mut self, role: &str, name: &str) {
        self.ask(&json!({"do": "see", "role": role, "name": name}));
    }

    /// Waits until a text (a regular expression) shows.
    #[track_caller]
    pub fn read(&mut self, text: &str) {
        self.ask(&json!({"do": "see", "text": text}));
    }

    /// Waits until no element with this role and name shows.
    #[track_caller]
    pub fn gone(&mut self, role: &str, name: &str) {
        self.ask(&json!({"do": "gone", "role": role, "name": name}));
    }

    /// Clicks the element with this role and name.
    #[track_caller]
    pub fn click(&mut self, role: &str, name: &str) {
        self.ask(&json!({"do": "click", "role": role, "name": name}));
    }

    /// Presses a key or chord, such as `Control+Shift+A`.
    #[track_caller]
    pub fn press(&mut self, key: &str) {
        self.ask(&json!({"do": "press", "text": key}));
    }

    /// Sets the size of the window.
    #[track_caller]
    pub fn size(&mut self, width: u32, height: u32) {
        self.ask(&json!({"do": "size", "width": width, "height": height}));
    }

    /// Takes the light or the dark look.
    #[track_caller]
    pub fn scheme(&mut self, scheme: &str) {
        self.ask(&json!({"do": "scheme", "text": scheme}));
    }

    /// Keeps a picture of the window under this name.
    #[track_caller]
    pub fn shot(&mut self, name: &str) {
        let path = self.shots.join(format!("{name}.png"));
        self.ask(&json!({"do": "shot", "path": path}));
    }

    /// When the card that shows now first showed.
    #[track_caller]
    pub fn card_at(&mut self) -> SystemTime {
        self.stamp("at")
    }

    /// When the last click reached the page.
    #[track_caller]
    pub fn click_at(&mut self) -> SystemTime {
        self.stamp("click")
    }

    #[track_caller]
    fn stamp(&mut self, of: &str) -> SystemTime {
        let answer = self.ask(&json!({"do": "stamp"}));
        let millis = answer[of].as_u64().expect("a time");
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }

    /// How long the emptiest question of the page to its server takes.
    #[track_caller]
    pub fn round_trip(&mut self) -> Duration {
        let answer = self.ask(&json!({"do": "trip"}));
        Duration::from_secs_f64(answer["ms"].as_f64().expect("a time") / 1000.0)
    }

    /// Waits until the page plays this tone, to 15 Hz.
    ///
    /// # Panics
    ///
    /// When it does not in time.
    #[track_caller]
    pub fn hears(&mut self, hz: f64) {
        let mut last = Value::Null;
        let found = poll(ANSWER_MAX, || {
            last = self.ask(&json!({"do": "tone"}));
            let (at, level) = (last["hz"].as_f64()?, last["dbfs"].as_f64()?);
            ((at - hz).abs() < 15.0 && level > -50.0).then_some(())
        });
        assert!(found.is_some(), "the page never played {hz} Hz: {last}");
    }

    /// Closes the browser.
    pub fn leave(&mut self) {
        // The driver closes the browser when its input ends.
        self.stdin = None;
        let closed = self.answers.recv_timeout(Duration::from_secs(10));
        drop(closed);
        // An error means that it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    #[track_caller]
    fn ask(&mut self, command: &Value) -> Value {
        let stdin = self.stdin.as_mut().expect("open until dropped");
        writeln!(stdin, "{command}").expect("the driver listens");
        self.answer(&command.to_string(), ANSWER_MAX)
    }

    #[track_caller]
    fn answer(&self, to: &str, within: Duration) -> Value {
        let line = self.answers.recv_timeout(within);
        let line = line.unwrap_or_else(|_| panic!("the browser did not answer to {to}"));
        let answer: Value = serde_json::from_str(&line).expect("the driver speaks JSON");
        assert!(
            answer["ok"] == true,
            "{to}: {}",
            answer["error"].as_str().unwrap_or(&line)
        );
        answer
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.leave();
    }
}
