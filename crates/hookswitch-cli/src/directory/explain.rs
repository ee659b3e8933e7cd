//! `hookswitch directory explain`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use hookswitch_directory::decide::{
    Caller, Contact, MemoryList, OwnBlocks, Source, UserRules, decide,
};
use hookswitch_directory::lists::{Event, What, ranges};
use hookswitch_directory::{CallerRules, Decision, NumberPattern, Text, Wall};
use hookswitch_number::Numbers;
use hookswitch_wire::view::{DecisionView, StepView, decision_view};

use super::args::Explain;
use crate::failure::Failure;
use crate::screen::{Mark, Screen, wrapped};

/// Whether the question is about lists and rules in the options, not about those of the daemon.
pub fn is_offline(what: &Explain) -> bool {
    let lists = [&what.list, &what.list_off]
        .iter()
        .any(|list| !list.is_empty());
    let rules = [&what.block, &what.pattern, &what.except];
    let rules = rules.iter().any(|list| !list.is_empty());
    let switches = [
        what.trust_contacts,
        what.trust_called,
        what.block_anonymous,
        what.block_unknown,
        what.call_back.is_some(),
        !what.read.region.is_empty(),
    ];
    what.offline || lists || rules || switches.contains(&true)
}

/// Decides and shows.
pub fn run(what: &Explain, screen: &Screen) -> Result<ExitCode, Failure> {
    let numbers = super::numbers(&what.read.region)?;
    let mut lists = Vec::new();
    for path in &what.list {
        lists.push(load(path, what, &numbers, lists.len())?);
    }
    for path in &what.list_off {
        let mut list = load(path, what, &numbers, lists.len())?;
        list.enable(false);
        lists.push(list);
    }
    let view = decision_view(&decision(what, &numbers, &lists)?);
    if screen.is_json() {
        screen.document(&view);
    } else {
        show(&view, screen);
    }
    Ok(ExitCode::SUCCESS)
}

fn decision(what: &Explain, numbers: &Numbers, lists: &[MemoryList]) -> Result<Decision, Failure> {
    let now = wall(SystemTime::now());
    let identity = numbers.identify_text(&what.number);
    let called = what.called_ago.map(|ago| {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        Wall::from_millis(now.as_millis().saturating_sub(ago))
    });
    let caller = Caller {
        presented: identity.presented,
        candidates: identity.candidates,
        short: identity.short,
        address: identity.address,
        contact: contact(what.contact.as_deref())?,
        called,
    };
    let callers = CallerRules {
        blocked: patterns(&what.pattern)?,
        exceptions: patterns(&what.except)?,
        block_anonymous: what.block_anonymous,
        block_unknown: what.block_unknown,
        trust_contacts: what.trust_contacts,
        trust_called: what.trust_called,
        call_back: what.call_back.unwrap_or_default(),
    };
    let mut blocked = OwnBlocks::default();
    for text in &what.block {
        numbers.identify_text(text).block_in(&mut blocked);
    }
    let user = UserRules {
        callers: &callers,
        blocked: &blocked,
        regions: &numbers.regions(),
    };
    let sources: Vec<&dyn Source> = lists.iter().map(|list| list as _).collect();
    Ok(decide(&caller, &user, &sources, now))
}

fn contact(name: Option<&str>) -> Result<Contact, Failure> {
    match name {
        None => Ok(Contact::NoContacts),
        Some("") => Ok(Contact::Unknown),
        Some(name) => {
            let name = Text::new(name);
            let name = name.map_err(|_| usage("the name of a contact has 1 to 256 bytes"))?;
            Ok(Contact::Known(name))
        }
    }
}

fn patterns(texts: &[String]) -> Result<BTreeSet<NumberPattern>, Failure> {
    let patterns = texts.iter().map(|text| {
        let wrong = |error| usage(&format!("“{text}” is no pattern: {error}"));
        NumberPattern::parse(text).map_err(wrong)
    });
    patterns.collect()
}

fn usage(text: &str) -> Failure {
    Failure::Ambiguous(text.to_owned())
}

/// A file as a list with the file's name and time.
fn load(
    path: &Path,
    what: &Explain,
    numbers: &Numbers,
    order: usize,
) -> Result<MemoryList, Failure> {
    let mut blocked = Vec::new();
    let mut labels = Vec::new();
    super::files::read(path, &what.read, numbers, &mut |event: Event<'_>| {
        if let What::Entry { pattern, label, .. } = event.what {
            blocked.extend(ranges(pattern));
            let one = pattern.range().filter(|(first, last)| first == last);
            let label = label.and_then(|label| Text::new(label).ok());
            if let (Some((number, _)), Some(label)) = (one, label) {
                labels.push((number, label));
            }
        }
    })?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = Text::new(name.unwrap_or("list")).or_else(|_| Text::new("list"));
    let name = name.map_err(|_| usage("a list needs a name"))?;
    let changed = std::fs::metadata(path).and_then(|file| file.modified());
    let at = changed.map_or_else(|_| Wall::default(), wall);
    let mut list = MemoryList::new(name, u32::try_from(order).unwrap_or(u32::MAX));
    list.load(blocked, labels, at);
    Ok(list)
}

fn wall(time: SystemTime) -> Wall {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Wall::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Shows a decision.
pub fn show(view: &DecisionView, screen: &Screen) {
    let mark = match view.verdict.as_str() {
        "block" | "not-rung" => Mark::Bad,
        _ => Mark::Good,
    };
    screen.line(&screen.marked(mark, &wrapped(&view.headline, 0)));
    for label in &view.labels {
        let from = label.list.as_deref().unwrap_or("your contacts");
        screen.line(&format!("Named {} by {from}.", label.text));
    }
    if let Some(note) = &view.note {
        screen.line(&screen.marked(Mark::Warning, &wrapped(note, 0)));
    } else if view.candidates.is_empty() {
        screen.line("No number to look for.");
    }
    for candidate in &view.candidates {
        screen.line(&format!(
            "Looked for {} ({}).",
            candidate.number, candidate.formed
        ));
    }
    screen.line("");
    for step in &view.steps {
        show_step(step, screen);
    }
}

fn show_step(step: &StepView, screen: &Screen) {
    let (sign, mark) = match (step.decided, step.matches, step.in_force) {
        (true, ..) => ("→", Mark::Strong),
        (false, true, true) => ("·", Mark::Warning),
        (false, true, false) | (false, false, _) => ("·", Mark::Faint),
    };
    let sentence = wrapped(&step.sentence, 19);
    let text = format!("{sign} {:<16} {sentence}", step.rule);
    screen.line(&screen.marked(mark, &text));
}
