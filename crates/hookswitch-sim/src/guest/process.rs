//! A guest that is a process: JSON lines over its standard input and output.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::message::field;
use super::{Guest, PROTOCOL, Turn};

/// Longest line of a process, in bytes.
const LINE_MAX: u64 = 64 * 1024;

/// Most messages of one turn.
const ACTS_MAX: usize = 1_000;

/// Lines on their way to or from a process.
const LINES_MAX: usize = 1_024;

/// How long a process may live after it closed its output and still count as ended by itself.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// No bus to be found: a simulated call must never ring on the user's own desktop.
const NO_BUS: &str = "disabled:";
const NOWHERE: &str = "/nonexistent";

/// A process under test.
#[derive(Debug)]
pub struct Process {
    command: String,
    patience: Duration,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    lines: Receiver<Result<String, String>>,
    input: SyncSender<String>,
}

impl Process {
    /// A process to be started by this line of the shell, that may take so long in real time to
    /// become idle.
    #[must_use]
    pub fn new(command: &str, patience: Duration) -> Self {
        Self {
            command: command.to_owned(),
            patience,
            running: None,
        }
    }

    fn spawn(&self) -> Result<Running, String> {
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("exec {}", self.command))
            .env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
            .env("XDG_RUNTIME_DIR", NOWHERE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| format!("{} cannot be started: {why}", self.command))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the process has no standard input or output".to_owned());
        };
        let (line_to_us, lines) = sync_channel(LINES_MAX);
        let (input, line_to_it) = sync_channel(LINES_MAX);
        thread::spawn(move || read_lines(stdout, &line_to_us));
        thread::spawn(move || write_lines(stdin, &line_to_it));
        Ok(Running {
            child,
            lines,
            input,
        })
    }

    fn say(&mut self, message: &Value) -> Result<(), String> {
        let Some(running) = &self.running else {
            return Err("it does not run".to_owned());
        };
        match running.input.try_send(format!("{message}\n")) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(format!(
                "it does not read its standard input: {LINES_MAX} lines wait"
            )),
            Err(TrySendError::Disconnected(_)) => Err(self.how_it_ended()),
        }
    }

    /// Reads until it says that it is idle.
    fn turn(&mut self) -> Result<Turn, String> {
        let until = Instant::now() + self.patience;
        let mut turn = Turn::default();
        loop {
            let line = self.line(until)?;
            let message: Value = serde_json::from_str(&line).map_err(|why| {
                format!(
                    "it wrote a line that is no JSON message ({why}): {}",
                    start_of(&line)
                )
            })?;
            if field(&message, "type")? == "idle" {
                turn.until_ms = message["until_ms"].as_u64();
                return Ok(turn);
            }
            turn.acts.push(message);
            if turn.acts.len() > ACTS_MAX {
                return Err(format!(
                    "it wrote {ACTS_MAX} messages without {{\"type\":\"idle\"}}"
                ));
            }
        }
    }

    fn line(&mut self, until: Instant) -> Result<String, String> {
        let Some(running) = &self.running else {
            return Err("it does not run".to_owned());
        };
        let left = until.saturating_duration_since(Instant::now());
        match running.lines.recv_timeout(left) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => Err(self.how_it_ended()),
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "it did not say {{\"type\":\"idle\"}} within {} s; is its output flushed after \
                 each line?",
                self.patience.as_secs()
            )),
        }
    }

    fn how_it_ended(&mut self) -> String {
        let Some(running) = &mut self.running else {
            return "it does not run".to_owned();
        };
        // The end of its output is seen a moment before its end.
        let until = Instant::now() + LAST_BREATH;
        loop {
            match running.child.try_wait() {
                Ok(Some(status)) => {
                    return match status.code() {
                        // What a shell says of a command that it cannot run.
                        Some(127) => format!("there is no program {:?}", self.command),
                        Some(126) => format!("{:?} is not executable", self.command),
                        Some(_) | None => format!("it ended by itself ({status})"),
                    };
                }
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => return "it closed its standard output".to_owned(),
            }
        }
    }
}

impl Guest for Process {
    fn start(&mut self, hello: &Value) -> Result<Turn, String> {
        self.stop();
        self.running = Some(self.spawn()?);
        self.say(hello)?;
        let first = self.line(Instant::now() + self.patience)?;
        let answer: Value = serde_json::from_str(&first).map_err(|why| {
            format!("its first line is no JSON message ({why}); if it speaks D-Bus, add --dbus")
        })?;
        if field(&answer, "type")? != "hello" {
            return Err("its first message is not \"hello\"".to_owned());
        }
        if answer["protocol"].as_u64() != Some(PROTOCOL) {
            return Err(format!(
                "it speaks version {} of the protocol; this simulator speaks {PROTOCOL}",
                answer["protocol"]
            ));
        }
        let mut turn = self.turn()?;
        turn.acknowledges = answer["acknowledges"].as_bool().unwrap_or(false);
        Ok(turn)
    }

    fn tell(&mut self, message: &Value) -> Result<Turn, String> {
        self.say(message)?;
        self.turn()
    }

    fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It may be gone already, which is as good.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn read_lines(stdout: ChildStdout, to: &SyncSender<Result<String, String>>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes);
        let line = match read {
            Ok(0) | Err(_) => return,
            Ok(_) if !bytes.ends_with(b"\n") && bytes.len() as u64 == LINE_MAX => {
                Err(format!("it wrote a line of more than {LINE_MAX} bytes"))
            }
            Ok(_) => String::from_utf8(bytes)
                .map_err(|_| "it wrote bytes that are no UTF-8 text".to_owned()),
        };
        let is_over = line.is_err();
        if to.send(line).is_err() || is_over {
            return;
        }
    }
}

fn write_lines(mut stdin: ChildStdin, from: &Receiver<String>) {
    for line in from {
        if stdin
            .write_all(line.as_bytes())
            .and_then(|()| stdin.flush())
            .is_err()
        {
            return;
        }
    }
}

/// The beginning of a line, for a message.
fn start_of(line: &str) -> String {
    line.trim_end().chars().take(80).collect()
}
