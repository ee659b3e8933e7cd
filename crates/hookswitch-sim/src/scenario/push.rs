//! Pushes: the verbs after `push`.

use core::time::Duration;

use hookswitch_model::Handle;

use super::Scenario;
use super::verbs::{Cursor, Read, declare_call, unknown};

/// What can be done about an app's pushes.
const VERBS: [&str; 6] = [
    "registers",
    "registers-old-style",
    "unregisters",
    "reports",
    "forgets",
    "allowed",
];

/// What the way to the gateway does.
const LINK: [&str; 4] = ["lost", "back", "stalls", "flows"];

/// Something about pushes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PushAct {
    /// The link ends, and both ends learn it.
    Lost,
    /// A new link is there.
    Back,
    /// Nothing gets through, and nobody learns it.
    Stalls,
    /// What stood in the way arrives.
    Flows,
    /// A sender sends.
    Send {
        /// Its name in the story.
        push: String,
        /// To this app.
        app: usize,
        /// About this call.
        call: usize,
        /// Who calls.
        from: Option<Handle>,
        /// How long it lives: a date for the gateway; none: expiration 0.
        expires: Option<Duration>,
    },
    /// An app registers for pushes, with a delegate that looks at the metadata or without (true).
    Register(usize, bool),
    /// An app wants no more pushes.
    Unregister(usize),
    /// Whether an app reports a call for a push that demands it (true), or forgets it.
    Reports(usize, bool),
    /// The user lets an app be started again.
    Allow(usize),
}

/// Reads what follows `push`.
pub(super) fn read(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<PushAct> {
    let word = cursor.word("link, sends or an app")?.text.clone();
    match word.as_str() {
        "link" => read_link(cursor),
        "sends" => read_send(scenario, cursor),
        name => {
            let Some(app) = scenario.app(name) else {
                let apps = scenario.apps.iter().map(|app| app.name.as_str());
                let known = ["link", "sends"].into_iter().chain(apps);
                return Err(cursor.error(unknown("word", name, known)));
            };
            read_app(app, cursor)
        }
    }
}

fn read_link(cursor: &mut Cursor<'_>) -> Read<PushAct> {
    let what = cursor.word("what the link does")?;
    Ok(match what.text.as_str() {
        "lost" => PushAct::Lost,
        "back" => PushAct::Back,
        "stalls" => PushAct::Stalls,
        "flows" => PushAct::Flows,
        other => return Err(cursor.error(unknown("state of the link", other, LINK))),
    })
}

fn read_app(app: usize, cursor: &mut Cursor<'_>) -> Read<PushAct> {
    let verb = cursor.word("what the app does")?;
    Ok(match verb.text.as_str() {
        "registers" => PushAct::Register(app, false),
        "registers-old-style" => PushAct::Register(app, true),
        "unregisters" => PushAct::Unregister(app),
        "reports" => PushAct::Reports(app, true),
        "forgets" => PushAct::Reports(app, false),
        "allowed" => PushAct::Allow(app),
        other => return Err(cursor.error(unknown("verb", other, VERBS))),
    })
}

fn read_send(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<PushAct> {
    let push = cursor.word("the name of the push")?.text.clone();
    if !cursor.take("to") {
        return Err(cursor.error("\"to\" and an app should follow".to_owned()));
    }
    let name = &cursor.word("an app")?.text;
    let Some(app) = scenario.app(name) else {
        let apps = scenario.apps.iter().map(|app| app.name.as_str());
        return Err(cursor.error(unknown("app", name, apps)));
    };
    if !cursor.take("for") {
        return Err(cursor.error("\"for\" and a call should follow".to_owned()));
    }
    let name = cursor.word("a call")?.text.clone();
    let Some(call) = declare_call(scenario, &name) else {
        return Err(cursor.error(format!("{name:?} cannot be the name of a call")));
    };
    let from = match cursor.take("from") {
        true => Some(cursor.handle()?),
        false => None,
    };
    let expires = match cursor.take("expires") {
        true => Some(cursor.span()?),
        false => None,
    };
    Ok(PushAct::Send {
        push,
        app,
        call,
        from,
        expires,
    })
}
