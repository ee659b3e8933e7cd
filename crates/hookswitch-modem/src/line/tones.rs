//! Tones: one at a time, in order, with pauses.

use std::collections::VecDeque;
use std::time::Instant;

use crate::words::{AskNumber, CallPath, Digits, Verb, VerbNumber};

use super::{Line, PAUSE};

/// The tones of one ask. It is fulfilled when the modem has taken its first tone: a string with
/// pauses may last longer than any ask.
#[derive(Clone, Debug)]
pub(super) struct ToneQueue {
    ask: Option<AskNumber>,
    path: CallPath,
    left: VecDeque<char>,
    playing: Option<VerbNumber>,
    pub(super) pause_until: Option<Instant>,
}

impl ToneQueue {
    pub(super) fn new(ask: AskNumber, path: CallPath, digits: &Digits) -> Self {
        Self {
            ask: Some(ask),
            path,
            left: digits.0.chars().collect(),
            playing: None,
            pause_until: None,
        }
    }
}

impl Line {
    /// Plays the next tone of each call, unless it plays or pauses.
    pub(super) fn play_on(&mut self) {
        let mut busy: Vec<CallPath> = Vec::new();
        let mut index = 0;
        while index < self.tones.len() {
            let path = self.tones[index].path.clone();
            if !busy.contains(&path) && self.play_queue(index) {
                self.tones.remove(index);
                continue;
            }
            busy.push(path);
            index += 1;
        }
    }

    /// Goes on with one queue; true when it is over.
    fn play_queue(&mut self, index: usize) -> bool {
        let now = self.now;
        let queue = &mut self.tones[index];
        if queue.playing.is_some() || queue.pause_until.is_some_and(|until| until > now) {
            return false;
        }
        queue.pause_until = None;
        match queue.left.pop_front() {
            Some(',' | ';') => {
                queue.pause_until = Some(now + PAUSE);
                if let Some(ask) = queue.ask.take() {
                    self.settle(ask, Ok(()));
                }
                false
            }
            Some(tone) => {
                let path = queue.path.clone();
                let verb = self.start_verb(Verb::Tone(path, tone));
                self.tones[index].playing = Some(verb);
                false
            }
            None => true,
        }
    }

    /// True if the verb was a tone.
    pub(super) fn tone_finished(
        &mut self,
        verb: VerbNumber,
        result: &Result<Option<CallPath>, String>,
    ) -> bool {
        let plays = |queue: &ToneQueue| queue.playing == Some(verb);
        let Some(index) = self.tones.iter().position(plays) else {
            return false;
        };
        let queue = &mut self.tones[index];
        queue.playing = None;
        let ask = queue.ask.take();
        let settled = match result {
            Ok(_) => Ok(()),
            Err(_) => {
                queue.left.clear();
                Err("the modem refused the tone")
            }
        };
        if let Some(ask) = ask {
            self.settle(ask, settled);
        }
        true
    }

    /// The call is gone, and its tones with it.
    pub(super) fn drop_tones(&mut self, path: &CallPath) {
        let over = |queue: &ToneQueue| queue.path == *path;
        let asks: Vec<_> = self
            .tones
            .iter()
            .filter(|q| over(q))
            .filter_map(|q| q.ask)
            .collect();
        self.tones.retain(|queue| !over(queue));
        asks.into_iter()
            .for_each(|ask| self.settle(ask, Err("the call is gone")));
    }
}
