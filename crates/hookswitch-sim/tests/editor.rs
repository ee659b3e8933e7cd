//! The highlighting that editors get knows exactly the words that the reader knows.
//!
//! `HOOKSWITCH_BLESS=1` writes the files anew.

use std::fs;
use std::path::Path;

use hookswitch_sim::scenario::{
    ACTORS, APP_VERBS, AUDIO_VERBS, AskWord, DAEMON_VERBS, HEADERS, NETWORK_VERBS, SERVICE_VERBS,
    SYSTEM_VERBS, TemperKind, USER_VERBS,
};

const CHECKS: [&str; 6] = ["expect", "within", "never", "state", "exactly", "not"];
/// A time such as `1.5s`.
const TIME: &str = "\\+?\\d+(?:\\.\\d+)?(?:us|ms|s|m|h)\\b";

/// Each word once, longest first, so that no word hides a longer one.
fn words(lists: &[&[&str]]) -> Vec<String> {
    let mut out: Vec<String> = lists
        .iter()
        .flat_map(|list| list.iter())
        .map(|w| (*w).to_owned())
        .collect();
    out.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    out.dedup();
    out
}

fn verbs() -> Vec<String> {
    words(&[
        &USER_VERBS,
        &APP_VERBS,
        &AUDIO_VERBS,
        &SYSTEM_VERBS,
        &DAEMON_VERBS,
        &SERVICE_VERBS,
        &NETWORK_VERBS,
    ])
}

fn kinds() -> Vec<String> {
    let asks: Vec<&str> = AskWord::ALL.iter().map(|ask| ask.name()).collect();
    let tempers: Vec<&str> = TemperKind::ALL.iter().map(|(_, name, _)| *name).collect();
    words(&[&asks, &tempers])
}

fn vim() -> String {
    let list = |words: &[String]| words.join(" ");
    format!(
        "\" Vim syntax of Hookswitch scenario files (*.hsw), written by a test of hookswitch-sim.\n\
         if exists('b:current_syntax')\n  finish\nendif\n\
         setlocal iskeyword+=-\n\
         syntax keyword hswHeader hookswitch-scenario {headers}\n\
         syntax keyword hswActor {actors}\n\
         syntax keyword hswVerb {verbs}\n\
         syntax keyword hswCheck {checks}\n\
         syntax keyword hswKind {kinds}\n\
         syntax match hswAt /^at\\>/\n\
         syntax match hswTime /\\<+\\?\\d\\+\\(\\.\\d\\+\\)\\?\\(us\\|ms\\|s\\|m\\|h\\)\\>/\n\
         syntax match hswSeen /^\\s*[>=].*$/\n\
         syntax match hswRemark /^\\s*#.*$/\n\
         syntax region hswText start=/\"/ skip=/\\\\./ end=/\"/ oneline\n\
         highlight default link hswHeader PreProc\n\
         highlight default link hswActor Identifier\n\
         highlight default link hswVerb Statement\n\
         highlight default link hswAt Keyword\n\
         highlight default link hswCheck Conditional\n\
         highlight default link hswKind Type\n\
         highlight default link hswTime Number\n\
         highlight default link hswSeen Special\n\
         highlight default link hswRemark Comment\n\
         highlight default link hswText String\n\
         let b:current_syntax = 'hsw'\n",
        headers = list(&words(&[&HEADERS])),
        actors = list(&words(&[&ACTORS])),
        verbs = list(&verbs()),
        checks = list(&words(&[&CHECKS])),
        kinds = list(&kinds()),
    )
}

fn textmate() -> String {
    let any = |words: &[String]| format!("(?<![\\w-])(?:{})(?![\\w-])", words.join("|"));
    let rule = |name: &str, pattern: String| serde_json::json!({ "name": name, "match": pattern });
    let headers = words(&[&HEADERS]).join("|");
    let header = format!("^(?:hookswitch-scenario|{headers})(?![\\w-])");
    let grammar = serde_json::json!({
            "name": "Hookswitch scenario",
            "scopeName": "source.hsw",
            "fileTypes": ["hsw"],
            "patterns": [
                rule("comment.line.number-sign.hsw", "^\\s*#.*$".to_owned()),
                rule("markup.inserted.hsw", "^\\s*[>=].*$".to_owned()),
                rule("string.quoted.double.hsw", "\"(?:[^\"\\\\]|\\\\.)*\"".to_owned()),
                rule("keyword.control.at.hsw", "^at(?![\\w-])".to_owned()),
                rule("constant.numeric.time.hsw", TIME.to_owned()),
    rule("keyword.other.header.hsw", header),
                rule("keyword.control.check.hsw", any(&words(&[&CHECKS]))),
                rule("variable.language.actor.hsw", any(&words(&[&ACTORS]))),
                rule("support.function.verb.hsw", any(&verbs())),
                rule("storage.type.kind.hsw", any(&kinds())),
            ],
        });
    serde_json::to_string_pretty(&grammar).expect("it is JSON") + "\n"
}

#[test]
fn the_highlighting_knows_the_vocabulary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/editor");
    for (name, text) in [("hsw.vim", vim()), ("hsw.tmLanguage.json", textmate())] {
        let path = folder.join(name);
        if std::env::var_os("HOOKSWITCH_BLESS").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&path, &text).expect("writable");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{} does not know the vocabulary; run this test with HOOKSWITCH_BLESS=1",
            path.display()
        );
    }
}
