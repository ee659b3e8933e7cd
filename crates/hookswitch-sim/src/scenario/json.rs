//! The JSON form of a scenario, for tools. It holds the words of each line, so that everything the
//! text can say, the JSON can say, and one reader checks both.

use core::fmt;

use serde_json::{Value, json};

use super::lex::{ScenarioError, Word, join, write_span};
use super::print::want_words;
use super::{FORMAT, Line, LineKind, Mood, Scenario, VERSION, When, parse};

/// Why a JSON text is no scenario.
#[derive(Debug)]
pub enum JsonError {
    /// It is not JSON.
    Syntax(serde_json::Error),
    /// It does not have the shape described in `docs/scenarios.md`.
    Shape(String),
    /// Its words are wrong; lines count from the version line.
    Words(ScenarioError),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(why) => write!(f, "not JSON: {why}"),
            Self::Shape(why) => write!(f, "not a scenario: {why}"),
            Self::Words(why) => write!(f, "line {why}"),
        }
    }
}

impl core::error::Error for JsonError {}

/// Writes the JSON form.
#[must_use]
pub fn to_json(scenario: &Scenario) -> String {
    let value = json!({
        "format": FORMAT,
        "version": VERSION,
        "title": scenario.title,
        "sources": scenario.sources,
        "covers": scenario.covers,
        "profile": scenario.profile.name(),
        "quirks": scenario.quirks.iter().map(|quirk| quirk.row().name).collect::<Vec<_>>(),
        "seed": scenario.seed,
        "apps": scenario.apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(),
        "calls": scenario.calls,
        "lines": scenario.lines.iter().map(line_to_json).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&value).expect("a value of strings always prints");
    text.push('\n');
    text
}

fn line_to_json(line: &Line) -> Value {
    match &line.kind {
        LineKind::Blank => json!({ "blank": true }),
        LineKind::Comment(text) => json!({ "comment": text }),
        LineKind::Header(words) => json!({ "header": strings(words) }),
        LineKind::Input(input) => {
            let (key, time) = match input.when {
                When::At(time) => ("at", time),
                When::After(span) => ("after", span),
            };
            json!({ key: write_span(time), "input": strings(&input.words) })
        }
        LineKind::Check(check) => {
            let mood = match check.mood {
                Mood::Expect | Mood::Times(_) => "expect",
                Mood::Never => "never",
                Mood::State => "state",
            };
            let mut value = json!({ "check": mood, "words": strings(&want_words(&check.wants)) });
            if let Some(within) = check.within {
                value["within"] = json!(write_span(within));
            }
            if let Mood::Times(times) = check.mood {
                value["exactly"] = json!(times);
            }
            value
        }
        LineKind::Effect(text) => json!({ "effect": text }),
        LineKind::Facts(text) => json!({ "facts": text }),
    }
}

/// Words as strings; a quoted word keeps its quotes, so that it stays one.
fn strings(words: &[Word]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// Reads the JSON form.
///
/// # Errors
///
/// [`JsonError`] says what is wrong with it.
pub fn from_json(text: &str) -> Result<Scenario, JsonError> {
    let value: Value = serde_json::from_str(text).map_err(JsonError::Syntax)?;
    let format = value["format"].as_str().unwrap_or_default();
    let version = value["version"].as_u64().unwrap_or_default();
    let mut out = format!("{format} {version}\n");
    let lines = value["lines"]
        .as_array()
        .ok_or_else(|| JsonError::Shape("\"lines\" has to be a list".to_owned()))?;
    for line in lines {
        out.push_str(&line_from_json(line)?);
        out.push('\n');
    }
    parse(&out).map_err(JsonError::Words)
}

fn line_from_json(line: &Value) -> Result<String, JsonError> {
    let text = |key: &str| line[key].as_str().map(one_line);
    if let Some(comment) = text("comment") {
        return Ok(format!("#{comment}"));
    }
    if let Some(effect) = text("effect") {
        return Ok(format!("> {effect}"));
    }
    if let Some(facts) = text("facts") {
        return Ok(format!("= {facts}"));
    }
    if let Some(header) = words(&line["header"]) {
        return Ok(header);
    }
    if let Some(input) = words(&line["input"]) {
        return match (text("at"), text("after")) {
            (Some(time), None) => Ok(format!("at {time} {input}")),
            (None, Some(span)) => Ok(format!("at +{span} {input}")),
            _ => Err(JsonError::Shape(
                "an input needs \"at\" or \"after\"".to_owned(),
            )),
        };
    }
    if let (Some(mood), Some(wants)) = (text("check"), words(&line["words"])) {
        let within = text("within").map_or(String::new(), |span| format!("within {span} "));
        let times = line["exactly"].as_u64();
        let times = times.map_or(String::new(), |times| format!("exactly {times} "));
        return Ok(format!("{within}{mood} {times}{wants}"));
    }
    if line["blank"].as_bool() == Some(true) {
        return Ok(String::new());
    }
    Err(JsonError::Shape(format!(
        "a line is of no known kind: {line}"
    )))
}

/// A line break inside a string would begin another line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn words(value: &Value) -> Option<String> {
    let list = value.as_array()?;
    let words: Vec<Word> = list
        .iter()
        .filter_map(Value::as_str)
        .map(|text| Word {
            text: one_line(text),
            quoted: false,
            column: 0,
        })
        .collect();
    Some(join(&words))
}
