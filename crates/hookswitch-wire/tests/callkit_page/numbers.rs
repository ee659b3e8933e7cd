//! The numbers of the page are those of the code.

use std::collections::BTreeSet;

use hookswitch_model::{
    EndReason, HandleKind, Interruption, RouteCause, TonesKind, TranslationEngine,
};
use hookswitch_wire::dbus::{CallKitDomain, ErrorCode};

use super::names::Items;
use super::page::{Row, names};

/// Every number that is not the code's.
pub fn wrong(rows: &[Row], core: &Items) -> Vec<String> {
    let mut wrong: Vec<String> = rows.iter().filter_map(|row| by_code(row, core)).collect();
    wrong.extend(errors(rows));
    wrong.extend(reasons(rows));
    wrong
}

/// A row that begins with a number names exactly those of ours that have this number.
fn by_code(row: &Row, core: &Items) -> Option<String> {
    let code: i64 = row.cell("code")?.parse().ok()?;
    let want: BTreeSet<String> = of_code(row, code, core)?.into_iter().collect();
    let have = row.names("ours").into_iter();
    let have: BTreeSet<String> = have.map(str::to_owned).collect();
    let text = || {
        format!(
            "{} {code}: the page has {have:?}, the code {want:?}",
            row.section
        )
    };
    (have != want).then(text)
}

/// What of ours has a number, in the sections where something of ours has one.
fn of_code(row: &Row, code: i64, core: &Items) -> Option<Vec<String>> {
    let error = |domain| Some(errors_of(domain, code));
    match row.section.split([':', '\u{20}']).next()? {
        "General" => error(CallKitDomain::General),
        "Incoming" => error(CallKitDomain::IncomingCall),
        "Request" => error(CallKitDomain::RequestTransaction),
        "Call" => Some(directory(row, code, core)),
        "CXHandle.HandleType" => Some(of(
            "HandleKind",
            HandleKind::ALL.map(|kind| (format!("{kind:?}"), i64::from(kind.callkit()))),
            code,
        )),
        "CXPlayDTMFCallAction.ActionType" => Some(of(
            "TonesKind",
            TonesKind::ALL.map(|kind| (format!("{kind:?}"), i64::from(kind.callkit()))),
            code,
        )),
        "CXTranslationEngine" => Some(of(
            "TranslationEngine",
            [TranslationEngine::Default, TranslationEngine::Custom]
                .map(|one| (format!("{one:?}"), i64::from(one.callkit()))),
            code,
        )),
        "AVAudioSession.RouteChangeReason" => Some(of(
            "RouteCause",
            RouteCause::ALL.map(|cause| (format!("{cause:?}"), i64::from(cause.callkit()))),
            code,
        )),
        "AVAudioSession.InterruptionReason" => Some(of(
            "Interruption",
            Interruption::ALL.map(|one| (format!("{one:?}"), i64::from(one.callkit()))),
            code,
        )),
        "AVAudioSession.ErrorCode" => {
            let has = |error: &ErrorCode| error.audio_session().map(i64::from) == Some(code);
            let all = ErrorCode::ALL.into_iter().filter(has);
            Some(all.map(|error| format!("ErrorCode::{error}")).collect())
        }
        _ => None,
    }
}

fn of<const N: usize>(kind: &str, all: [(String, i64); N], code: i64) -> Vec<String> {
    let with = all.into_iter().filter(|(_, number)| *number == code);
    with.map(|(name, _)| format!("{kind}::{name}")).collect()
}

fn errors_of(domain: CallKitDomain, code: i64) -> Vec<String> {
    let has = |error: &ErrorCode| {
        let there = error.callkit(domain);
        there.is_some_and(|there| there.domain == domain && i64::from(there.code) == code)
    };
    let all = ErrorCode::ALL.into_iter().filter(has);
    all.map(|error| format!("ErrorCode::{error}")).collect()
}

/// The variant of the directory's `Code` whose name is Apple's, if it has the number.
fn directory(row: &Row, code: i64, core: &Items) -> Vec<String> {
    let named = row.names("CallKit").into_iter().map(|name| {
        let mut letters = name.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        format!(
            "Code::{}",
            first.into_iter().chain(letters).collect::<String>()
        )
    });
    named
        .filter(|name| core.number(name) == Some(code))
        .collect()
}

/// The table from ours to theirs: each error, with its number in each domain.
fn errors(rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for error in ErrorCode::ALL {
        let of = |domain| number(error.callkit(domain).map(|there| there.code));
        let want = [
            ("general", of(CallKitDomain::General)),
            ("incoming call", of(CallKitDomain::IncomingCall)),
            ("request transaction", of(CallKitDomain::RequestTransaction)),
            ("AVAudioSession", number(error.audio_session())),
        ];
        for (head, want) in want {
            let have = find(rows, "From ours to theirs", error.name());
            let have = have.and_then(|row| row.cell(head));
            if have != Some(&want) {
                wrong.push(format!(
                    "{error}, {head}: the page has {have:?}, the code {want}"
                ));
            }
        }
    }
    wrong
}

/// `CXCallEndedReason` with its number, and the same in LiveCommunicationKit.
const ENDED: [(u8, &str, &str); 5] = [
    (1, "failed", "failed"),
    (2, "remoteEnded", "remoteEnded"),
    (3, "unanswered", "unanswered"),
    (4, "answeredElsewhere", "joinedElsewhere"),
    (5, "declinedElsewhere", "declinedElsewhere"),
];

/// The end reasons: each with CallKit's name and number, and LiveCommunicationKit's name.
fn reasons(rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for reason in EndReason::ALL {
        let number = reason.callkit();
        let theirs = ENDED.into_iter().find(|ended| Some(ended.0) == number);
        let callkit = theirs.map(|(number, name, _)| format!("`{name}` {number}"));
        let lck = theirs.map(|(_, _, name)| format!("`{name}`"));
        for (head, want) in [("CallKit", callkit), ("LCK", lck)] {
            let want = want.unwrap_or_else(|| "none".to_owned());
            let row = find(rows, "End reasons", reason.name());
            let have = row.and_then(|row| row.cell(head));
            if have != Some(&want) {
                let name = reason.name();
                wrong.push(format!(
                    "{name}, {head}: the page has {have:?}, the code {want}"
                ));
            }
        }
    }
    wrong
}

fn find<'a>(rows: &'a [Row], section: &str, name: &str) -> Option<&'a Row> {
    let mut of = rows.iter().filter(|row| row.section == section);
    of.find(|row| row.cell("ours").is_some_and(|cell| names(cell) == [name]))
}

fn number(number: Option<i32>) -> String {
    number.map_or_else(|| "none".to_owned(), |number| number.to_string())
}
