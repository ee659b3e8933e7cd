//! One app under test as a process.

use std::io;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hookswitch_sim::outside::OutsideApp;

/// How long a process may live after its connection is gone and still count as ended by itself.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// An app and its process, if it runs.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) app: OutsideApp,
    child: Option<Child>,
}

impl Program {
    /// An app that does not run.
    pub(crate) fn new(app: OutsideApp) -> Self {
        Self { app, child: None }
    }

    /// Starts it on a bus. Standard output is the report of the run: what the app says there goes
    /// to standard error.
    pub(crate) fn start(&mut self, bus: &str) -> Result<(), String> {
        self.stop();
        let command = &self.app.command;
        let child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .spawn();
        self.child = Some(child.map_err(|why| format!("{command} cannot be started: {why}"))?);
        Ok(())
    }

    /// How it ended, if it did so by itself.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        let command = &self.app.command;
        Some(match status.code() {
            // What a shell says of a command that it cannot run.
            Some(127) => format!("there is no program {command:?}, so its shell ended"),
            Some(126) => format!("{command:?} is not executable, so its shell ended"),
            Some(_) | None => format!("it ended by itself ({status})"),
        })
    }

    /// How it ended, or that it only left the bus.
    pub(crate) fn how_it_ended(&mut self) -> String {
        let until = Instant::now() + LAST_BREATH;
        loop {
            if let Some(how) = self.ended() {
                return how;
            }
            if Instant::now() >= until {
                return "it closed its connection without Invalidate".to_owned();
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends it without a word.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone already, which is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}
