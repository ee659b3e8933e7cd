//! A proxy between a device and its gateway that stalls or cuts the link.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What the proxy does with bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// They pass.
    Pass,
    /// They wait; connections stay.
    Stall,
    /// Connections end, new ones end at once.
    Cut,
}

/// A running proxy; its threads end with the test.
pub struct Proxy {
    /// Where devices connect.
    pub address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    mode: Mutex<Option<Mode>>,
    changed: Condvar,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub fn start(gateway: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State::default());
        let (gateway, shared) = (gateway.to_owned(), Arc::clone(&state));
        thread::spawn(move || {
            for device in listener.incoming().map_while(Result::ok) {
                connect(device, &gateway, &shared);
            }
        });
        Self { address, state }
    }

    pub fn set(&self, mode: Mode) {
        *self.state.mode.lock().unwrap() = Some(mode);
        self.state.changed.notify_all();
        if mode == Mode::Cut {
            for stream in self.state.open.lock().unwrap().drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

fn connect(device: TcpStream, gateway: &str, state: &Arc<State>) {
    if *state.mode.lock().unwrap() == Some(Mode::Cut) {
        return;
    }
    let Ok(gateway) = TcpStream::connect(gateway) else {
        return;
    };
    for (from, to) in [(&device, &gateway), (&gateway, &device)] {
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        state.open.lock().unwrap().push(from.try_clone().unwrap());
        let state = Arc::clone(state);
        thread::spawn(move || carry(from, to, &state));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, state: &State) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let mode = state.mode.lock().unwrap();
        let stalls = |mode: &mut Option<Mode>| *mode == Some(Mode::Stall);
        drop(state.changed.wait_while(mode, stalls).unwrap());
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
