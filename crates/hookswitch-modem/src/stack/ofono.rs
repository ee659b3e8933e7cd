//! oFono: `org.ofono`, 1.31 and later.
//!
//! Interfaces `Manager`, `Modem`, `VoiceCallManager` and `VoiceCall` as in its documents
//! (<https://git.kernel.org/pub/scm/network/ofono/ofono.git/tree/doc>). It has properties and
//! signals of its own kind, and uses a call's object again at once.

use std::collections::BTreeMap;

use zbus::message::Message;
use zbus::{Connection, OwnedObjectPath, OwnedVariant};

use super::bus::{self, Object};
use super::watch::{Ear, Heard};
use super::{Dict, Kind, LineNews};
use crate::words::{CallPath, CellState, News, Number, Seen, Verb, Why};

const NAME: &str = "org.ofono";
const MANAGER: &str = "org.ofono.Manager";
const MODEM: &str = "org.ofono.Modem";
const VOICE: &str = "org.ofono.VoiceCallManager";
const CALL: &str = "org.ofono.VoiceCall";

/// What is known of oFono's modems and calls.
#[derive(Default)]
pub(super) struct Ofono {
    modems: Vec<String>,
    calls: BTreeMap<String, Known>,
}

#[derive(Clone)]
struct Known {
    modem: String,
    state: CellState,
    number: String,
    outgoing: bool,
    emergency: bool,
    multiparty: bool,
    why: Why,
}

impl Heard for Ofono {
    const NAME: &'static str = NAME;
    const KIND: Kind = Kind::Ofono;

    async fn look(&mut self, ear: &Ear) -> zbus::Result<()> {
        let modems: Vec<(OwnedObjectPath, Dict)> = object(&ear.connection, "/")
            .ask(MANAGER, "GetModems", &())
            .await?;
        for (modem, all) in modems {
            self.modem_changed(ear, modem.as_str(), all.get("Interfaces"))
                .await?;
        }
        Ok(())
    }

    async fn signal(&mut self, ear: &Ear, message: &Message) -> zbus::Result<()> {
        let header = message.header();
        let (Some(path), Some(interface), Some(member)) =
            (header.path(), header.interface(), header.member())
        else {
            return Ok(());
        };
        let (path, body) = (path.to_string(), message.body());
        match (interface.as_str(), member.as_str()) {
            (MANAGER, "ModemAdded") => {
                let (modem, all): (OwnedObjectPath, Dict) = body.deserialize()?;
                self.modem_changed(ear, modem.as_str(), all.get("Interfaces"))
                    .await?;
            }
            (MANAGER, "ModemRemoved") => {
                let modem: OwnedObjectPath = body.deserialize()?;
                self.lost(ear, modem.as_str()).await;
            }
            (MODEM, "PropertyChanged") => {
                let (name, value): (String, OwnedVariant) = body.deserialize()?;
                if name == "Interfaces" {
                    self.modem_changed(ear, &path, Some(&value)).await?;
                }
            }
            (VOICE, "PropertyChanged") => {
                let (name, value): (String, OwnedVariant) = body.deserialize()?;
                if name == "EmergencyNumbers" {
                    let numbers = LineNews::Emergency(ear.line(&path), bus::list(&value));
                    ear.tell(numbers).await;
                }
            }
            (VOICE, "CallAdded") => {
                let (call, all): (OwnedObjectPath, Dict) = body.deserialize()?;
                self.call_added(ear, &path, call.as_str(), &all).await;
            }
            (VOICE, "CallRemoved") => {
                let call: OwnedObjectPath = body.deserialize()?;
                self.call_removed(ear, call.as_str()).await;
            }
            (CALL, "PropertyChanged") => {
                let (name, value): (String, OwnedVariant) = body.deserialize()?;
                self.call_changed(ear, &path, &name, &value).await;
            }
            (CALL, "DisconnectReason") => {
                let why: String = body.deserialize()?;
                if let Some(known) = self.calls.get_mut(&path) {
                    known.why = reason(&why);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        self.modems.clone()
    }
}

impl Ofono {
    /// A modem is a line as long as it has the voice interface.
    async fn modem_changed(
        &mut self,
        ear: &Ear,
        modem: &str,
        interfaces: Option<&OwnedVariant>,
    ) -> zbus::Result<()> {
        let interfaces = interfaces.map(bus::list).unwrap_or_default();
        let has_voice = interfaces.iter().any(|name| name == VOICE);
        let had_voice = self.modems.iter().any(|known| known == modem);
        match (had_voice, has_voice) {
            (false, true) => self.found(ear, modem).await,
            (true, false) => {
                self.lost(ear, modem).await;
                Ok(())
            }
            (false, false) | (true, true) => Ok(()),
        }
    }

    async fn found(&mut self, ear: &Ear, modem: &str) -> zbus::Result<()> {
        self.modems.push(modem.to_owned());
        ear.tell(LineNews::Found(ear.line(modem))).await;
        let line = object(&ear.connection, modem);
        let all: Dict = line.ask(VOICE, "GetProperties", &()).await?;
        if let Some(numbers) = all.get("EmergencyNumbers") {
            let numbers = bus::list(numbers);
            ear.tell(LineNews::Emergency(ear.line(modem), numbers))
                .await;
        }
        let calls: Vec<(OwnedObjectPath, Dict)> = line.ask(VOICE, "GetCalls", &()).await?;
        for (call, all) in calls {
            self.call_added(ear, modem, call.as_str(), &all).await;
        }
        ear.tell(LineNews::Listed(ear.line(modem))).await;
        Ok(())
    }

    async fn lost(&mut self, ear: &Ear, modem: &str) {
        let known = self.modems.iter().any(|known| known == modem);
        self.modems.retain(|known| known != modem);
        self.calls.retain(|_, known| known.modem != modem);
        if known {
            ear.tell_call(modem, News::Lost).await;
        }
    }

    async fn call_added(&mut self, ear: &Ear, modem: &str, call: &str, all: &Dict) {
        let Some(state) = state(&bus::text(all, "State")) else {
            return;
        };
        // oFono does not tell the direction: only calls dialed here begin so.
        let outgoing = matches!(state, CellState::Dialing | CellState::Alerting);
        let known = Known {
            modem: modem.to_owned(),
            state,
            number: line_identification(&bus::text(all, "LineIdentification")),
            outgoing,
            emergency: bus::is_true(all, "Emergency"),
            multiparty: bus::is_true(all, "Multiparty"),
            why: Why::Remote,
        };
        self.calls.insert(call.to_owned(), known);
        self.tell(ear, call).await;
    }

    async fn call_changed(&mut self, ear: &Ear, call: &str, name: &str, value: &OwnedVariant) {
        let Some(known) = self.calls.get_mut(call) else {
            return;
        };
        let text = bus::read_text(value);
        match name {
            "State" => match state(&text) {
                Some(state) => known.state = state,
                None => return, // disconnected: its removal follows
            },
            "Multiparty" => known.multiparty = bus::is_boolean_true(value),
            "LineIdentification" => known.number = line_identification(&text),
            _ => return,
        }
        self.tell(ear, call).await;
    }

    async fn call_removed(&mut self, ear: &Ear, call: &str) {
        if let Some(known) = self.calls.remove(call) {
            let gone = News::Gone(CallPath(call.to_owned()), known.why);
            ear.tell_call(&known.modem, gone).await;
        }
    }

    async fn tell(&self, ear: &Ear, call: &str) {
        if let Some(known) = self.calls.get(call) {
            let seen = Seen {
                path: CallPath(call.to_owned()),
                state: known.state,
                number: Number(known.number.clone()),
                outgoing: known.outgoing,
                emergency: known.emergency,
                multiparty: known.multiparty,
            };
            ear.tell_call(&known.modem, News::Seen(seen)).await;
        }
    }
}

/// Asks oFono.
pub(super) async fn perform(
    connection: &Connection,
    modem: &str,
    verb: Verb,
) -> zbus::Result<Option<CallPath>> {
    let line = object(connection, modem);
    match verb {
        Verb::Dial(number) => {
            let body = (number.0.as_str(), "");
            let call: OwnedObjectPath = line.ask(VOICE, "Dial", &body).await?;
            return Ok(Some(CallPath(call.to_string())));
        }
        Verb::Answer(call) => {
            object(connection, &call.0)
                .call(CALL, "Answer", &())
                .await?
        }
        Verb::HangUp(call) => {
            object(connection, &call.0)
                .call(CALL, "Hangup", &())
                .await?
        }
        Verb::HoldAndAnswer => line.call(VOICE, "HoldAndAnswer", &()).await?,
        Verb::EndAndAnswer => line.call(VOICE, "ReleaseAndAnswer", &()).await?,
        Verb::Swap => line.call(VOICE, "SwapCalls", &()).await?,
        Verb::Join(_) => line.call(VOICE, "CreateMultiparty", &()).await?,
        Verb::Part(call) => {
            let call = OwnedObjectPath::try_from(call.0.as_str())?;
            line.call(VOICE, "PrivateChat", &(call,)).await?
        }
        Verb::Tone(_, tone) => line.call(VOICE, "SendTones", &(tone.to_string(),)).await?,
    };
    Ok(None)
}

fn object<'a>(connection: &'a Connection, path: &'a str) -> Object<'a> {
    Object {
        connection,
        daemon: NAME,
        path,
    }
}

/// The states of its call interface; `disconnected` is none.
fn state(name: &str) -> Option<CellState> {
    Some(match name {
        "dialing" => CellState::Dialing,
        "alerting" => CellState::Alerting,
        "incoming" => CellState::Incoming,
        "waiting" => CellState::Waiting,
        "active" => CellState::Active,
        "held" => CellState::Held,
        _ => return None,
    })
}

fn reason(name: &str) -> Why {
    match name {
        "local" => Why::Local,
        "network" => Why::Failed,
        _ => Why::Remote,
    }
}

/// A number, or empty where the caller withholds it.
fn line_identification(text: &str) -> String {
    match text {
        "withheld" | "unavailable" => String::new(),
        number => number.to_owned(),
    }
}
