//! One app under test as a process.

use std::process::{Child, Command, Stdio};

use hookswitch_sim::outside::OutsideApp;

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

    /// Starts it on a bus. What it writes to standard output is not for the report of the run.
    pub(crate) fn start(&mut self, bus: &str) -> Result<(), String> {
        self.stop();
        let command = &self.app.command;
        let child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.map_err(|why| format!("{command} cannot be started: {why}"))?);
        Ok(())
    }

    /// How it ended, if it did so by itself.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        Some(format!("it ended by itself ({status})"))
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
