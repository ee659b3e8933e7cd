//! A child process of a test, with its output and its end.
//!
//! Input: a command. Output: a running process whose lines can be waited for.
//!
//! # Promises
//!
//! - **C1** the child leads its own process group, and dropping it kills the whole group.
//! - **C2** stdout and stderr are read all the time, so that the child never blocks on them; at
//!   most [`LINES_MAX`] lines are kept.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::wait::poll;

/// Most lines of output that are kept for a failing test.
pub const LINES_MAX: usize = 2_000;
/// How long a child may take to leave after a polite signal.
const LEAVE_MAX: Duration = Duration::from_secs(5);

/// A running child process.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: Arc<Log>,
}

impl Process {
    /// Starts the command in its own process group, without input.
    ///
    /// # Panics
    ///
    /// When the program is missing: a missing test bed is a failure, and it says what to install.
    #[track_caller]
    pub fn spawn(name: &str, mut command: Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        command.process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start `{program}`: {error}.{}", advice(&program))
        });
        let log = Arc::new(Log::default());
        for pipe in pipes(&mut child) {
            let log = log.clone();
            thread::spawn(move || log.follow(pipe));
        }
        Self {
            name: name.to_owned(),
            child,
            log,
        }
    }

    /// Waits until a line of output contains `needle` and returns that line.
    ///
    /// # Panics
    ///
    /// When the deadline passes or the child ends first; the message holds its output.
    #[track_caller]
    pub fn wait_for_line(&self, needle: &str, within: Duration) -> String {
        let found = self.log.wait_for(needle, within);
        found.unwrap_or_else(|| {
            panic!(
                "{} never said `{needle}` within {within:?}; it said:\n{}",
                self.name,
                self.log()
            )
        })
    }

    /// Everything the child has said so far, stdout and stderr as they came.
    pub fn log(&self) -> String {
        self.log
            .lock()
            .lines
            .iter()
            .fold(String::new(), |all, line| all + line + "\n")
    }

    /// Whether the child still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the child's process group.
    pub fn signal(&self, signal: Signal) {
        if let Some(group) = Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(0)) {
            // An error means that the group has already ended.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Stops the group where it is (SIGSTOP), and returns when no thread of the child runs: from
    /// then on it answers nothing, until it is killed or continued.
    ///
    /// # Panics
    ///
    /// When the child still runs after a few seconds.
    #[track_caller]
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
        let threads = format!("/proc/{}/task", self.child.id());
        let stopped = poll(LEAVE_MAX, || all_stopped(&threads).then_some(()));
        assert!(stopped.is_some(), "{} was not to be stopped", self.name);
    }

    /// Waits for the end of the child.
    ///
    /// # Panics
    ///
    /// When the deadline passes first.
    #[track_caller]
    pub fn wait(&mut self, within: Duration) -> ExitStatus {
        let ended = poll(within, || self.child.try_wait().ok().flatten());
        ended.unwrap_or_else(|| {
            panic!(
                "{} still runs after {within:?}; it said:\n{}",
                self.name,
                self.log()
            )
        })
    }

    /// Asks the group to leave (SIGTERM), and kills it when it does not.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.signal(Signal::TERM);
        let ended = poll(LEAVE_MAX, || self.child.try_wait().ok().flatten());
        self.kill();
        ended
    }

    /// Kills the group at once (SIGKILL).
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        // An error means that the child was already waited for.
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The lines of a child, kept by the threads that read its pipes.
#[derive(Debug, Default)]
struct Log {
    state: Mutex<Lines>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    ended: u8,
}

impl Log {
    fn follow(&self, pipe: Box<dyn Read + Send>) {
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { break };
            let mut state = self.lock();
            if state.lines.len() == LINES_MAX {
                state.lines.pop_front();
            }
            state
                .lines
                .push_back(String::from_utf8_lossy(&line).into_owned());
            self.grown.notify_all();
        }
        self.lock().ended += 1;
        self.grown.notify_all();
    }

    fn wait_for(&self, needle: &str, within: Duration) -> Option<String> {
        let find = |state: &Lines| state.lines.iter().find(|l| l.contains(needle)).cloned();
        let waiting = |state: &mut Lines| find(state).is_none() && state.ended < 2;
        let waited = self.grown.wait_timeout_while(self.lock(), within, waiting);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        find(&state)
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the kernel lists every thread of a folder in `/proc` as stopped.
fn all_stopped(threads: &str) -> bool {
    let Ok(threads) = std::fs::read_dir(threads) else {
        return false;
    };
    threads.flatten().all(|thread| {
        let state = std::fs::read_to_string(thread.path().join("stat"));
        state.is_ok_and(|state| state.contains(") T "))
    })
}

fn pipes(child: &mut Child) -> Vec<Box<dyn Read + Send>> {
    let out = child
        .stdout
        .take()
        .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    let err = child
        .stderr
        .take()
        .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    out.into_iter().chain(err).collect()
}

/// Runs a command to its end and returns its stdout; a failure fails the test.
#[track_caller]
pub(crate) fn run(mut command: Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output =
        output.unwrap_or_else(|e| panic!("cannot start `{program}`: {e}.{}", advice(&program)));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`{program}` failed: {said}{complaint}"
    );
    said
}

/// Which Debian package brings a program.
fn advice(program: &str) -> String {
    let package = match program {
        "pipewire" => "pipewire",
        "wireplumber" => "wireplumber",
        "pipewire-pulse" => "pipewire-pulse",
        "pw-record" | "pw-play" | "pw-cli" => "pipewire-bin",
        "pactl" | "paplay" | "parecord" => "pulseaudio-utils",
        "dbus-daemon" => "dbus-daemon",
        "flatpak" => "flatpak",
        "baresip" => "baresip",
        "mpv" => "mpv mpv-mpris",
        "sipp" => "sip-tester",
        _ => return String::new(),
    };
    format!(" Install the Debian package `{package}`, or run `setup/packages tests`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_heard_and_its_whole_group_is_killed() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo inner $!; wait"]);
        let mut child = Process::spawn("shell", command);
        let line = child.wait_for_line("inner", Duration::from_secs(10));
        let inner = line.rsplit(' ').next().expect("a pid follows").to_owned();
        child.kill();
        let gone = poll(Duration::from_secs(10), || is_gone(&inner).then_some(()));
        assert!(gone.is_some(), "process {inner} survived its group");
    }

    #[test]
    fn a_frozen_child_does_nothing_and_can_be_killed() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo up; read line < /dev/zero"]);
        let mut child = Process::spawn("shell", command);
        child.wait_for_line("up", Duration::from_secs(10));
        child.freeze();
        assert!(child.is_running());
        child.kill();
        assert!(!child.is_running());
    }

    /// Gone, or dead and waiting for init to collect it.
    fn is_gone(pid: &str) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        state.map_or(true, |state| state.contains(") Z "))
    }
}
