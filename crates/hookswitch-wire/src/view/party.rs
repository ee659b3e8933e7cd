//! Who is on the other side, and which app the call is in.

use hookswitch_model::{Account, AppId, CallId, CallSnapshot, Handle, PhaseKind, Snapshot};

use super::types::{Party, PartyApp};
use super::words;
use crate::privacy;

/// The party of a live call.
pub(super) fn party(snapshot: &Snapshot, call: &CallSnapshot) -> Party {
    let provider = snapshot
        .providers
        .iter()
        .find(|provider| provider.app == call.app);
    let (name, handle) = privacy::shown(call);
    build(
        name.as_deref(),
        handle,
        PartyApp {
            id: call.app.to_string(),
            name: app_name(snapshot, &call.app),
            account: account_label(call.account.as_ref()),
        },
        provider.and_then(|provider| provider.open_url.as_ref().map(|url| url.as_str().into())),
    )
}

/// A party from its parts.
pub(super) fn build(
    name: Option<&str>,
    handle: Option<&Handle>,
    app: PartyApp,
    open_url: Option<String>,
) -> Party {
    let address = handle.map(|handle| display_handle(handle.value()).to_owned());
    let title = name
        .map(str::to_owned)
        .or_else(|| address.clone())
        .unwrap_or_else(|| words::UNKNOWN.to_owned());
    Party {
        initials: initials(&title),
        subtitle: address.filter(|address| *address != title),
        title,
        app,
        open_url,
    }
}

/// All calls of the conversation of a call: itself, or its group, oldest first.
pub(super) fn conversation<'a>(
    snapshot: &'a Snapshot,
    call: &'a CallSnapshot,
) -> Vec<&'a CallSnapshot> {
    let together = |other: &&CallSnapshot| {
        other.id == call.id || (call.group.is_some() && other.group == call.group)
    };
    snapshot.live().filter(together).collect()
}

/// Whether nobody in the conversation of a call hears the user: each call is muted, by its app or
/// where the microphone is.
pub(super) fn is_muted(snapshot: &Snapshot, call: &CallSnapshot) -> bool {
    let at_device = snapshot.audio.microphone_muted;
    let muted =
        |call: &&CallSnapshot| call.muted || at_device && call.phase.kind() == PhaseKind::Active;
    conversation(snapshot, call).iter().all(muted)
}

/// The party of a conversation: of a group, all names.
pub(super) fn parties(snapshot: &Snapshot, call: &CallSnapshot) -> Party {
    let calls = conversation(snapshot, call);
    let one = party(snapshot, call);
    if calls.len() < 2 {
        return one;
    }
    let titles: Vec<String> = calls
        .iter()
        .map(|call| party(snapshot, call).title)
        .collect();
    Party {
        title: words::names(&titles),
        subtitle: Some(words::people(calls.len())),
        initials: calls.len().to_string(),
        ..one
    }
}

/// The name of an account for people.
pub(super) fn account_label(account: Option<&Account>) -> Option<String> {
    account.map(|account| account.label.as_str().to_owned())
}

/// The name of an app as the user knows it: what it registered with, else the end of its id.
pub(super) fn app_name(snapshot: &Snapshot, app: &AppId) -> String {
    let registered = snapshot.providers.iter().find(|one| one.app == *app);
    registered.map_or_else(
        || last_element(app.as_str()).to_owned(),
        |provider| provider.name.as_str().to_owned(),
    )
}

/// A live call by its id.
pub(super) fn find(snapshot: &Snapshot, call: CallId) -> Option<&CallSnapshot> {
    snapshot.live().find(|one| one.id == call)
}

/// What to call the party of a call that may be gone already.
pub(super) fn title(snapshot: &Snapshot, call: CallId) -> Option<String> {
    find(snapshot, call).map(|call| parties(snapshot, call).title)
}

/// An address without the scheme that a person does not say.
pub(super) fn display_handle(value: &str) -> &str {
    let schemes = ["sip:", "sips:", "tel:", "mailto:"];
    let bare = schemes.iter().find_map(|scheme| {
        let head = value.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| &value[scheme.len()..])
    });
    bare.filter(|rest| !rest.is_empty()).unwrap_or(value)
}

/// The first letters of the first and last word; `#` for numbers, `?` for nobody.
fn initials(title: &str) -> String {
    if title == words::UNKNOWN {
        return "?".to_owned();
    }
    let mut letters = title
        .split([' ', '@', '.', '-', '_'])
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    let first = letters.next();
    let last = if title.contains('@') {
        None
    } else {
        letters.next_back()
    };
    match first {
        None => "#".to_owned(),
        Some(first) => first
            .to_uppercase()
            .chain(last.into_iter().flat_map(char::to_uppercase))
            .collect(),
    }
}

fn last_element(id: &str) -> &str {
    id.rsplit('.').next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_not_shown() {
        assert_eq!(
            display_handle("sip:ana@127.0.0.1:5070"),
            "ana@127.0.0.1:5070"
        );
        assert_eq!(display_handle("SIPS:ana@example.org"), "ana@example.org");
        assert_eq!(display_handle("tel:+44"), "+44");
        assert_eq!(display_handle("sip:"), "sip:");
        assert_eq!(display_handle("önä"), "önä");
    }

    #[test]
    fn initials_are_letters_or_a_mark() {
        for (title, want) in [
            ("Ana Kowalska", "AK"),
            ("Prof. Dr. Wilhelmina Featherstonehaugh", "PF"),
            ("ana@example.org", "A"),
            ("+44 7700 900123", "#"),
            ("عبد الرحمن", "عا"),
            (words::UNKNOWN, "?"),
            ("", "#"),
        ] {
            assert_eq!(initials(title), want, "{title}");
        }
    }
}
