//! What the audio server does: its verbs.

use core::time::Duration;

use hookswitch_model::{EndpointKind, Interruption, RingOn};

use super::lex::{ScenarioError, read_span};
use super::verbs::{Cursor, unknown};

/// What the audio server can do.
pub const AUDIO_VERBS: [&str; 16] = [
    "offers",
    "vanishes",
    "returns",
    "restarts",
    "plugs",
    "unplugs",
    "uses",
    "refuses",
    "accepts",
    "slow",
    "interrupts",
    "frees",
    "mutes",
    "unmutes",
    "rings-on",
    "rings-at",
];

/// A device: its name and what it is.
pub type Device = (String, EndpointKind);

/// What the audio server does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AudioAct {
    /// Offers these devices and uses one of them.
    Offers {
        /// All of them.
        list: Vec<Device>,
        /// The one in use.
        using: Option<String>,
    },
    /// Is gone, and its devices with it.
    Vanishes,
    /// Is there again with the devices it had.
    Returns {
        /// The one in use; without it the first.
        using: Option<String>,
    },
    /// Vanishes and returns.
    Restarts {
        /// How long it is away.
        down: Duration,
        /// The one in use afterwards; without it the first.
        using: Option<String>,
    },
    /// A device appears.
    Plugs(Device),
    /// A device is gone; if it was in use, the first one that is left is.
    Unplugs(String),
    /// Another program changes the device in use.
    Uses(String),
    /// Will not use this device when it is asked to.
    Refuses(String),
    /// Uses every device again when it is asked to.
    Accepts,
    /// Takes so long to use another device; without a time for ever.
    Slow(Option<Duration>),
    /// The system needs the audio, or (false) is done with it.
    Interrupts(Interruption, bool),
    /// The microphone is muted where it is, or (false) unmuted.
    Mutes(bool),
    /// From now on it rings there.
    RingsOn(RingOn),
    /// From now on it rings with this volume, in percent.
    RingsAt(u8),
}

type Read<T> = Result<T, ScenarioError>;

pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<AudioAct> {
    cursor.take("server");
    let verb = cursor.word("what the audio server does")?;
    Ok(match verb.text.as_str() {
        "vanishes" => AudioAct::Vanishes,
        "offers" => read_offers(cursor)?,
        "returns" => AudioAct::Returns {
            using: read_using(cursor)?,
        },
        "restarts" => AudioAct::Restarts {
            down: read_down(cursor)?,
            using: read_using(cursor)?,
        },
        "plugs" => AudioAct::Plugs(read_device(cursor)?),
        "unplugs" => AudioAct::Unplugs(read_name(cursor)?),
        "uses" => AudioAct::Uses(read_name(cursor)?),
        "refuses" => AudioAct::Refuses(read_name(cursor)?),
        "accepts" => AudioAct::Accepts,
        "slow" => AudioAct::Slow(read_latency(cursor)?),
        "interrupts" => AudioAct::Interrupts(read_reason(cursor)?, true),
        "frees" => AudioAct::Interrupts(read_reason(cursor)?, false),
        "mutes" => AudioAct::Mutes(true),
        "unmutes" => AudioAct::Mutes(false),
        "rings-on" => AudioAct::RingsOn(read_ring_on(cursor)?),
        "rings-at" => AudioAct::RingsAt(read_volume(cursor)?),
        other => return Err(cursor.error(unknown("verb of the audio server", other, AUDIO_VERBS))),
    })
}

fn read_offers(cursor: &mut Cursor<'_>) -> Read<AudioAct> {
    let mut list = Vec::new();
    let mut using = None;
    while cursor.peek().is_some() {
        using = read_using(cursor)?;
        if using.is_some() {
            break;
        }
        list.push(read_device(cursor)?);
        cursor.take(",");
    }
    Ok(AudioAct::Offers { list, using })
}

pub(super) fn read_ring_on(cursor: &mut Cursor<'_>) -> Read<RingOn> {
    let word = cursor.word("default, all, or a device")?;
    RingOn::from_name(&word.text).ok_or_else(|| cursor.error("not the name of a device".to_owned()))
}

fn read_volume(cursor: &mut Cursor<'_>) -> Read<u8> {
    let word = cursor.word("a volume such as 0% or 80%")?;
    let percent = word.text.strip_suffix('%').and_then(|n| n.parse().ok());
    percent
        .filter(|percent| *percent <= 100)
        .ok_or_else(|| cursor.error(format!("{:?} is not a volume from 0% to 100%", word.text)))
}

fn read_using(cursor: &mut Cursor<'_>) -> Read<Option<String>> {
    if !cursor.take("using") {
        return Ok(None);
    }
    Ok(Some(cursor.word("the device in use")?.text.clone()))
}

/// Reads a device such as `speaker:desk`; a name alone is a speaker of that name.
fn read_device(cursor: &mut Cursor<'_>) -> Read<Device> {
    let word = cursor.word("a device such as speaker:desk")?;
    let parts = word.text.split_once(':');
    let (kind, name) = parts.unwrap_or((&word.text, &word.text));
    let Some(kind) = EndpointKind::from_name(kind) else {
        let known = EndpointKind::ALL.map(EndpointKind::name);
        return Err(cursor.error(unknown("kind of device", kind, known)));
    };
    Ok((name.to_owned(), kind))
}

fn read_name(cursor: &mut Cursor<'_>) -> Read<String> {
    Ok(cursor.word("the name of a device")?.text.clone())
}

fn read_down(cursor: &mut Cursor<'_>) -> Read<Duration> {
    let Some(word) = cursor.peek().filter(|word| word.text.contains('=')) else {
        return Ok(Duration::ZERO);
    };
    cursor.word("down=TIME")?;
    let (name, time) = word.text.split_once('=').unwrap_or((&word.text, ""));
    if name != "down" {
        return Err(cursor.error(unknown("field of a restart", name, ["down"])));
    }
    let problem = || format!("{time:?} is not a time such as 500ms");
    read_span(time).ok_or_else(|| cursor.error(problem()))
}

fn read_latency(cursor: &mut Cursor<'_>) -> Read<Option<Duration>> {
    let word = cursor.word("a time such as 3s, or never")?;
    if word.is("never") {
        return Ok(None);
    }
    let problem = || format!("{:?} is not a time such as 3s", word.text);
    let span = read_span(&word.text).ok_or_else(|| cursor.error(problem()))?;
    Ok(Some(span))
}

fn read_reason(cursor: &mut Cursor<'_>) -> Read<Interruption> {
    let word = cursor.word("what the audio is needed for")?;
    let known = [Interruption::Emergency, Interruption::Exclusive];
    let found = known.into_iter().find(|reason| word.is(reason.name()));
    found.ok_or_else(|| {
        let known = known.map(Interruption::name);
        cursor.error(unknown("use of the audio", &word.text, known))
    })
}
