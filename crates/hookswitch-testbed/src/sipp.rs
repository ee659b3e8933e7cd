//! A SIP peer that says back what it hears: sipp, which echoes packets.
//!
//! Input: nothing. Output: an address to call. What comes back is what arrived there, so a tone
//! heard again was heard by the peer.

use std::net::{TcpListener, UdpSocket};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::Process;
use crate::wait::wait_for;

const SCENARIO: &str = include_str!("../data/echo.xml");
const PATIENCE: Duration = Duration::from_secs(20);

/// A running sipp that takes one call, follows a hold and a resume, and waits for the end.
#[derive(Debug)]
pub struct EchoPeer {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl EchoPeer {
    /// Starts it and waits until it listens.
    ///
    /// # Panics
    ///
    /// When sipp is missing or not ready in time.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a writable temporary folder");
        let scenario = folder.path().join("echo.xml");
        std::fs::write(&scenario, SCENARIO).expect("our folder is writable");
        let (port, media) = (free_port(), free_port());
        let mut command = Command::new("sipp");
        command
            .arg("-sf")
            .arg(&scenario)
            .args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-rtp_echo"])
            .args(["-nostdin", "-m", "1", "-p", &port.to_string()])
            .args(["-mp", &media.to_string()])
            .env("TERM", "dumb")
            .current_dir(folder.path());
        let process = Process::spawn("sipp", command);
        let taken = || UdpSocket::bind(("127.0.0.1", port)).is_err().then_some(());
        wait_for("sipp's port", PATIENCE, taken);
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("echo@127.0.0.1:{}", self.port)
    }

    /// What it said.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Waits until its scenario is over.
    pub fn wait(&mut self) -> ExitStatus {
        self.process.wait(PATIENCE)
    }
}

fn free_port() -> u16 {
    wait_for("a free port", PATIENCE, || {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).ok()?;
        let port = socket.local_addr().ok()?.port();
        let free = TcpListener::bind(("127.0.0.1", port)).is_ok();
        free.then_some(port)
    })
}
