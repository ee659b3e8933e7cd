//! Reads the text of a scenario file.

use hookswitch_model::Profile;

use super::devices;
use super::header::{self, HEADERS};
use super::lex::{ScenarioError, Word, read_span, split};
use super::verbs::{Cursor, Read, read_input, unknown};
use super::{
    Check, FORMAT, InputLine, Line, LineKind, Mood, Scenario, VERSION, Want, When, vocabulary,
};

/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Reads a scenario.
///
/// # Errors
///
/// [`ScenarioError`] names the first line that could not be read.
pub fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    if text.len() > MAX_BYTES {
        return Err(at(1, format!("the file is larger than {MAX_BYTES} bytes")));
    }
    let mut lines = text.lines().zip(1usize..);
    read_version(lines.next().map_or("", |(line, _)| line))?;
    let mut scenario = empty();
    for (line, number) in lines {
        let kind = read_line(&mut scenario, number, line)?;
        scenario.lines.push(Line { number, kind });
    }
    while scenario
        .lines
        .last()
        .is_some_and(|line| line.kind == LineKind::Blank)
    {
        scenario.lines.pop();
    }
    if scenario.title.is_empty() {
        return Err(at(2, "a title line is missing".to_owned()));
    }
    Ok(scenario)
}

fn at(line: usize, message: String) -> ScenarioError {
    ScenarioError {
        line,
        column: 1,
        message,
    }
}

fn empty() -> Scenario {
    Scenario {
        title: String::new(),
        sources: Vec::new(),
        profile: Profile::Native,
        covers: Vec::new(),
        quirks: Vec::new(),
        limits: Vec::new(),
        seed: 0,
        devices: Vec::new(),
        services: Vec::new(),
        apps: Vec::new(),
        calls: Vec::new(),
        lines: Vec::new(),
    }
}

fn read_version(line: &str) -> Read<()> {
    let want = format!("{FORMAT} {VERSION}");
    if line.trim() == want {
        return Ok(());
    }
    let other = line.trim().strip_prefix(FORMAT);
    Err(at(
        1,
        match other {
            Some(version) => format!(
                "version {:?} of the format is not known; this program reads version {VERSION}",
                version.trim()
            ),
            None => format!("the first line has to be {want:?}"),
        },
    ))
}

fn read_line(scenario: &mut Scenario, number: usize, line: &str) -> Read<LineKind> {
    let text = line.trim();
    if text.is_empty() {
        return Ok(LineKind::Blank);
    }
    if let Some(comment) = text.strip_prefix('#') {
        return Ok(LineKind::Comment(comment.trim_end().to_owned()));
    }
    if let Some(effect) = text.strip_prefix('>') {
        return after_input(scenario, number).map(|()| LineKind::Effect(effect.trim().to_owned()));
    }
    if let Some(facts) = text.strip_prefix('=') {
        return after_input(scenario, number).map(|()| LineKind::Facts(facts.trim().to_owned()));
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    let words = if matches!(first, "title" | "source") {
        prose(line, first)
    } else {
        split(line).map_err(|(column, message)| ScenarioError {
            line: number,
            column,
            message,
        })?
    };
    let mut cursor = Cursor::new(number, &words);
    if HEADERS.contains(&first) {
        if has_input(scenario) {
            return Err(at(
                number,
                format!("{first} has to come before the first input"),
            ));
        }
        let rest = text[first.len()..].trim();
        header::read(scenario, &mut cursor, rest)?;
        return Ok(LineKind::Header(words));
    }
    read_story(scenario, number, &mut cursor)
}

/// A title or source line: its first word, and the rest as one.
fn prose(line: &str, first: &str) -> Vec<Word> {
    let start = line.len() - line.trim_start().len();
    let rest = line.trim_start()[first.len()..].trim();
    let word = |text: &str, column| Word {
        text: text.to_owned(),
        quoted: false,
        column,
    };
    vec![word(first, start + 1), word(rest, start + first.len() + 2)]
}

fn has_input(scenario: &Scenario) -> bool {
    scenario
        .lines
        .iter()
        .any(|line| matches!(line.kind, LineKind::Input(_)))
}

fn after_input(scenario: &Scenario, number: usize) -> Read<()> {
    if has_input(scenario) {
        Ok(())
    } else {
        Err(at(number, "an input line has to come first".to_owned()))
    }
}

fn read_story(scenario: &mut Scenario, number: usize, cursor: &mut Cursor<'_>) -> Read<LineKind> {
    let word = cursor.word("a line")?;
    match word.text.as_str() {
        "at" => read_input_line(scenario, number, cursor),
        "expect" => read_check(scenario, number, cursor, None, Mood::Expect),
        "never" => read_check(scenario, number, cursor, None, Mood::Never),
        "state" => read_check(scenario, number, cursor, None, Mood::State),
        "within" => {
            let span = cursor.word("a time")?;
            let Some(within) = read_span(&span.text) else {
                return Err(cursor.error(format!("{:?} is not a time such as 500ms", span.text)));
            };
            let mood = match cursor.word("expect or never")?.text.as_str() {
                "expect" => Mood::Expect,
                "never" => Mood::Never,
                other => {
                    let text = unknown("check", other, ["expect", "never"]);
                    return Err(cursor.error(text));
                }
            };
            read_check(scenario, number, cursor, Some(within), mood)
        }
        other => {
            let known = ["at", "expect", "never", "state", "within"];
            let known = known.into_iter().chain(HEADERS);
            Err(cursor.error(unknown("line", other, known)))
        }
    }
}

fn read_input_line(
    scenario: &mut Scenario,
    number: usize,
    cursor: &mut Cursor<'_>,
) -> Read<LineKind> {
    let word = cursor.word("a time")?;
    let (relative, text) = match word.text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, word.text.as_str()),
    };
    let Some(span) = read_span(text) else {
        return Err(cursor.error(format!(
            "{:?} is not a time such as 2s or +300ms",
            word.text
        )));
    };
    let when = if relative {
        When::After(span)
    } else {
        When::At(span)
    };
    in_order(scenario, number, when)?;
    let words = cursor.rest().to_vec();
    let mut inner = Cursor::new(number, &words);
    let (device, input) = read_input(scenario, &mut inner)?;
    Ok(LineKind::Input(InputLine {
        when,
        words,
        device,
        input,
    }))
}

/// Times may not go back.
fn in_order(scenario: &Scenario, number: usize, when: When) -> Read<()> {
    let When::At(time) = when else {
        return Ok(());
    };
    let mut now = core::time::Duration::ZERO;
    for line in &scenario.lines {
        if let LineKind::Input(input) = &line.kind {
            now = match input.when {
                When::At(time) => time,
                When::After(span) => now.saturating_add(span),
            };
        }
    }
    if time < now {
        let before = super::write_span(now);
        return Err(at(
            number,
            format!("times may not go back; the input before is at {before}"),
        ));
    }
    Ok(())
}

fn read_check(
    scenario: &Scenario,
    number: usize,
    cursor: &mut Cursor<'_>,
    within: Option<core::time::Duration>,
    mood: Mood,
) -> Read<LineKind> {
    after_input(scenario, number)?;
    let mut mood = mood;
    if mood == Mood::Expect && within.is_none() && cursor.take("exactly") {
        let word = cursor.word("a number of times")?;
        let times = word.text.parse();
        mood = Mood::Times(times.map_err(|_| cursor.error("not a number".to_owned()))?);
    }
    let mut wants = Vec::new();
    for part in cursor.rest().split(|word| word.is(",")) {
        let negated = part.first().is_some_and(|word| word.is("not"));
        let words = &part[usize::from(negated)..];
        let place = devices::place_of(scenario, words);
        let words = &words[usize::from(place.is_some())..];
        if words.is_empty() {
            return Err(at(number, "an observable is missing".to_owned()));
        }
        if place.is_none() && !scenario.devices.is_empty() {
            return Err(at(number, devices::needs_device(scenario)));
        }
        vocabulary::check(scenario, number, place.as_deref(), words)?;
        wants.push(Want {
            negated,
            place,
            words: words.to_vec(),
        });
    }
    Ok(LineKind::Check(Check {
        within,
        mood,
        wants,
    }))
}
