//! A simulated modem on a wire, and the hand that plays the network.
//!
//! Input: a daemon that connects to [`SimulatedModem::port`], and a test that says what happens
//! outside. Output: what the daemon sent, in order, with the test's own marks between.
//!
//! # Promises
//!
//! - **W1** commands are logged in the order in which they came, before they are answered.
//! - **W2** a ringing call is told again every [`RING_EVERY`], as networks do.
//! - **W3** one daemon at a time; when it leaves, the next may connect and finds the same calls.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::at::{AtModem, Fault, Network};
use super::line::SimulatedCall;

/// The pause between two rings of one call.
pub const RING_EVERY: Duration = Duration::from_secs(2);
/// Most lines of the log that are kept.
const LOG_MAX: usize = 20_000;

/// Where a daemon reaches the modem.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemPort {
    /// An abstract socket whose name begins with `abstract:`, as ModemManager's test profile wants
    /// it.
    Socket(String),
    /// A TCP port on loopback, as oFono's plugin for phone simulators wants it.
    Tcp(SocketAddr),
}

/// A running simulated modem. Dropping it unplugs it.
#[derive(Debug)]
pub struct SimulatedModem {
    shared: Arc<Shared>,
    port: ModemPort,
}

impl SimulatedModem {
    /// A modem on an abstract socket of its own.
    ///
    /// # Panics
    ///
    /// When the socket cannot be made.
    pub fn on_socket() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("abstract:hookswitch-{}-{number}", std::process::id());
        let address = UnixAddr::from_abstract_name(&name).expect("a short name");
        let listener = UnixListener::bind_addr(&address).expect("a socket");
        Self::start(ModemPort::Socket(name), move || {
            listener.accept().map(|(stream, _)| Wire::Socket(stream))
        })
    }

    /// A modem on a free TCP port of loopback.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub fn on_tcp() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a bound port");
        Self::start(ModemPort::Tcp(address), move || {
            listener.accept().map(|(stream, _)| Wire::Tcp(stream))
        })
    }

    fn start(port: ModemPort, accept: impl Fn() -> io::Result<Wire> + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let serving = shared.clone();
        thread::spawn(move || {
            while let Ok(wire) = accept() {
                if serving.lock().unplugged {
                    return;
                }
                serving.serve(wire);
            }
        });
        let ringing = shared.clone();
        thread::spawn(move || ringing.ring());
        Self { shared, port }
    }

    /// Where it is.
    pub fn port(&self) -> &ModemPort {
        &self.port
    }

    /// Something happens outside.
    pub fn network(&self, event: Network) {
        let mut state = self.shared.lock();
        let lines = state.modem.network(&event);
        state.say(&lines);
        self.shared.changed.notify_all();
    }

    /// Something is wrong from now on.
    pub fn break_with(&self, fault: Fault) {
        self.shared.lock().modem.break_with(fault);
    }

    /// Nothing is wrong any more.
    pub fn repair(&self) {
        self.shared.lock().modem.repair();
    }

    /// Its calls.
    pub fn calls(&self) -> Vec<SimulatedCall> {
        self.shared.lock().modem.calls().to_vec()
    }

    /// Commands and marks so far.
    pub fn log(&self) -> Vec<String> {
        self.shared.lock().log.clone()
    }

    /// Writes a line of the test's own into the log.
    pub fn mark(&self, what: &str) {
        self.shared.lock().note(what);
    }

    /// Waits until the modem is as wanted.
    ///
    /// # Panics
    ///
    /// When the deadline passes first; the message holds the calls and the last commands.
    #[track_caller]
    pub fn wait(&self, what: &str, within: Duration, wanted: impl Fn(&AtModem, &[String]) -> bool) {
        let deadline = Instant::now() + within;
        let mut state = self.shared.lock();
        while !wanted(&state.modem, &state.log) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last = state.log.iter().rev().take(30).rev();
                let last: Vec<_> = last.collect();
                panic!(
                    "waited {within:?} in vain for {what}; calls {:?}, last commands {last:?}",
                    state.modem.calls()
                );
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Pulls the wire; nobody can connect any more.
    pub fn unplug(&self) {
        let mut state = self.shared.lock();
        state.unplugged = true;
        if let Some(wire) = state.wire.take() {
            wire.close();
        }
        drop(state);
        self.shared.changed.notify_all();
        // Wakes the thread that waits for a connection; an error means that it is gone.
        match &self.port {
            ModemPort::Socket(name) => {
                let address = UnixAddr::from_abstract_name(name);
                let _ = address.and_then(|address| UnixStream::connect_addr(&address));
            }
            ModemPort::Tcp(address) => {
                let _ = TcpStream::connect(address);
            }
        }
    }
}

impl Drop for SimulatedModem {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// What the threads of a modem share.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    modem: AtModem,
    wire: Option<Wire>,
    log: Vec<String>,
    unplugged: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a daemon until it leaves.
    fn serve(&self, wire: Wire) {
        let Ok(reading) = wire.try_clone() else {
            return;
        };
        self.lock().wire = Some(wire);
        for line in BufReader::new(reading).split(b'\r') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let mut state = self.lock();
            state.note(line);
            let answer = state.modem.command(line);
            state.say(&answer);
            self.changed.notify_all();
        }
        self.lock().wire = None;
    }

    /// Tells a ringing call again and again (W2).
    fn ring(&self) {
        let mut state = self.lock();
        while !state.unplugged {
            let waited = self
                .changed
                .wait_timeout_while(state, RING_EVERY, |state| !state.unplugged);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            let lines = state.modem.ring_again();
            state.say(&lines);
        }
    }
}

impl State {
    fn note(&mut self, line: &str) {
        if self.log.len() < LOG_MAX {
            self.log.push(line.to_owned());
        }
    }

    /// Each line as V.250 5.7.1 writes it. An error means that the daemon has left, which the
    /// reading thread sees.
    fn say(&mut self, lines: &[String]) {
        if let Some(wire) = &mut self.wire {
            let text: String = lines.iter().map(|line| format!("\r\n{line}\r\n")).collect();
            let _ = wire.write_all(text.as_bytes());
        }
    }
}

/// Either kind of connection.
#[derive(Debug)]
enum Wire {
    Socket(UnixStream),
    Tcp(TcpStream),
}

impl Wire {
    fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Socket(stream) => stream.try_clone().map(Self::Socket),
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
        }
    }

    fn close(&self) {
        // An error means that it was closed already.
        let _ = match self {
            Self::Socket(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Socket(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Socket(stream) => stream.flush(),
            Self::Tcp(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANG: Duration = Duration::from_secs(10);

    #[test]
    fn a_daemon_talks_to_a_modem_and_the_next_finds_the_same_calls() {
        let modem = SimulatedModem::on_tcp();
        let ModemPort::Tcp(address) = modem.port().clone() else {
            panic!("asked for a port");
        };
        let mut daemon = TcpStream::connect(address).expect("a modem");
        daemon.write_all(b"ATE0\r").expect("written");
        modem.wait("ATE0", HANG, |_, log| log == ["ATE0"]);
        modem.network(Network::Calls("+15550100".into()));
        modem.mark("it rings");
        daemon.write_all(b"ATA\rAT+CLCC\r").expect("written");
        modem.wait("the list", HANG, |_, log| {
            log == ["ATE0", "it rings", "ATA", "AT+CLCC"]
        });
        drop(daemon);
        let mut next = TcpStream::connect(address).expect("a modem");
        next.write_all(b"AT+CHUP\r").expect("written");
        modem.wait("no call", HANG, |modem, _| modem.calls().is_empty());
    }

    #[test]
    fn a_ringing_call_is_told_again() {
        let modem = SimulatedModem::on_socket();
        let ModemPort::Socket(name) = modem.port().clone() else {
            panic!("asked for a socket");
        };
        let address = UnixAddr::from_abstract_name(name).expect("a name");
        let mut daemon = UnixStream::connect_addr(&address).expect("a modem");
        daemon.write_all(b"AT\r").expect("written");
        modem.wait("AT", HANG, |_, log| log == ["AT"]);
        modem.network(Network::Calls("112".into()));
        daemon.set_read_timeout(Some(HANG)).expect("a deadline");
        let rings = BufReader::new(&daemon).lines().map_while(Result::ok);
        let rings = rings.filter(|line| line == "RING").take(2).count();
        assert_eq!(rings, 2);
        modem.unplug();
        assert!(UnixStream::connect_addr(&address).is_err() || modem.calls().len() == 1);
    }
}
