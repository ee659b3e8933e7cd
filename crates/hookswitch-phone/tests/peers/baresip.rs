//! A real SIP peer: baresip, controlled by JSON in netstrings on its `ctrl_tcp` port.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hookswitch_phone::ends::RATE_HZ;
use hookswitch_phone::tone::{Tone, level, level_at};
use hookswitch_testbed::{Process, wait_for};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::phone::PATIENCE;

/// The tone baresip speaks.
pub const PEER_HZ: f64 = 1100.0;
/// Its level.
pub const PEER_DBFS: f64 = -8.0;

/// What baresip does with a call.
#[derive(Clone, Copy, Debug)]
pub enum AnswerMode {
    /// It answers at once.
    Auto,
    /// It rings until told.
    Manual,
}

/// A running baresip.
pub struct Baresip {
    control: TcpStream,
    events: mpsc::Receiver<Value>,
    folder: TempDir,
    port: u16,
    process: Process,
}

impl Baresip {
    /// Starts it on free ports and waits until it can be controlled.
    pub fn start(mode: AnswerMode) -> Self {
        let folder = tempfile::tempdir().expect("a writable temporary folder");
        let port = free_ports();
        configure(folder.path(), port, mode);
        let mut command = Command::new("baresip");
        command.arg("-f").arg(folder.path());
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
            port,
            process,
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("bob@127.0.0.1:{}", self.port)
    }

    /// Gives it a command.
    pub fn command(&mut self, command: &str, parameters: &str) {
        let text = json!({ "command": command, "params": parameters }).to_string();
        let message = format!("{}:{text},", text.len());
        self.control
            .write_all(message.as_bytes())
            .expect("baresip takes commands");
    }

    /// Waits for an event of this type.
    pub fn event(&self, kind: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) if event["type"] == kind => return event,
                Ok(_other) => {}
                Err(_) => panic!(
                    "baresip never reported {kind}; it said:\n{}",
                    self.process.log()
                ),
            }
        }
    }

    /// Waits until what it decodes is this tone at about this level.
    pub fn hears(&self, hz: f64, dbfs: f64) {
        let mut from = self.decoded().len();
        wait_for("the phone's tone at baresip", PATIENCE, || {
            let all = self.decoded();
            let fresh = all.get(from..).unwrap_or_default();
            if fresh.len() < RATE_HZ as usize / 4 {
                return None;
            }
            from = all.len();
            let (tone, all) = (level_at(fresh, hz, RATE_HZ), level(fresh));
            ((tone - dbfs).abs() < 1.5 && (all - tone).abs() < 1.0).then_some(())
        });
    }

    /// Waits until what it decodes is silence. Before any hold only: baresip 1.0 does not put its
    /// `sndfile` dump back into the receiving pipeline then; see the echo of sipp for the rest.
    pub fn hears_silence(&self) {
        let mut from = self.decoded().len();
        wait_for("silence at baresip", PATIENCE, || {
            let all = self.decoded();
            let fresh = all.get(from..).unwrap_or_default();
            if fresh.len() < RATE_HZ as usize / 4 {
                return None;
            }
            from = all.len();
            (level(fresh) < super::phone::SILENCE_DBFS).then_some(())
        });
    }

    /// Waits until no packet reached it for a while.
    pub fn is_sent_nothing(&mut self) {
        let quiet = Duration::from_millis(400);
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
    pub fn is_sent_something(&mut self) {
        let before = self.received();
        wait_for("packets at baresip", PATIENCE, || {
            (self.received() > before + 10).then_some(())
        });
    }

    /// How many packets it received in this call, by its own count.
    fn received(&mut self) -> u64 {
        self.command("audio_debug", "");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.events.recv_timeout(left).expect("baresip answers");
            let Some(text) = message["data"]
                .as_str()
                .filter(|text| text.contains("Audio"))
            else {
                continue;
            };
            let count = text
                .split("rcvd=")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            return count
                .and_then(|count| count.trim().parse().ok())
                .unwrap_or(0);
        }
    }

    /// Everything it decoded so far, from the dumps of its `sndfile` module in order.
    fn decoded(&self) -> Vec<i16> {
        let mut dumps: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .expect("our folder")
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"))
            .collect();
        dumps.sort();
        let wav = dumps.iter().filter_map(|path| std::fs::read(path).ok());
        wav.flat_map(|bytes| samples_of(&bytes)).collect()
    }
}

/// The samples after the 44 bytes of header, which is written whole only when the file closes.
fn samples_of(wav: &[u8]) -> Vec<i16> {
    let data = wav.get(44..).unwrap_or_default();
    data.chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn configure(folder: &Path, port: u16, mode: AnswerMode) {
    let place = folder.display();
    let wav = folder.join("tone.wav");
    write_wav(&wav);
    let modules = "/usr/lib/baresip/modules";
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\nrtp_ports {}-{}\n\
         module_path {modules}\naudio_source aufile,{}\nmodule aufile.so\n\
         module g711.so\nmodule sndfile.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app ctrl_tcp.so\n\
         module_app menu.so\nctrl_tcp_listen 127.0.0.1:{}\nsnd_path {place}\n",
        port + 100,
        port + 180,
        wav.display(),
        port + 5,
    );
    let answer = match mode {
        AnswerMode::Auto => "auto",
        AnswerMode::Manual => "manual",
    };
    let account = format!(
        "<sip:bob@127.0.0.1:{port}>;regint=0;answermode={answer};audio_codecs=PCMU/8000/1\n"
    );
    for (name, text) in [
        ("config", config),
        ("accounts", account),
        ("contacts", String::new()),
    ] {
        std::fs::write(folder.join(name), text).expect("our folder is writable");
    }
}

/// 90 s of the peer's tone.
fn write_wav(path: &Path) {
    let mut samples = vec![0; 90 * RATE_HZ as usize];
    Tone::new(PEER_HZ, PEER_DBFS, RATE_HZ).fill(&mut samples);
    let bytes = samples.len() as u32 * 2;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(RATE_HZ.to_le_bytes());
    wav.extend((RATE_HZ * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(path, wav).expect("our folder is writable");
}

/// A SIP port whose neighbours are free too: baresip takes the next one for TLS by itself.
fn free_ports() -> u16 {
    wait_for("free ports", PATIENCE, || {
        let first = UdpSocket::bind(("127.0.0.1", 0))
            .ok()?
            .local_addr()
            .ok()?
            .port();
        let room = first < u16::MAX - 200;
        let free = |port| {
            TcpListener::bind(("127.0.0.1", port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        };
        (room && (first..first + 10).all(free)).then_some(first)
    })
}

fn read_netstrings(mut socket: TcpStream, outbox: &mpsc::Sender<Value>) {
    let (mut buffer, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = socket.read(&mut chunk) {
        buffer.extend_from_slice(&chunk[..read]);
        while let Some(message) = take_netstring(&mut buffer) {
            let Ok(value) = serde_json::from_slice(&message) else {
                continue;
            };
            if outbox.send(value).is_err() {
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
