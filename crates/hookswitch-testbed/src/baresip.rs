//! A real SIP peer: baresip, controlled by JSON in netstrings on its `ctrl_tcp` port.
//!
//! Input: who it is and what tone it says. Output: its events, and what it decoded.
//!
//! # Promises
//!
//! - **S1** ports are free ones; baresip takes the one above its own for TLS by itself.
//! - **S2** what it hears is what its own decoder wrote, not what anybody claims to have sent.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Process;
use crate::tone::{level_at, measure, sine, write_wav};
use crate::wait::{poll, wait_for};

/// Rate of what it says and hears: G.711.
pub const PEER_RATE_HZ: u32 = 8000;
/// Below this is silence (G.711 of silence is not all zeros).
pub const PEER_SILENCE_DBFS: f64 = -60.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// How a peer sends its SIP messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PeerTransport {
    /// As datagrams.
    Udp,
    /// Over TCP connections.
    Tcp,
}

impl PeerTransport {
    /// What an address says of it.
    fn of_uri(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
        }
    }
}

/// Who a peer is.
#[derive(Clone, Copy, Debug)]
pub struct PeerOptions<'a> {
    /// The name it calls under.
    pub name: &'a str,
    /// The user part of its address.
    pub user: &'a str,
    /// The tone it says.
    pub tone_hz: f64,
    /// How loud.
    pub tone_dbfs: f64,
    /// Whether it answers by itself.
    pub answers: bool,
    /// How it sends.
    pub transport: PeerTransport,
}

/// A running baresip.
#[derive(Debug)]
pub struct Baresip {
    control: TcpStream,
    events: mpsc::Receiver<(SystemTime, Value)>,
    folder: TempDir,
    address: String,
    process: Process,
}

impl Baresip {
    /// Starts it on free ports and waits until it can be controlled.
    ///
    /// # Panics
    ///
    /// When baresip is missing or not ready in time.
    pub fn start(options: PeerOptions<'_>) -> Self {
        let folder = tempfile::tempdir().expect("a writable temporary folder");
        let port = free_ports();
        configure(folder.path(), port, options);
        let mut command = Command::new("baresip");
        command.arg("-s").arg("-f").arg(folder.path());
        let process = Process::spawn("baresip", command);
        let control = SocketAddr::from(([127, 0, 0, 1], port + 5));
        let control = wait_for("baresip's control port", PATIENCE, || {
            TcpStream::connect(control).ok()
        });
        let (outbox, events) = mpsc::channel();
        let reader = control.try_clone().expect("a socket can be cloned");
        std::thread::spawn(move || read_netstrings(reader, &outbox));
        Self {
            control,
            events,
            folder,
            address: format!(
                "{}@127.0.0.1:{port}{}",
                options.user,
                options.transport.of_uri()
            ),
            process,
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Calls somebody.
    pub fn call(&mut self, address: &str) {
        self.command("dial", &format!("sip:{address}"));
    }

    /// What it said; every SIP message is in it.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Gives it a command, such as `hangup` or `hold`.
    pub fn command(&mut self, command: &str, parameters: &str) {
        let text = json!({ "command": command, "params": parameters }).to_string();
        let message = format!("{}:{text},", text.len());
        self.control
            .write_all(message.as_bytes())
            .expect("baresip takes commands");
    }

    /// Waits for an event of this type, such as `CALL_ESTABLISHED`.
    ///
    /// # Panics
    ///
    /// When it does not come in time.
    #[track_caller]
    pub fn event(&self, kind: &str) -> Value {
        self.event_at(kind).1
    }

    /// The same, with the moment at which it came.
    ///
    /// # Panics
    ///
    /// When it does not come in time.
    #[track_caller]
    pub fn event_at(&self, kind: &str) -> (SystemTime, Value) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok((at, event)) if event["type"] == kind => return (at, event),
                Ok(_other) => {}
                Err(_) => panic!(
                    "baresip never reported {kind}; it said:\n{}",
                    self.process.log()
                ),
            }
        }
    }

    /// Waits until what it decodes is this tone and little else, and returns its level. Before any
    /// hold only: baresip 1.0 does not put its dump back into the receiving pipeline when a call
    /// resumes. What a peer hears after a hold is measured with [`crate::EchoPeer`].
    ///
    /// # Panics
    ///
    /// When it does not come in time.
    #[track_caller]
    pub fn hears(&self, hz: f64) -> f64 {
        let heard = self.listen(|fresh| {
            let tone = alone(fresh, hz)?;
            (tone > PEER_SILENCE_DBFS).then_some(tone)
        });
        heard.unwrap_or_else(|last| panic!("baresip never heard {hz} Hz alone; {last}"))
    }

    /// The same, until the tone has about this level: to 1.5 dB.
    ///
    /// # Panics
    ///
    /// When it does not come in time.
    #[track_caller]
    pub fn hears_at(&self, hz: f64, dbfs: f64) {
        let heard = self.listen(|fresh| {
            let tone = alone(fresh, hz)?;
            ((tone - dbfs).abs() < 1.5).then_some(())
        });
        heard.unwrap_or_else(|last| panic!("baresip never heard {hz} Hz at {dbfs} dBFS; {last}"));
    }

    /// Waits until what it decodes is silence; it must get packets. Before any hold only.
    ///
    /// # Panics
    ///
    /// When it is never silent.
    #[track_caller]
    pub fn hears_silence(&self) {
        let heard = self.listen(|fresh| {
            let all = measure(fresh, PEER_RATE_HZ).level_dbfs;
            (all < PEER_SILENCE_DBFS).then_some(())
        });
        heard.unwrap_or_else(|last| panic!("baresip never heard silence; {last}"));
    }

    /// Looks at what it decodes, at least a quarter of a second at a time, until it is found good;
    /// or tells what there was last.
    fn listen<T>(&self, find: impl Fn(&[i16]) -> Option<T>) -> Result<T, String> {
        let mut from = self.decoded().len();
        let mut last = None;
        let found = poll(PATIENCE, || {
            let all = self.decoded();
            let fresh = all.get(from..).unwrap_or_default();
            if fresh.len() < PEER_RATE_HZ as usize / 4 {
                return None;
            }
            from = all.len();
            last = Some(measure(fresh, PEER_RATE_HZ));
            find(fresh)
        });
        found.ok_or_else(|| {
            let count = self.decoded().len();
            format!("in {PATIENCE:?} it decoded {count} samples, the last were {last:?}")
        })
    }

    /// Waits until no packet reached it for half a second.
    ///
    /// # Panics
    ///
    /// When packets keep coming.
    pub fn is_sent_nothing(&mut self) {
        let quiet = Duration::from_millis(500);
        let (mut count, mut since) = (self.received(), Instant::now());
        wait_for("no more packets at baresip", PATIENCE, || {
            let received = self.received();
            if received != count {
                (count, since) = (received, Instant::now());
            }
            (since.elapsed() > quiet).then_some(())
        });
    }

    /// Waits until packets reach it.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub fn is_sent_something(&mut self) {
        let before = self.received();
        wait_for("packets at baresip", PATIENCE, || {
            (self.received() > before + 10).then_some(())
        });
    }

    /// How many packets it received in its present call, by its own count.
    fn received(&mut self) -> u64 {
        self.command("audio_debug", "");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (_at, message) = self.events.recv_timeout(left).expect("baresip answers");
            let Some(text) = message["data"]
                .as_str()
                .filter(|text| text.contains("Audio"))
            else {
                continue;
            };
            let count = text.split("rcvd=").nth(1);
            let count = count.and_then(|rest| rest.lines().next());
            return count.and_then(|n| n.trim().parse().ok()).unwrap_or(0);
        }
    }

    /// Everything it decoded so far, from the dumps of its `sndfile` module in order.
    pub fn decoded(&self) -> Vec<i16> {
        let mut dumps: Vec<PathBuf> = fs::read_dir(self.folder.path())
            .expect("our folder")
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"))
            .collect();
        dumps.sort();
        let wav = dumps.iter().filter_map(|path| fs::read(path).ok());
        wav.flat_map(|bytes| samples_of(&bytes)).collect()
    }
}

/// The level of a tone that has the sound to itself.
fn alone(samples: &[i16], hz: f64) -> Option<f64> {
    let tone = level_at(samples, PEER_RATE_HZ, hz);
    let all = measure(samples, PEER_RATE_HZ).level_dbfs;
    ((all - tone).abs() < 1.0).then_some(tone)
}

/// The samples after the 44 bytes of header, which is written whole only when the file closes.
fn samples_of(wav: &[u8]) -> Vec<i16> {
    let data = wav.get(44..).unwrap_or_default();
    data.chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn configure(folder: &Path, port: u16, options: PeerOptions<'_>) {
    let place = folder.display();
    let wav = folder.join("tone.wav");
    let tone = sine(PEER_RATE_HZ, options.tone_hz, options.tone_dbfs, 90_000);
    write_wav(&wav, PEER_RATE_HZ, &tone).expect("our folder is writable");
    let modules = "/usr/lib/baresip/modules";
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\nrtp_ports {}-{}\n\
         audio_player aufile,{place}/played.wav\naudio_source aufile,{}\n\
         audio_alert aufile,/dev/null\nmodule_path {modules}\n\
         module g711.so\nmodule aufile.so\nmodule sndfile.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app ctrl_tcp.so\n\
         module_app menu.so\nctrl_tcp_listen 127.0.0.1:{}\nsnd_path {place}\n",
        port + 100,
        port + 180,
        wav.display(),
        port + 5,
    );
    let answer = if options.answers { "auto" } else { "manual" };
    let account = format!(
        "\"{}\" <sip:{}@127.0.0.1:{port}{}>;regint=0;answermode={answer};\
         audio_codecs=PCMU/8000/1\n",
        options.name,
        options.user,
        options.transport.of_uri(),
    );
    for (name, text) in [
        ("config", config),
        ("accounts", account),
        ("contacts", String::new()),
    ] {
        fs::write(folder.join(name), text).expect("our folder is writable");
    }
}

fn free_ports() -> u16 {
    wait_for("free ports", PATIENCE, || {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).ok()?;
        let first = socket.local_addr().ok()?.port();
        drop(socket);
        let room = first < u16::MAX - 200;
        let free = |port| {
            TcpListener::bind(("127.0.0.1", port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        };
        (room && (first..first + 10).all(free)).then_some(first)
    })
}

fn read_netstrings(mut socket: TcpStream, outbox: &mpsc::Sender<(SystemTime, Value)>) {
    let (mut buffer, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = socket.read(&mut chunk) {
        buffer.extend_from_slice(&chunk[..read]);
        while let Some(message) = take_netstring(&mut buffer) {
            let Ok(value) = serde_json::from_slice(&message) else {
                continue;
            };
            if outbox.send((SystemTime::now(), value)).is_err() {
                return;
            }
        }
    }
}

fn take_netstring(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let colon = buffer.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&buffer[..colon]).ok()?.parse().ok()?;
    let end = colon + 1 + length;
    if buffer.len() <= end {
        return None;
    }
    let message = buffer[colon + 1..end].to_vec();
    buffer.drain(..=end);
    Some(message)
}
