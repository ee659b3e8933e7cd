//! A recording played again on a fresh core, and where it goes another way.

use std::collections::BTreeMap;

use super::story::cut;
use crate::player::play;
use crate::scenario::parse;
use crate::trace::{self, Kind, Line, Trace};

/// What a replay showed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// How many effects were the same.
    pub same: usize,
    /// The first one that was not.
    pub divergence: Option<Divergence>,
    /// The replay as a trace, with the states that a recording does not have.
    pub replayed: Trace,
}

/// The first effect that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Divergence {
    /// The line of the recording; `None` if the replay did more.
    pub recorded: Option<Line>,
    /// The line of the replay; `None` if the recording did more.
    pub replayed: Option<Line>,
}

/// Plays a recording again.
///
/// # Errors
///
/// A sentence, if it cannot be played: it is no recording, or it has no beginning.
pub fn replay(recording: &Trace) -> Result<Verdict, String> {
    let story = cut(recording)?;
    if recording.head.inherited > 0 {
        return Err(format!(
            "the recording begins with {} live calls and cannot be played from the middle",
            recording.head.inherited
        ));
    }
    let story = parse(&story).map_err(|why| format!("the recording makes no story: {why}"))?;
    let run = play(&story);
    let replayed = trace::of(&story, &run);
    let (old, new) = (effects(recording), effects(&replayed));
    let (old_words, new_words) = (plain(&old), plain(&new));
    let pairs = old_words.iter().zip(&new_words);
    let same = pairs.take_while(|(a, b)| a == b).count();
    let differs = same < old.len() || same < new.len();
    let divergence = differs.then(|| Divergence {
        recorded: old.get(same).map(|line| (*line).clone()),
        replayed: new.get(same).map(|line| (*line).clone()),
    });
    Ok(Verdict {
        same,
        divergence,
        replayed,
    })
}

/// A recording with the states after each step, as far as playing it again tells them.
#[must_use]
pub fn with_states(mut recording: Trace) -> Trace {
    let Ok(verdict) = replay(&recording) else {
        return recording;
    };
    let published = |line: &&Line| line.what == "publish";
    let states: Vec<_> = verdict.replayed.lines.iter().filter(published).collect();
    let count = recording.lines.iter().filter(published).count();
    if verdict.divergence.is_none() && states.len() == count {
        let lines = recording
            .lines
            .iter_mut()
            .filter(|line| line.what == "publish");
        for (line, known) in lines.zip(states) {
            line.state.clone_from(&known.state);
        }
    }
    recording
}

fn effects(trace: &Trace) -> Vec<&Line> {
    let lines = trace.lines.iter();
    let lines = lines.filter(|line| line.kind == Kind::Effect && line.what != "publish");
    lines.collect()
}

/// Effects in words that do not depend on where counting began, nor on how late a clock woke.
fn plain(lines: &[&Line]) -> Vec<String> {
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for line in lines {
        let mut words: Vec<String> = line.words().map(str::to_owned).collect();
        if words
            .first()
            .is_some_and(|word| word == "ask" || word == "screen")
        {
            words.truncate(words.len().saturating_sub(2));
        }
        for word in &mut words {
            let Some(kind) = counter(word) else {
                continue;
            };
            let known = ids.entry(word.clone()).or_insert_with(|| {
                let count = counts.entry(kind.to_owned()).or_default();
                *count += 1;
                format!("{kind}{count}")
            });
            word.clone_from(known);
        }
        out.push(words.join(" "));
    }
    out
}

/// The kind of an id that is counted: `t12` is a `t`.
fn counter(word: &str) -> Option<&'static str> {
    let kinds = ["t", "p", "ask"];
    kinds.into_iter().find(|kind| {
        let digits = word.strip_prefix(kind).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
