//! ModemManager: `org.freedesktop.ModemManager1`, 1.20 and later.
//!
//! Interfaces `Modem.Voice` and `Call` as in its reference manual
//! (<https://www.freedesktop.org/software/ModemManager/api/latest/>). What was seen of 1.20.4 and
//! shaped this file:
//!
//! - `HoldAndAccept` is sent as `AT+CHLD=2` also when nothing waits: it holds, resumes and swaps.
//! - `SendDtmf` plays only the first of several characters, so one is sent at a time.
//! - A call that has ended stays until somebody deletes it.

use std::collections::{BTreeMap, HashMap};

use zbus::message::Message;
use zbus::{Connection, OwnedObjectPath, Variant};

use super::bus::{self, Object};
use super::watch::{Ear, Heard};
use super::{Dict, Kind, LineNews};
use crate::words::{CallPath, CellState, News, Number, Seen, Verb, Why};

const NAME: &str = "org.freedesktop.ModemManager1";
const ROOT: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const VOICE: &str = "org.freedesktop.ModemManager1.Modem.Voice";
const CALL: &str = "org.freedesktop.ModemManager1.Call";
const SIM: &str = "org.freedesktop.ModemManager1.Sim";
const OBJECTS: &str = "org.freedesktop.DBus.ObjectManager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// What is known of ModemManager's modems and calls.
#[derive(Default)]
pub(super) struct ModemManager {
    modems: Vec<String>,
    calls: BTreeMap<String, Known>,
}

#[derive(Clone)]
struct Known {
    modem: String,
    state: Option<CellState>,
    number: String,
    outgoing: bool,
    multiparty: bool,
}

impl Heard for ModemManager {
    const NAME: &'static str = NAME;
    const KIND: Kind = Kind::ModemManager;

    async fn look(&mut self, ear: &Ear) -> zbus::Result<()> {
        let objects: HashMap<OwnedObjectPath, BTreeMap<String, Dict>> =
            object(&ear.connection, ROOT)
                .ask(OBJECTS, "GetManagedObjects", &())
                .await?;
        for (path, interfaces) in objects {
            if interfaces.contains_key(VOICE) {
                self.found(ear, path.as_str()).await?;
            }
        }
        Ok(())
    }

    async fn signal(&mut self, ear: &Ear, message: &Message) -> zbus::Result<()> {
        let header = message.header();
        let (Some(path), Some(member)) = (header.path(), header.member()) else {
            return Ok(());
        };
        let (path, body) = (path.to_string(), message.body());
        match member.as_str() {
            "InterfacesAdded" => {
                let (modem, added): (OwnedObjectPath, BTreeMap<String, Dict>) =
                    body.deserialize()?;
                if added.contains_key(VOICE) {
                    self.found(ear, modem.as_str()).await?;
                }
            }
            "InterfacesRemoved" => {
                let (modem, removed): (OwnedObjectPath, Vec<String>) = body.deserialize()?;
                if removed.iter().any(|name| name == VOICE) {
                    self.lost(ear, modem.as_str()).await;
                }
            }
            "CallAdded" => {
                let call: OwnedObjectPath = body.deserialize()?;
                self.call_added(ear, &path, call.as_str()).await?;
            }
            "CallDeleted" => {
                let call: OwnedObjectPath = body.deserialize()?;
                self.ended(ear, call.as_str(), Why::Unknown).await;
            }
            "StateChanged" if self.calls.contains_key(&path) => {
                let (_, new, reason): (i32, i32, u32) = body.deserialize()?;
                self.call_changed(ear, &path, i64::from(new), reason).await;
            }
            "PropertiesChanged" if self.calls.contains_key(&path) => {
                let (_, changed, _): (String, Dict, Vec<String>) = body.deserialize()?;
                self.properties_changed(ear, &path, &changed).await;
            }
            _ => {}
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        self.modems.clone()
    }
}

impl ModemManager {
    async fn found(&mut self, ear: &Ear, modem: &str) -> zbus::Result<()> {
        if self.modems.iter().any(|known| known == modem) {
            return Ok(());
        }
        self.modems.push(modem.to_owned());
        ear.tell(LineNews::Found(ear.line(modem))).await;
        if let Ok(numbers) = emergency_numbers(&ear.connection, modem).await {
            ear.tell(LineNews::Emergency(ear.line(modem), numbers))
                .await;
        }
        let calls: Vec<OwnedObjectPath> = object(&ear.connection, modem)
            .ask(VOICE, "ListCalls", &())
            .await?;
        for call in calls.iter().rev() {
            self.call_added(ear, modem, call.as_str()).await?;
        }
        ear.tell(LineNews::Listed(ear.line(modem))).await;
        Ok(())
    }

    async fn lost(&mut self, ear: &Ear, modem: &str) {
        self.modems.retain(|known| known != modem);
        self.calls.retain(|_, known| known.modem != modem);
        ear.tell_call(modem, News::Lost).await;
    }

    async fn call_added(&mut self, ear: &Ear, modem: &str, call: &str) -> zbus::Result<()> {
        let all: Dict = object(&ear.connection, call)
            .ask(PROPERTIES, "GetAll", &(CALL,))
            .await?;
        let known = Known {
            modem: modem.to_owned(),
            state: bus::number(&all, "State").and_then(state),
            number: bus::text(&all, "Number"),
            outgoing: bus::number(&all, "Direction") == Some(2),
            multiparty: bus::is_true(&all, "Multiparty"),
        };
        self.calls.insert(call.to_owned(), known);
        self.tell(ear, call).await;
        Ok(())
    }

    async fn call_changed(&mut self, ear: &Ear, call: &str, new: i64, reason: u32) {
        const TERMINATED: i64 = 7;
        if new == TERMINATED {
            self.ended(ear, call, why(reason)).await;
        } else if let Some(known) = self.calls.get_mut(call) {
            known.state = state(new);
            self.tell(ear, call).await;
        }
    }

    /// The number, or whether it is in a group. The state has a signal of its own.
    async fn properties_changed(&mut self, ear: &Ear, call: &str, changed: &Dict) {
        let number = bus::text(changed, "Number");
        let Some(known) = self.calls.get_mut(call) else {
            return;
        };
        if !number.is_empty() {
            known.number = number;
        }
        if changed.contains_key("Multiparty") {
            known.multiparty = bus::is_true(changed, "Multiparty");
        }
        self.tell(ear, call).await;
    }

    /// Tells what is known of a call. One that was created and not started yet is nothing so far.
    async fn tell(&self, ear: &Ear, call: &str) {
        let Some(known) = self.calls.get(call) else {
            return;
        };
        if let Some(state) = known.state {
            let seen = Seen {
                path: CallPath(call.to_owned()),
                state,
                number: Number(known.number.clone()),
                outgoing: known.outgoing,
                emergency: false,
                multiparty: known.multiparty,
            };
            ear.tell_call(&known.modem, News::Seen(seen)).await;
        }
    }

    async fn ended(&mut self, ear: &Ear, call: &str, why: Why) {
        let Some(known) = self.calls.remove(call) else {
            return;
        };
        let gone = News::Gone(CallPath(call.to_owned()), why);
        ear.tell_call(&known.modem, gone).await;
        // What has ended stays until somebody deletes it; another program may be faster.
        let connection = ear.connection.clone();
        let call = call.to_owned();
        tokio::spawn(async move {
            if let Err(error) = delete(&connection, &known.modem, &call).await {
                tracing::debug!(error = bus::describe(&error), "a call was not deleted");
            }
        });
    }
}

/// Asks ModemManager.
pub(super) async fn perform(
    connection: &Connection,
    modem: &str,
    verb: Verb,
) -> zbus::Result<Option<CallPath>> {
    let on_modem = |method: &'static str| async move {
        object(connection, modem).call(VOICE, method, &()).await
    };
    let on_call = |path: CallPath, method: &'static str| async move {
        object(connection, &path.0).call(CALL, method, &()).await
    };
    match verb {
        Verb::Dial(number) => return dial(connection, modem, &number).await.map(Some),
        Verb::Answer(call) => on_call(call, "Accept").await?,
        Verb::HangUp(call) => on_call(call, "Hangup").await?,
        Verb::HoldAndAnswer | Verb::Swap => on_modem("HoldAndAccept").await?,
        Verb::EndAndAnswer => on_modem("HangupAndAccept").await?,
        Verb::Join(call) => on_call(call, "JoinMultiparty").await?,
        Verb::Part(call) => on_call(call, "LeaveMultiparty").await?,
        Verb::Tone(call, tone) => {
            let tone = tone.to_string();
            let call = object(connection, &call.0);
            call.call(CALL, "SendDtmf", &(tone,)).await?
        }
    };
    Ok(None)
}

/// Creates a call and starts it; one that does not start is deleted again.
async fn dial(connection: &Connection, modem: &str, number: &Number) -> zbus::Result<CallPath> {
    let wanted = BTreeMap::from([("number", Variant::from(number.0.as_str()))]);
    let call: OwnedObjectPath = object(connection, modem)
        .ask(VOICE, "CreateCall", &(wanted,))
        .await?;
    let created = object(connection, call.as_str());
    if let Err(error) = created.call(CALL, "Start", &()).await {
        // It may have deleted it itself.
        let _ = delete(connection, modem, call.as_str()).await;
        return Err(error);
    }
    Ok(CallPath(call.to_string()))
}

async fn delete(connection: &Connection, modem: &str, call: &str) -> zbus::Result<()> {
    let path = OwnedObjectPath::try_from(call)?;
    let voice = object(connection, modem);
    voice.call(VOICE, "DeleteCall", &(path,)).await.map(|_| ())
}

/// The numbers that the card adds to those every phone knows.
async fn emergency_numbers(connection: &Connection, modem: &str) -> zbus::Result<Vec<String>> {
    let modem: Dict = object(connection, modem)
        .ask(PROPERTIES, "GetAll", &(MODEM,))
        .await?;
    let sim = bus::text(&modem, "Sim");
    if sim.len() < 2 {
        return Ok(Vec::new());
    }
    let sim: Dict = object(connection, &sim)
        .ask(PROPERTIES, "GetAll", &(SIM,))
        .await?;
    Ok(sim
        .get("EmergencyNumbers")
        .map(bus::list)
        .unwrap_or_default())
}

fn object<'a>(connection: &'a Connection, path: &'a str) -> Object<'a> {
    Object {
        connection,
        daemon: NAME,
        path,
    }
}

/// `MMCallState`: unknown (0) is a call that was created only, terminated (7) is none.
fn state(code: i64) -> Option<CellState> {
    Some(match code {
        1 => CellState::Dialing,
        2 => CellState::Alerting,
        3 => CellState::Incoming,
        4 => CellState::Active,
        5 => CellState::Held,
        6 => CellState::Waiting,
        _ => return None,
    })
}

/// `MMCallStateReason`.
fn why(reason: u32) -> Why {
    match reason {
        4 => Why::Remote,
        5 => Why::Busy,
        6 | 7 => Why::Failed,
        8 | 9 => Why::Deflected,
        _ => Why::Unknown,
    }
}
