//! Makes a story that breaks a law as short and as plain as it can be.
//!
//! # Promises
//!
//! - **K1** the result breaks the same law as the story it began with.
//! - **K2** it ends: each round makes the story shorter, and the number of tries has a bound.

use core::time::Duration;

use super::draft::CALLS;
use super::heal::LAST;
use super::story::Story;
use super::{Found, Mode, judge};
use crate::player::Failure;
use crate::scenario::{parse, print, read_span, write_span};

/// Most stories played for one result.
const TRIES_MAX: usize = 30_000;

/// Waits from plain to less plain.
const PLAIN_WAITS: [&str; 4] = ["0s", "1s", "10s", "100ms"];

/// Shrinks a story that fails in this way.
pub(super) fn shrink(title: &str, mode: Mode, story: Story, failure: Failure) -> Found {
    let mut search = Search {
        class: class(&failure),
        best: story,
        tries: 0,
    };
    let without_ending = Story {
        ending: Vec::new(),
        ..search.best.clone()
    };
    search.consider(without_ending);
    let mut before = None;
    while before.as_ref() != Some(&search.best) && search.tries < TRIES_MAX {
        before = Some(search.best.clone());
        search.fewer_acts();
        search.plainer_head();
        search.plainer_waits();
        search.shorter_acts();
        search.shorter_ending();
    }
    search.first_names();
    let failure = judge(&search.best).1.unwrap_or(failure);
    let text = search.best.text(title);
    let story = parse(&text).as_ref().map_or(text.clone(), print);
    Found {
        title: title.to_owned(),
        mode,
        failure,
        story,
    }
}

/// What stays the same while a story shrinks: the law, or that some check fails.
fn class(failure: &Failure) -> String {
    let is_check = ["expect", "state", "within", "never"]
        .iter()
        .any(|word| failure.expected.starts_with(word));
    if is_check {
        "check".to_owned()
    } else {
        failure.expected.clone()
    }
}

struct Search {
    class: String,
    best: Story,
    tries: usize,
}

impl Search {
    /// Takes a story if it fails in the same way.
    fn consider(&mut self, story: Story) -> bool {
        if story == self.best || self.tries >= TRIES_MAX {
            return false;
        }
        self.tries += 1;
        let fails = judge(&story).1.is_some_and(|f| class(&f) == self.class);
        if fails {
            self.best = story;
        }
        fails
    }

    fn fewer_acts(&mut self) {
        let mut size = (self.best.acts.len() / 2).max(1);
        loop {
            let mut start = 0;
            while start < self.best.acts.len() {
                let end = (start + size).min(self.best.acts.len());
                let mut fewer = self.best.clone();
                fewer.acts.drain(start..end);
                let is_shorter = self.consider(fewer) || (size == 1 && self.merge_act(start));
                if !is_shorter {
                    start = end;
                }
            }
            if size == 1 {
                return;
            }
            size /= 2;
        }
    }

    /// Leaves out an act, and the next one waits for so much longer.
    fn merge_act(&mut self, act: usize) -> bool {
        let mut fewer = self.best.clone();
        let (gone, _) = wait_of(&fewer.acts.remove(act));
        let Some(next) = fewer.acts.get_mut(act) else {
            return false;
        };
        let (wait, rest) = wait_of(next);
        *next = format!("at +{} {rest}", write_span(wait.saturating_add(gone)));
        self.consider(fewer)
    }

    /// Fewer header lines, fewer fields of apps, fewer names of calls, no seed.
    fn plainer_head(&mut self) {
        self.consider(Story {
            seed: 0,
            ..self.best.clone()
        });
        let mut line = 0;
        while line < self.best.header.len() {
            let mut fewer = self.best.clone();
            fewer.header.remove(line);
            if !self.consider(fewer) {
                self.shorter_header(line);
                line += 1;
            }
        }
    }

    fn shorter_header(&mut self, line: usize) {
        let mut word = 1;
        while let Some(shorter) = without_word(&self.best.header[line], word) {
            let mut fewer = self.best.clone();
            fewer.header[line] = shorter;
            if !self.consider(fewer) {
                word += 1;
            }
        }
    }

    fn plainer_waits(&mut self) {
        for act in 0..self.best.acts.len() {
            for wait in PLAIN_WAITS {
                let words = self.best.acts[act].clone();
                let Some((now, rest)) = words.strip_prefix("at +").and_then(|w| w.split_once(' '))
                else {
                    continue;
                };
                let mut plainer = self.best.clone();
                plainer.acts[act] = format!("at +{wait} {rest}");
                if now == wait || self.consider(plainer) {
                    break;
                }
            }
        }
    }

    /// Acts without the words at their end.
    fn shorter_acts(&mut self) {
        for act in 0..self.best.acts.len() {
            while let Some((shorter, _)) = self.best.acts[act].rsplit_once(' ') {
                let mut fewer = self.best.clone();
                fewer.acts[act] = shorter.trim_end_matches(',').to_owned();
                if !self.consider(fewer) {
                    break;
                }
            }
        }
    }

    fn shorter_ending(&mut self) {
        let mut line = 0;
        while line < self.best.ending.len() {
            let mut fewer = self.best.clone();
            let gone = fewer.ending.remove(line);
            // Without its call the last check says nothing.
            let is_needed = gone.split(' ').any(|word| word == LAST);
            if is_needed || !self.consider(fewer) {
                self.shorter_check(line);
                line += 1;
            }
        }
    }

    /// A check of the ending without the observables that hold.
    fn shorter_check(&mut self, line: usize) {
        let Some(list) = self.best.ending[line].strip_prefix("  state ") else {
            return;
        };
        let parts: Vec<String> = list.split(", ").map(str::to_owned).collect();
        for part in parts {
            let mut fewer = self.best.clone();
            fewer.ending[line] = format!("  state {part}");
            if self.consider(fewer) {
                return;
            }
        }
    }

    /// Calls get the first names, in order of appearance.
    fn first_names(&mut self) {
        let lines = self.best.acts.iter().chain(&self.best.ending);
        let mut seen: Vec<String> = Vec::new();
        for word in lines.flat_map(|line| line.split([' ', ','])) {
            if CALLS.contains(&word) && !seen.iter().any(|name| name == word) {
                seen.push(word.to_owned());
            }
        }
        let rename = |line: &String| {
            let words = line.split(' ').map(|word| {
                let bare = word.trim_end_matches(',');
                let comma = &word[bare.len()..];
                match seen.iter().position(|name| name == bare) {
                    Some(number) => format!("{}{comma}", CALLS[number]),
                    None => word.to_owned(),
                }
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let renamed = Story {
            header: self.best.header.iter().map(rename).collect(),
            acts: self.best.acts.iter().map(rename).collect(),
            ending: self.best.ending.iter().map(rename).collect(),
            ..self.best.clone()
        };
        self.consider(renamed);
    }
}

/// The wait of an act and what happens then.
fn wait_of(act: &str) -> (Duration, String) {
    let words = act.strip_prefix("at ").unwrap_or(act);
    let (wait, rest) = words.split_once(' ').unwrap_or((words, ""));
    let span = read_span(wait.trim_start_matches('+')).unwrap_or_default();
    (span, rest.to_owned())
}

/// The line without one of its words; `None` if it has no such word. Braces go with what they hold.
fn without_word(line: &str, word: usize) -> Option<String> {
    let mut words: Vec<&str> = line.split(' ').collect();
    if word >= words.len() {
        return None;
    }
    words.remove(word);
    if words.ends_with(&["{", "}"]) {
        words.truncate(words.len() - 2);
    }
    Some(words.join(" ").trim_end_matches(',').to_owned())
}
