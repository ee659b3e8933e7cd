//! The lists that the call system has: `list`, `status`, `enable`, `explain`, `why`, `block`.

use std::time::SystemTime;

use hookswitch::document::{DirectorySource, RecentsFilter, guess_handle_kind};
use hookswitch::{Controller, DirectoryLists, Handle, Supposed};
use serde_json::json;

use super::args::Explain;
use super::explain::show as show_decision;
use crate::failure::Failure;
use crate::recents::day_and_time;
use crate::screen::{Mark, Screen, column, wrapped};

/// How long a whole id is.
const CALL_ID_LEN: usize = 36;
/// Calls among which a beginning is looked for.
const RECENTS_MAX: u32 = 200;

/// Shows all lists.
pub async fn list(lists: &DirectoryLists, screen: &Screen) -> Result<(), Failure> {
    let sources = lists.sources().await?;
    if screen.is_json() {
        screen.document(&json!({ "lists": sources }));
    } else if sources.is_empty() {
        screen.line("No lists. Load one with “hookswitch directory load NAME FILE”.");
    } else {
        sources.iter().for_each(|source| show(source, screen));
    }
    Ok(())
}

/// Shows one list.
pub async fn status(lists: &DirectoryLists, id: &str, screen: &Screen) -> Result<(), Failure> {
    let sources = lists.sources().await?;
    let Some(source) = sources.into_iter().find(|source| source.id == id) else {
        let text = format!("there is no list {id}; \"hookswitch directory list\" shows them all");
        return Err(Failure::NoSuchList(text));
    };
    match screen.is_json() {
        true => screen.document(&source),
        false => show(&source, screen),
    }
    Ok(())
}

fn show(source: &DirectorySource, screen: &Screen) {
    let (state, mark) = match (source.enabled, source.damaged) {
        (_, true) => ("damaged", Mark::Bad),
        (true, false) => ("on", Mark::Good),
        (false, false) => ("off", Mark::Faint),
    };
    screen.line(&format!(
        "{} {} {}",
        screen.marked(mark, &column(state, 8)),
        column(&source.id, 30),
        column(&source.name, 38)
    ));
    let loaded = source.loaded_ms.map_or_else(
        || "not loaded yet".to_owned(),
        |at| format!("loaded {}", day_and_time(at)),
    );
    let numbers = format!("blocks {} and names {}", source.blocked, source.labeled);
    let busy = if source.loading { ", loading now" } else { "" };
    let text = wrapped(&format!("{numbers}; {loaded}{busy}"), 9);
    screen.line(&screen.marked(Mark::Faint, &format!("         {text}")));
    if let Some(error) = &source.error {
        let text = format!("the last load was not kept: {}", error.message);
        let text = wrapped(&text, 9);
        screen.line(&screen.marked(Mark::Bad, &format!("         {text}")));
    }
}

/// Switches a list on or off.
pub async fn enable(
    lists: &DirectoryLists,
    id: &str,
    on: bool,
    screen: &Screen,
) -> Result<(), Failure> {
    lists.set_enabled(id, on).await?;
    let word = if on { "on" } else { "off" };
    done(id, &format!("{id} is {word}."), screen);
    Ok(())
}

/// Says that something was done to a list.
pub fn done(id: &str, text: &str, screen: &Screen) {
    match screen.is_json() {
        true => screen.document(&json!({ "list": id, "done": true })),
        false => screen.line(text),
    }
}

/// What would happen if a number called.
pub async fn explain(
    lists: &DirectoryLists,
    what: &Explain,
    screen: &Screen,
) -> Result<(), Failure> {
    let supposed = Supposed {
        at: None,
        contact: what.contact.clone().filter(|name| !name.is_empty()),
        called: what.called_ago.map(|ago| SystemTime::now() - ago),
    };
    let is_hidden = what.number.eq_ignore_ascii_case("anonymous");
    let handle = (!is_hidden).then(|| person(&what.number));
    let view = lists.explain(handle.as_ref(), &supposed).await?;
    match screen.is_json() {
        true => screen.document(&view),
        false => show_decision(&view, screen),
    }
    Ok(())
}

/// Why a call of the recents rang or did not.
pub async fn why(
    lists: &DirectoryLists,
    call: Option<String>,
    screen: &Screen,
) -> Result<(), Failure> {
    let call = match call {
        Some(call) => one_call(call).await?,
        None => last_blocked().await?,
    };
    let view = lists.explain_call(&call).await?;
    match screen.is_json() {
        true => screen.document(&view),
        false => show_decision(&view, screen),
    }
    Ok(())
}

/// The call of the recents whose id begins like this.
async fn one_call(start: String) -> Result<String, Failure> {
    if start.len() >= CALL_ID_LEN {
        return Ok(start);
    }
    let controller = Controller::connect().await?;
    let mut found = Vec::new();
    for filter in [RecentsFilter::All, RecentsFilter::Blocked] {
        let entries = controller.recents(filter, RECENTS_MAX).await?;
        let calls = entries.into_iter().map(|entry| entry.call);
        found.extend(calls.filter(|call| call.starts_with(&start.to_lowercase())));
    }
    found.dedup();
    match (found.pop(), found.is_empty()) {
        (Some(call), true) => Ok(call),
        (Some(_), false) => {
            let text = format!("several calls begin with {start}; write more of the id");
            Err(Failure::Ambiguous(text))
        }
        (None, _) => {
            let text =
                format!("no call in the recents begins with {start}; see “hookswitch recents”");
            Err(Failure::NoSuchCall(text))
        }
    }
}

async fn last_blocked() -> Result<String, Failure> {
    let controller = Controller::connect().await?;
    let blocked = controller.recents(RecentsFilter::Blocked, 1).await?;
    let last = blocked.into_iter().next().map(|entry| entry.call);
    last.ok_or_else(|| Failure::NoSuchCall("no call was blocked yet; name one".to_owned()))
}

fn person(number: &str) -> Handle {
    Handle {
        kind: guess_handle_kind(number),
        value: number.to_owned(),
    }
}
