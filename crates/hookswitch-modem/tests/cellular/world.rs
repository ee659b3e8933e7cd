//! A private bus with the real call system, the real modem daemon on a simulated modem, and the
//! cellular line between them.

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt as _;
use hookswitch::{AnswerMode, BusAddress, Controller, Handle};
use hookswitch_testbed::modem::{
    ModemPort, Network, SimulatedModem, start_modem_manager, start_ofono,
};
use hookswitch_testbed::{Bed, PrivateBus, Process, start_daemon, wait_for};
use serde_json::Value;
use zbus::fdo::DBusProxy;
use zbus::{Connection, MatchRule, MessageStream, Variant};

/// A hang bound, not a measurement: ModemManager looks at its calls every two seconds.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// The cellular line.
pub const MODEM: &str = "org.hookswitch.Modem";

const MM: &str = "org.freedesktop.ModemManager1";
const MM_ROOT: &str = "/org/freedesktop/ModemManager1";
const OFONO: &str = "org.ofono";

/// Which daemon has the modem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    ModemManager,
    Ofono,
}

/// Everything that runs; what is first is ended first.
pub struct World {
    pub bridge: Process,
    pub stack: Process,
    _daemon: Process,
    pub modem: SimulatedModem,
    pub hand: Controller,
    pub kind: Kind,
    system: Connection,
    pub bus: PrivateBus,
    pub bed: Bed,
}

impl World {
    /// Starts everything, and waits until the line is there.
    pub async fn start(kind: Kind) -> Self {
        let bed = Bed::new();
        let bus = PrivateBus::start(&bed);
        let daemon = start_daemon(&bed, &bus);
        let modem = match kind {
            Kind::ModemManager => SimulatedModem::on_socket(),
            Kind::Ofono => SimulatedModem::on_tcp(),
        };
        let system = connect(bus.address()).await;
        let stack = start_stack(kind, &bed, &bus, &modem, &system).await;
        let bridge = start_bridge(&bed, &bus);
        bridge.wait_for_line("a modem with voice", PATIENCE);
        let hand = Controller::connect_at(BusAddress::At(bus.address().to_owned()));
        let hand = hand.await.expect("a hand");
        Self {
            bridge,
            stack,
            _daemon: daemon,
            modem,
            hand,
            kind,
            system,
            bus,
            bed,
        }
    }

    /// Starts the modem's daemon again.
    pub async fn restart_stack(&mut self) {
        self.stack = start_stack(self.kind, &self.bed, &self.bus, &self.modem, &self.system).await;
    }

    /// Waits until the numbers of the card are told.
    pub fn knows_emergency_numbers(&self) {
        let told = "emergency numbers of the cards";
        wait_for(told, PATIENCE, || {
            self.bridge.log().contains(told).then_some(())
        });
    }

    /// Starts the cellular line again.
    pub fn restart_bridge(&mut self) {
        self.bridge = start_bridge(&self.bed, &self.bus);
    }

    /// Someone calls the modem; gives the call's id when it rings.
    pub async fn rings(&self, number: &str) -> String {
        self.modem.network(Network::Calls(number.into()));
        let state = self
            .wait("a call to ring", |state| {
                calls(state).any(|call| is_from(call, number) && phase(call) == "ringing")
            })
            .await;
        let found = calls(&state).find(|call| is_from(call, number));
        text(&found.expect("it rings")["id"])
    }

    /// Someone calls and is answered.
    pub async fn talks_to(&self, number: &str) -> String {
        let call = self.rings(number).await;
        self.answer(&call, AnswerMode::Auto).await;
        self.wait_phase(&call, "active").await;
        self.wait_in_call();
        call
    }

    /// Waits until the modem's daemon listens for the end of a call: ModemManager 1.20 begins with
    /// that a moment after the answer, and never hears of a call that ends before.
    pub fn wait_in_call(&self) {
        if self.kind == Kind::ModemManager {
            self.stack
                .wait_for_line("modem is now in-call state", PATIENCE);
        }
    }

    /// Waits until ModemManager has looked at the list of calls. It takes a party out of a group by
    /// its place there, and looks every 2 s, but only while a call rings, waits or is held.
    pub fn wait_listed(&self) {
        if self.kind == Kind::ModemManager {
            self.wait_command("AT+CLCC");
        }
    }

    /// Dials through the line.
    pub async fn dials(&self, number: &str) -> String {
        let handle = Handle::phone_number(number);
        let (call, _) = self.hand.dial(MODEM, &handle, false).await.expect("taken");
        call
    }

    /// Answers; the wish has to be taken.
    pub async fn answer(&self, call: &str, mode: AnswerMode) {
        self.hand.answer(call, mode).await.expect("taken");
    }

    /// Waits until the state of the call system is as wanted.
    pub async fn wait(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut watch = self.hand.watch();
        let mut last = Value::Null;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout_at(deadline, watch.next()).await {
                Ok(Some(state)) => {
                    last = serde_json::to_value(&*state).expect("JSON");
                    if wanted(&last) {
                        return last;
                    }
                }
                Ok(None) => panic!("the call system went away while waiting for {what}"),
                Err(_) => panic!(
                    "waited in vain for {what}; state {last:#}\nmodem {:?}\n{}\n{}",
                    self.modem.log().iter().rev().take(20).collect::<Vec<_>>(),
                    self.bridge.log(),
                    end_of(&self.stack.log())
                ),
            }
        }
    }

    pub async fn wait_phase(&self, call: &str, wanted: &str) -> Value {
        let what = format!("{call} to be {wanted}");
        self.wait(&what, |state| {
            find(state, call).is_some_and(|c| phase(c) == wanted)
        })
        .await
    }

    pub async fn wait_gone(&self, call: &str) -> Value {
        let what = format!("{call} to end");
        self.wait(&what, |state| find(state, call).is_none()).await
    }

    /// What the recents say of the last call.
    pub async fn last_end(&self) -> String {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        loop {
            looks.tick().await;
            let recents = self.hand.recents(Default::default(), 1).await;
            if let Some(entry) = recents.expect("recents").first() {
                let entry = serde_json::to_value(entry).expect("JSON");
                return text(&entry["sentence"]);
            }
            assert!(tokio::time::Instant::now() < deadline, "no recents");
        }
    }

    /// Waits for a command at the modem.
    pub fn wait_command(&self, command: &str) {
        self.modem.wait(command, PATIENCE, |_, log| {
            log.iter().any(|line| line == command)
        });
    }

    /// Where a line stands in the modem's log.
    pub fn place(&self, line: &str) -> usize {
        let log = self.modem.log();
        let found = log.iter().rposition(|logged| logged == line);
        found.unwrap_or_else(|| panic!("{line} is not in {log:?}"))
    }
}

pub fn calls(state: &Value) -> impl Iterator<Item = &Value> {
    state["calls"].as_array().into_iter().flatten()
}

pub fn find<'s>(state: &'s Value, call: &str) -> Option<&'s Value> {
    calls(state).find(|found| found["id"] == call)
}

pub fn phase(call: &Value) -> &str {
    call["phase"]["name"].as_str().unwrap_or_default()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The last lines of a long log.
fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

/// A withheld number is no handle at all.
fn is_from(call: &Value, number: &str) -> bool {
    let value = call["handle"]["value"].as_str().unwrap_or_default();
    value == number
}

fn start_bridge(bed: &Bed, bus: &PrivateBus) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitch-modem"));
    command.envs(bed.env()).envs(bus.env());
    command.envs([hookswitch_testbed::modem::as_system_bus(bus)]);
    command.env("RUST_LOG", "debug,zbus=warn");
    Process::spawn("hookswitch-modem", command)
}

async fn connect(address: &str) -> Connection {
    let connecting = zbus::connection::Builder::address(address).build();
    let connected = tokio::time::timeout(PATIENCE, connecting).await;
    connected.expect("in time").expect("a bus")
}

async fn start_stack(
    kind: Kind,
    bed: &Bed,
    bus: &PrivateBus,
    modem: &SimulatedModem,
    system: &Connection,
) -> Process {
    let dbus = DBusProxy::new(system).await.expect("a bus");
    let name = match kind {
        Kind::ModemManager => MM,
        Kind::Ofono => OFONO,
    };
    let only = [(0, name)];
    let changes = dbus.receive_name_owner_changed_with_args(&only);
    let mut changes = changes.await.expect("a stream");
    let process = match kind {
        Kind::ModemManager => start_modem_manager(bed, bus),
        Kind::Ofono => start_ofono(bed, bus, modem),
    };
    // A former owner may leave first.
    while dbus
        .get_name_owner(name.try_into().expect("a name"))
        .await
        .is_err()
    {
        let change = tokio::time::timeout(PATIENCE, changes.next()).await;
        change.unwrap_or_else(|_| panic!("{name} never came: {}", process.log()));
    }
    let ready = async {
        match kind {
            Kind::ModemManager => bring_up_mm(system, modem).await,
            Kind::Ofono => bring_up_ofono(system).await,
        }
    };
    let ready = tokio::time::timeout(PATIENCE, ready).await;
    ready
        .unwrap_or_else(|_| panic!("no modem: {}", process.log()))
        .expect("the daemon answers");
    process
}

/// Gives ModemManager its port, enables the modem, waits until it is registered.
async fn bring_up_mm(system: &Connection, modem: &SimulatedModem) -> zbus::Result<()> {
    const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
    const REGISTERED: i32 = 8;
    let ModemPort::Socket(port) = modem.port() else {
        panic!("ModemManager wants a socket");
    };
    let rule = MatchRule::builder().sender(MM).build()?;
    let mut signals = MessageStream::for_match_rule(rule, system, None).await?;
    let profile = ("sim", "generic", vec![port.as_str()]);
    let test = Some("org.freedesktop.ModemManager1.Test");
    system
        .call_method(Some(MM), MM_ROOT, test, "SetProfile", &profile)
        .await?;
    while let Some(message) = signals.next().await {
        let message = message?;
        let header = message.header();
        let member = header.member().map(|member| member.to_string());
        let path = header.path().map(ToString::to_string).unwrap_or_default();
        match member.as_deref() {
            Some("InterfacesAdded") => {
                let (modem, _): (zbus::OwnedObjectPath, Anything) = message.body().deserialize()?;
                let system = system.clone();
                tokio::spawn(async move {
                    let enabled = system
                        .call_method(Some(MM), modem.as_str(), Some(MODEM), "Enable", &(true,))
                        .await;
                    enabled.expect("enabled");
                });
            }
            Some("StateChanged") if path.contains("/Modem/") => {
                let (_, new, _): (i32, i32, u32) = message.body().deserialize()?;
                if new == REGISTERED {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
    panic!("the bus is gone")
}

type Anything =
    std::collections::HashMap<String, std::collections::HashMap<String, zbus::OwnedVariant>>;

/// Switches the modem on, and waits until it is on the network.
async fn bring_up_ofono(system: &Connection) -> zbus::Result<()> {
    const MODEM: &str = "org.ofono.Modem";
    let rule = MatchRule::builder()
        .sender(OFONO)
        .interface(MODEM)
        .build()?;
    let mut signals = MessageStream::for_match_rule(rule, system, None).await?;
    let path = "/phonesim";
    for property in ["Powered", "Online"] {
        let body = (property, Variant::from(true));
        system
            .call_method(Some(OFONO), path, Some(MODEM), "SetProperty", &body)
            .await?;
    }
    while let Some(message) = signals.next().await {
        let (name, value): (String, zbus::OwnedVariant) = message?.body().deserialize()?;
        if name == "Interfaces" && format!("{value:?}").contains("NetworkRegistration") {
            return Ok(());
        }
    }
    panic!("the bus is gone")
}
