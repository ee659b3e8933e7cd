//! Reads a trace back, of this version or the one before.
//!
//! Unknown members are passed over, so that newer files of the same version stay readable.

use hookswitch_model::{Stamp, Timestamp, Wall};
use serde_json::Value;

use super::{CallState, Head, Kind, Line, Origin, State, TRACE_VERSION, Trace, Unmet};

/// Most lines of one trace.
const LINES_MAX: usize = 1_000_000;

/// What to do about a file that is something else.
const NO_TRACE: &str = "line 1: this is no trace; \"hookswitch sim run FILE --trace TRACE\" writes \
                        one of a story, \"hookswitch record\" one of what just happened";

impl Trace {
    /// Reads JSON lines.
    ///
    /// # Errors
    ///
    /// A sentence with the number of the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or("the file is empty")?;
        let head = parse(1, first).unwrap_or_default();
        if head["format"] != "hookswitch-trace" {
            return Err(NO_TRACE.to_owned());
        }
        let version = head["v"].as_u64().unwrap_or(0);
        if version == 0 || version > u64::from(TRACE_VERSION) {
            return Err(format!(
                "line 1: version {version} is not known; this program reads 1 to {TRACE_VERSION}"
            ));
        }
        let mut trace = Self {
            head: read_head(&head),
            lines: Vec::new(),
        };
        for (number, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
            if trace.lines.len() >= LINES_MAX {
                return Err(format!("more than {LINES_MAX} lines"));
            }
            let value = parse(number + 1, text)?;
            let line = read_line(&value).map_err(|why| format!("line {}: {why}", number + 1))?;
            let last = trace.lines.last().map_or(0, |line| line.seq);
            if line.seq <= last {
                return Err(format!("line {}: seq does not grow", number + 1));
            }
            trace.lines.push(line);
        }
        Ok(trace)
    }
}

fn parse(number: usize, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|why| format!("line {number}: {why}"))
}

fn read_head(value: &Value) -> Head {
    let list = value["failures"].as_array();
    let unmet = list.into_iter().flatten().map(|unmet| Unmet {
        line: usize::try_from(number(unmet, "line")).unwrap_or(0),
        expected: text(unmet, "expected"),
        found: text(unmet, "found"),
        seq: number(unmet, "seq"),
        from: Timestamp::from_nanos(number(unmet, "from_ns")),
        at: Timestamp::from_nanos(number(unmet, "at_ns")),
    });
    Head {
        title: text(value, "title"),
        profile: text(value, "profile"),
        seed: number(value, "seed"),
        checks: usize::try_from(number(value, "checks")).unwrap_or(0),
        unmet: unmet.collect(),
        story: value["story"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|line| line.as_str().map(str::to_owned))
            .collect(),
        recording: match value["story"].is_array() {
            true => value["recording"]
                .as_u64()
                .map_or(1, |version| u32::try_from(version).unwrap_or(u32::MAX)),
            false => 0,
        },
        dropped: number(value, "dropped"),
        inherited: usize::try_from(number(value, "inherited")).unwrap_or(0),
    }
}

fn read_line(value: &Value) -> Result<Line, String> {
    let kind = match value["kind"].as_str() {
        Some("event") => Kind::Event,
        Some("effect") => Kind::Effect,
        Some(_) | None => return Err("kind is neither event nor effect".to_owned()),
    };
    let at = value["at_ns"].as_u64().ok_or("at_ns is missing")?;
    let wall = value["wall_ms"].as_i64().unwrap_or(0);
    let origin = value["origin"].as_str().and_then(Origin::from_name);
    let optional = |name: &str| value[name].as_str().map(str::to_owned);
    let what = text(value, "what");
    if what.is_empty() {
        return Err("what is missing".to_owned());
    }
    Ok(Line {
        seq: value["seq"].as_u64().ok_or("seq is missing")?,
        at: Stamp::new(Timestamp::from_nanos(at), Wall::from_millis(wall)),
        monotonic: Timestamp::from_nanos(value["monotonic_ns"].as_u64().unwrap_or(at)),
        kind,
        device: optional("device"),
        actor: text(value, "actor"),
        target: text(value, "target"),
        origin: origin.ok_or("origin is not known")?,
        cause: value["cause"].as_u64(),
        call: optional("call"),
        what,
        before: optional("before"),
        after: optional("after"),
        state: value.get("state").map(read_state),
        input: optional("input"),
    })
}

fn read_state(value: &Value) -> State {
    let optional = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let calls = value["calls"].as_array().into_iter().flatten();
    State {
        calls: calls
            .map(|call| CallState {
                call: text(call, "call"),
                app: text(call, "app"),
                phase: text(call, "phase"),
                pending: optional(call, "pending"),
                muted: call["muted"].as_bool().unwrap_or(false),
                remote_held: call["remote_held"].as_bool().unwrap_or(false),
                orphaned: call["orphaned"].as_bool().unwrap_or(false),
            })
            .collect(),
        lease: optional(value, "lease"),
        ringing: optional(value, "ringing"),
        route: optional(value, "route"),
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or(0)
}
