//! A private audio server with sinks and microphones of its own.
//!
//! Input: the `pipewire`, `wireplumber` and `pipewire-pulse` of the machine.
//! Output: a running server under the bed's runtime folder, and recordings of its sinks.
//!
//! # Promises
//!
//! - **P1** when a function returns, what it made is there and linked.
//! - **P2** the server can be killed and started again at the same place.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::bed::Bed;
use crate::bus::PrivateBus;
use crate::process::{Process, run};
use crate::recording::Recording;
use crate::wait::{poll, wait_for};

/// Rate of every recording, mono.
pub const RECORD_RATE_HZ: u32 = 48_000;
const READY_MAX: Duration = Duration::from_secs(30);

/// A running private audio server.
#[derive(Debug)]
pub struct AudioServer {
    env: Vec<(String, String)>,
    runtime_dir: PathBuf,
    names: &'static [&'static str],
    parts: Vec<Process>,
    // WirePlumber wants a session bus, and it must not be the user's.
    bus: PrivateBus,
}

/// A part of the server that stands still; dropping this lets it go on.
#[derive(Debug)]
pub struct Frozen<'s>(&'s Process);

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.0.signal(Signal::CONT);
    }
}

impl AudioServer {
    /// Starts the server and waits until it answers. It has no sinks yet.
    ///
    /// # Panics
    ///
    /// When a program is missing or the server is not ready in time.
    pub fn start(bed: &Bed) -> Self {
        Self::start_parts(bed, &["pipewire", "wireplumber", "pipewire-pulse"])
    }

    /// Starts PipeWire alone: it answers, but nobody links streams to endpoints.
    ///
    /// # Panics
    ///
    /// When the program is missing or the server is not ready in time.
    pub fn without_session_manager(bed: &Bed) -> Self {
        Self::start_parts(bed, &["pipewire"])
    }

    fn start_parts(bed: &Bed, names: &'static [&'static str]) -> Self {
        let bus = PrivateBus::start(bed);
        leave_bluetooth_out(bed);
        let mut server = Self {
            env: bed.env(),
            runtime_dir: bed.runtime_dir(),
            names,
            parts: Vec::new(),
            bus,
        };
        server.restart();
        server
    }

    /// Kills the server as a crash would; its sockets stay behind, as they do then.
    pub fn kill(&mut self) {
        self.parts.clear();
    }

    /// Starts a killed server again, without the sinks it had.
    pub fn restart(&mut self) {
        self.kill();
        for name in self.names {
            let command = self.command(name, &[]);
            self.parts.push(Process::spawn(name, command));
            if *name == "pipewire" {
                let socket = self.socket();
                wait_for("PipeWire's socket", READY_MAX, || {
                    std::os::unix::net::UnixStream::connect(&socket).ok()
                });
            }
        }
        if !self.names.contains(&"pipewire-pulse") {
            return;
        }
        let ready = poll(READY_MAX, || self.answers().then_some(()));
        assert!(
            ready.is_some(),
            "the audio server never answered:\n{}",
            self.logs()
        );
    }

    /// The socket of the server, for `ServerAddress::Socket`.
    pub fn socket(&self) -> PathBuf {
        self.runtime_dir.join("pipewire-0")
    }

    /// The environment that points programs to this server; [`Bed::env`] holds it already.
    pub fn env(&self) -> Vec<(String, String)> {
        self.env
            .iter()
            .filter(|(name, _)| name.starts_with("P"))
            .cloned()
            .collect()
    }

    /// Adds a sink that plays into nothing but its monitor. With `pipewire-pulse`, a server
    /// without any sink has a silent one called `auto_null`.
    ///
    /// # Panics
    ///
    /// When the sink does not appear in time.
    pub fn add_sink(&self, name: &str) {
        self.add_sink_with(name, "");
    }

    /// The same with further properties, such as `device.form-factor=headset`.
    ///
    /// # Panics
    ///
    /// When the sink does not appear in time.
    pub fn add_sink_with(&self, name: &str, properties: &str) {
        self.load(
            &format!("media.class=Audio/Sink sink_name={name} channel_map=stereo"),
            format!("{name} {properties}").trim_end(),
        );
        self.wait_listed("sinks", name);
    }

    /// Takes a sink away, as if it were unplugged.
    ///
    /// # Panics
    ///
    /// When there is no such sink.
    pub fn remove_sink(&self, name: &str) {
        let modules = self.pactl(&["list", "short", "modules"]);
        let wanted = format!("sink_name={name} ");
        let module = modules
            .lines()
            .find(|line| format!("{line} ").contains(&wanted));
        let number = module.and_then(|line| line.split('\t').next());
        self.pactl(&["unload-module", number.expect("the sink was added here")]);
    }

    /// Mutes or unmutes a microphone where it is, as a mixer or its own key would.
    pub fn set_microphone_muted(&self, name: &str, on: bool) {
        let on = if on { "1" } else { "0" };
        self.pactl(&["set-source-mute", name, on]);
    }

    /// Stops the session manager in its tracks until the result is dropped: the server answers, and
    /// nothing is decided.
    ///
    /// # Panics
    ///
    /// When this server has no session manager.
    pub fn freeze_session_manager(&self) -> Frozen<'_> {
        let at = self.names.iter().position(|name| *name == "wireplumber");
        let part = &self.parts[at.expect("the server was started with one")];
        part.signal(Signal::STOP);
        Frozen(part)
    }

    /// Adds a microphone that hears what [`AudioServer::play_into_microphone`] plays.
    ///
    /// # Panics
    ///
    /// When the microphone does not appear in time.
    pub fn add_microphone(&self, name: &str) {
        let feed = format!("{name}.feed");
        self.load(
            &format!("media.class=Audio/Sink sink_name={feed} channel_map=mono"),
            &feed,
        );
        self.wait_listed("sinks", &feed);
        let (master, source) = (
            format!("master={feed}.monitor"),
            format!("source_name={name}"),
        );
        self.pactl(&[
            "load-module",
            "module-remap-source",
            &master,
            &source,
            "channel_map=mono",
        ]);
        self.wait_listed("sources", name);
        self.make_default("source", name);
    }

    /// Makes a sink the default and waits until the session manager agrees.
    ///
    /// # Panics
    ///
    /// When it does not agree in time.
    pub fn set_default_sink(&self, name: &str) {
        self.make_default("sink", name);
    }

    /// The sink that streams without a choice of their own go to.
    pub fn default_sink(&self) -> String {
        self.pactl(&["get-default-sink"]).trim().to_owned()
    }

    /// Names of the streams that play at the moment, one per line.
    pub fn playing_streams(&self) -> String {
        let listed = self.pactl(&["list", "sink-inputs"]);
        let name = |line: &str| line.trim().strip_prefix("media.name = ").map(str::to_owned);
        listed
            .lines()
            .filter_map(name)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The media role of the stream of this name, while it plays.
    pub fn playing_role(&self, stream: &str) -> Option<String> {
        let listed = self.pactl(&["list", "sink-inputs"]);
        let named = format!("media.name = \"{stream}\"");
        let mut each = listed.split("Sink Input #");
        let found = each.find(|one| one.contains(&named))?;
        let mut lines = found.lines();
        let role = lines.find_map(|line| line.trim().strip_prefix("media.role = "))?;
        Some(role.trim_matches('"').to_owned())
    }

    /// Records what a sink plays.
    pub fn record(&self, sink: &str) -> Recording {
        let rate = format!("--rate={RECORD_RATE_HZ}");
        let device = format!("--device={sink}.monitor");
        let raw = [
            "--raw",
            "--format=s16le",
            "--channels=1",
            "--latency-msec=20",
        ];
        let command = self.command(
            "parecord",
            &[&[rate.as_str(), device.as_str()], &raw[..]].concat(),
        );
        let recording = Recording::start(sink, command);
        recording.until(READY_MAX, |samples| (!samples.is_empty()).then_some(()));
        recording
    }

    /// Plays a WAV file into a microphone until the process is dropped or the file ends.
    pub fn play_into_microphone(&self, microphone: &str, wav: &std::path::Path) -> Process {
        self.play(&format!("{microphone}.feed"), wav)
    }

    /// Plays a WAV file on a sink until the process is dropped or the file ends.
    pub fn play(&self, sink: &str, wav: &std::path::Path) -> Process {
        let (device, wav) = (format!("--device={sink}"), wav.to_string_lossy());
        Process::spawn("paplay", self.command("paplay", &[&device, &wav]))
    }

    /// What all parts of the server said.
    pub fn logs(&self) -> String {
        self.parts
            .iter()
            .map(Process::log)
            .collect::<Vec<_>>()
            .join("--\n")
    }

    fn load(&self, arguments: &str, name: &str) {
        let words = arguments.split(' ').collect::<Vec<_>>();
        let description = format!("sink_properties='device.description={name}'");
        let load = ["load-module", "module-null-sink"];
        // Last: what follows a quoted value is not read by each version of the server.
        self.pactl(&[&load[..], &words, &[&description]].concat());
    }

    /// Asks until it is so: a server that has just started refuses for a moment.
    fn make_default(&self, kind: &str, name: &str) {
        let (set, get) = (format!("set-default-{kind}"), format!("get-default-{kind}"));
        wait_for(&set, READY_MAX, || {
            let asked = self.command("pactl", &[&set, name]).output();
            let granted = asked.is_ok_and(|output| output.status.success());
            (granted && self.pactl(&[&get]).trim() == name).then_some(())
        });
    }

    fn wait_listed(&self, kind: &str, name: &str) {
        wait_for(name, READY_MAX, || {
            let listed = self.pactl(&["list", "short", kind]);
            listed
                .lines()
                .any(|line| line.split('\t').nth(1) == Some(name))
                .then_some(())
        });
    }

    fn answers(&self) -> bool {
        let info = self.command("pactl", &["info"]).output();
        info.is_ok_and(|output| output.status.success())
    }

    fn pactl(&self, arguments: &[&str]) -> String {
        run(self.command("pactl", arguments))
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(self.env.iter().cloned())
            .envs(self.bus.env());
        // The server itself must listen, not connect.
        if program == "pipewire" {
            command.env_remove("PIPEWIRE_REMOTE");
        }
        command
    }
}

/// WirePlumber 0.4 watches seats for Bluetooth, and where no login manager runs (a container, a
/// minimal root) that failure keeps its other parts from starting.
fn leave_bluetooth_out(bed: &Bed) {
    let folder = bed.path().join("config/wireplumber/bluetooth.lua.d");
    fs::create_dir_all(&folder).expect("the bed takes folders");
    // Before 90-enable-all.lua, which reads it.
    let file = folder.join("80-no-bluetooth.lua");
    fs::write(file, "bluez_monitor.enabled = false\n").expect("the bed takes files");
}
