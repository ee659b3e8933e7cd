//! What a line of a trace looks like: through which lanes it goes, and in few words what it says.

use super::model::{Lane, Role, Tone};
use crate::trace::{Kind, Line, Origin};

/// A line that is worth an arrow.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// The lanes it goes through.
    pub(super) stops: Vec<usize>,
    /// In few words.
    pub(super) label: String,
    /// The lane the words stand at.
    pub(super) at: usize,
    /// How it is drawn.
    pub(super) tone: Tone,
}

/// Whether an app passes on what the other party did.
pub(super) fn is_remote(line: &Line) -> bool {
    line.kind == Kind::Event && line.origin == Origin::Remote && line.what.starts_with("reports ")
}

/// Whether a service tells what the other party did.
pub(super) fn is_far_end(line: &Line) -> bool {
    let is_call = line.what.starts_with("calls ") || line.what.starts_with("hangs-up ");
    is_call && line.actor == line.target
}

/// How a line is drawn; `None` for what only tools want to know.
pub(super) fn shown(lanes: &[Lane], line: &Line, many: bool) -> Option<Shown> {
    let lanes = Here {
        lanes,
        device: line.device.as_deref(),
    };
    if lanes
        .service(&line.actor)
        .or(lanes.service(&line.target))
        .is_some()
    {
        return of_service(lanes, line, line.call.as_deref().filter(|_| many));
    }
    match line.kind {
        Kind::Event => event(lanes, line, many),
        Kind::Effect => effect(lanes, line, many),
    }
}

/// The lanes that the lines of one device can go through: its own, and those of all.
#[derive(Clone, Copy, Debug)]
struct Here<'a> {
    lanes: &'a [Lane],
    device: Option<&'a str>,
}

impl Here<'_> {
    fn find(self, is_it: impl Fn(&Lane) -> bool) -> Option<usize> {
        let is_here = |lane: &Lane| lane.device.is_none() || lane.device.as_deref() == self.device;
        self.lanes
            .iter()
            .position(|lane| is_here(lane) && is_it(lane))
    }

    fn role(self, role: Role) -> Option<usize> {
        self.find(|lane| lane.role == role)
    }

    fn named(self, name: &str) -> Option<usize> {
        self.find(|lane| lane.role == Role::App && lane.name == name)
    }

    fn service(self, name: &str) -> Option<usize> {
        self.find(|lane| lane.role == Role::Service && lane.name == name)
    }
}

/// An arrow with its words at one of its ends.
fn arrow(stops: Vec<usize>, at: usize, label: String) -> Option<Shown> {
    Some(Shown {
        stops,
        label,
        at,
        tone: Tone::Plain,
    })
}

fn bad(stops: Vec<usize>, at: usize, label: String) -> Option<Shown> {
    let shown = arrow(stops, at, label)?;
    Some(Shown {
        tone: Tone::Bad,
        ..shown
    })
}

fn event(lanes: Here<'_>, line: &Line, many: bool) -> Option<Shown> {
    let daemon = lanes.role(Role::Daemon)?;
    let call = line.call.as_deref().filter(|_| many);
    let words: Vec<&str> = line.words().collect();
    match line.actor.as_str() {
        "user" => {
            let user = lanes.role(Role::User)?;
            let stops = vec![user, lanes.role(Role::Screen)?];
            arrow(stops, user, button(&words, call))
        }
        "clock" => arrow(vec![daemon], daemon, "time is over".to_owned()),
        "audio" => {
            let audio = lanes.role(Role::Audio)?;
            arrow(vec![audio, daemon], audio, "devices".to_owned())
        }
        "daemon" => {
            let (draw, label): (fn(_, _, _) -> _, _) = match words.first() {
                Some(&"restarts") => (bad, "killed"),
                Some(&"is-back") => (arrow, "is back"),
                Some(_) | None => return None,
            };
            draw(vec![daemon], daemon, label.to_owned())
        }
        "system" => match words.as_slice() {
            ["launch-failed", app] => {
                let app = lanes.named(app)?;
                bad(vec![app, daemon], app, "does not start".to_owned())
            }
            _ => None,
        },
        app => from_app(lanes, line, lanes.named(app)?, call),
    }
}

fn from_app(lanes: Here<'_>, line: &Line, app: usize, call: Option<&str>) -> Option<Shown> {
    let daemon = lanes.role(Role::Daemon)?;
    if ["crashes", "disconnects"].contains(&line.what.as_str()) {
        return bad(vec![app], app, line.what.clone());
    }
    if line.target == "nobody" {
        return bad(vec![app], app, "not heard".to_owned());
    }
    // What the service has told it comes from there.
    let is_told = lanes.role(Role::Service).is_some() && line.cause.is_some();
    if is_remote(line) && !is_told {
        let remote = lanes.role(Role::Remote)?;
        let verb = far_end(line);
        let label = call.map_or(verb.clone(), |call| format!("{call} {verb}"));
        return arrow(vec![remote, app, daemon], remote, label);
    }
    let words: Vec<&str> = line.words().collect();
    let label = match words.as_slice() {
        ["fulfills", ..] => "fulfill".to_owned(),
        ["fails", what, ..] => format!("refuse {what}"),
        ["reports", rest @ ..] => rest.join(" "),
        words => words.join(" "),
    };
    let shown = if words.first() == Some(&"fails") {
        bad
    } else {
        arrow
    };
    shown(vec![app, daemon], app, label)
}

/// What an app and its service say to each other, and what the other party does there.
fn of_service(lanes: Here<'_>, line: &Line, call: Option<&str>) -> Option<Shown> {
    let words: Vec<&str> = line.words().collect();
    let about = |text: &str| call.map_or(text.to_owned(), |call| format!("{call} {text}"));
    let Some(service) = lanes.service(&line.actor) else {
        let (app, service) = (lanes.named(&line.actor)?, lanes.service(&line.target)?);
        let label = about(words.get(1).copied().unwrap_or_default());
        return arrow(vec![app, service], service, label);
    };
    let from_far = |label: &str| {
        let remote = lanes.role(Role::Remote)?;
        arrow(vec![remote, service], remote, about(label))
    };
    match words.as_slice() {
        ["calls", ..] => from_far("calls"),
        ["hangs-up", ..] => from_far("hangs up"),
        ["gives-up", ..] => arrow(vec![service], service, about("rang long enough")),
        ["lost", ..] => bad(vec![service], service, about("lost")),
        ["sent", _, what @ ..] => {
            let app = lanes.named(&line.target)?;
            let label = about(&what.join(" ").replace('-', " "));
            arrow(vec![service, app], service, label)
        }
        _ => None,
    }
}

/// What the other party did.
fn far_end(line: &Line) -> String {
    let words: Vec<&str> = line.words().collect();
    match words.as_slice() {
        [_, "incoming", ..] => "calls".to_owned(),
        [_, "connected", ..] => "answers".to_owned(),
        [_, "remote-held", ..] => "holds".to_owned(),
        [_, "remote-resumed", ..] => "resumes".to_owned(),
        [_, "ended", _, reason, ..] => match *reason {
            "remote-hangup" | "canceled-by-caller" => "hangs up".to_owned(),
            "declined-by-remote" => "declines".to_owned(),
            reason => reason.replace('-', " "),
        },
        words => words.get(1).copied().unwrap_or_default().replace('-', " "),
    }
}

/// What the user pressed.
fn button(words: &[&str], call: Option<&str>) -> String {
    let verb = words.first().copied().unwrap_or_default();
    let pressed = match verb {
        "answers-auto" => "Answer",
        "answers-hold" => "Hold & Answer",
        "answers-end" => "End & Answer",
        "answers-end-held" => "End Held & Answer",
        "declines" => "Decline",
        "ends" => "End",
        "force-ends" => "End at once",
        "holds" => "Hold",
        "resumes" => "Resume",
        "swaps" => "Swap",
        "mutes" => "Mute",
        "unmutes" => "Unmute",
        "silences" => "Silence",
        "opens" => "Open",
        "digits" => "Keypad",
        "dials" => "Call",
        "routes" => return format!("Use {}", words[1..].join(" ")),
        _ => return capital(&words.join(" ")),
    };
    match call.filter(|_| !verb.starts_with("answers-") && verb != "swaps") {
        Some(call) => format!("{pressed} {call}"),
        None => pressed.to_owned(),
    }
}

/// A name in words: `cannot-hold` and `CannotHold` alike.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '-' => out.push(' '),
            letter if letter.is_ascii_uppercase() => {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push(letter.to_ascii_lowercase());
            }
            letter => out.push(letter),
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn effect(lanes: Here<'_>, line: &Line, many: bool) -> Option<Shown> {
    let daemon = lanes.role(Role::Daemon)?;
    let words: Vec<&str> = line.words().collect();
    let to_app = || lanes.named(&line.target);
    match words.as_slice() {
        ["ask", _, what, call, ..] => {
            let app = to_app()?;
            let call = if many {
                format!(" {call}")
            } else {
                String::new()
            };
            arrow(vec![daemon, app], app, format!("ask {what}{call}"))
        }
        ["told", app, "audio-activated", ..] => {
            let audio = lanes.role(Role::Audio)?;
            arrow(vec![daemon, audio], audio, format!("{app} on"))
        }
        ["told", app, "audio-deactivated", ..] => {
            let audio = lanes.role(Role::Audio)?;
            arrow(vec![daemon, audio], audio, format!("{app} off"))
        }
        ["told", _, "expired", what, ..] => {
            let app = to_app()?;
            bad(vec![daemon, app], app, format!("{what} expired"))
        }
        ["told", _, what, ..] => {
            let app = to_app()?;
            arrow(vec![daemon, app], app, what.replace('-', " "))
        }
        ["ring", _, "waiting"] => {
            let screen = lanes.role(Role::Screen)?;
            arrow(vec![daemon, screen], screen, "call waiting".to_owned())
        }
        ["ring", ..] => {
            let screen = lanes.role(Role::Screen)?;
            arrow(vec![daemon, screen], screen, "rings".to_owned())
        }
        ["use-route", device, ..] => {
            let audio = lanes.role(Role::Audio)?;
            arrow(vec![daemon, audio], audio, (*device).to_owned())
        }
        ["launch", app] => {
            let app = lanes.named(app)?;
            arrow(vec![daemon, app], app, "start it".to_owned())
        }
        ["reply", "refused", why, detail @ ..] => {
            let to = to_app().or_else(|| lanes.role(Role::Screen))?;
            let why = spaced(detail.first().unwrap_or(why));
            bad(vec![daemon, to], to, format!("refused: {why}"))
        }
        ["anomaly", "hold-slow" | "ask-expired" | "client-gone", ..] => None,
        ["anomaly", kind, app, ..] => {
            let app = lanes.named(app).unwrap_or(daemon);
            bad(vec![app], app, kind.replace('-', " "))
        }
        _ => None,
    }
}
