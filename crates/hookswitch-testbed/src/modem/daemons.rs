//! The real ModemManager and the real oFono, on a private bus.
//!
//! Input: a bed, its bus and a simulated modem. Output: a running daemon, whose modem the test has
//! to bring up over D-Bus: `SetProfile` of ModemManager's test interface, `Powered` of oFono.
//!
//! # Promises
//!
//! - **M1** the daemons come from `.tools/modem`, where `setup/modem` unpacks them; missing ones
//!   fail the test.
//! - **M2** no modem of the machine is touched: neither daemon looks for devices.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bed::Bed;
use crate::bus::PrivateBus;
use crate::process::Process;

use super::bed::{ModemPort, SimulatedModem};

/// Starts ModemManager on the bus, which stands for the system bus too.
///
/// # Panics
///
/// When it is not unpacked.
#[track_caller]
pub fn start_modem_manager(bed: &Bed, bus: &PrivateBus) -> Process {
    let mut command = command("usr/sbin/ModemManager", bed, bus);
    command.args(["--test-session", "--test-enable", "--test-no-udev"]);
    command.args([
        "--test-no-qrtr",
        "--test-no-suspend-resume",
        "--no-auto-scan",
    ]);
    command.arg(format!("--test-plugin-dir={}", plugins().display()));
    command.args(["--log-level=DEBUG", "--log-personal-info"]);
    Process::spawn("ModemManager", command)
}

/// Starts oFono on the bus, which stands for the system bus too; the modem is `/phonesim` there.
///
/// # Panics
///
/// When it is not unpacked, or the modem is not on TCP.
#[track_caller]
pub fn start_ofono(bed: &Bed, bus: &PrivateBus, modem: &SimulatedModem) -> Process {
    let ModemPort::Tcp(address) = modem.port() else {
        panic!("oFono reaches a simulated modem over TCP; use SimulatedModem::on_tcp");
    };
    let file = bed.path().join("config/phonesim.conf");
    let (host, port) = (address.ip(), address.port());
    let text = format!("[phonesim]\nAddress={host}\nPort={port}\n");
    fs::write(&file, text).expect("the bed takes files");
    let mut command = command("usr/sbin/ofonod", bed, bus);
    command.args(["--nodetach", "--debug", "--noplugin=udevng,rildev"]);
    command.env("OFONO_PHONESIM_CONFIG", file);
    Process::spawn("ofonod", command)
}

/// The environment in which a program takes the private bus for the system bus.
pub fn as_system_bus(bus: &PrivateBus) -> (String, String) {
    let address = bus.address().to_owned();
    ("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), address)
}

#[track_caller]
fn command(program: &str, bed: &Bed, bus: &PrivateBus) -> Command {
    let path = root().join(program);
    assert!(
        path.exists(),
        "{} is missing; run `setup/packages tests` and `setup/modem`",
        path.display()
    );
    let mut command = Command::new(path);
    command.envs(bed.env()).envs(bus.env());
    command.envs([as_system_bus(bus)]);
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/modem")
}

/// ModemManager's plugins; the folder between is that of the machine's architecture.
fn plugins() -> PathBuf {
    let folders = fs::read_dir(root().join("usr/lib")).into_iter().flatten();
    let mut plugins = folders
        .flatten()
        .map(|folder| folder.path().join("ModemManager"));
    plugins.find(|path| path.exists()).unwrap_or_default()
}
