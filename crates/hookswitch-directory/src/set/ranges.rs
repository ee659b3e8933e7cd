//! All numbers of a set in order.

use super::block::{Super, Tokens};
use super::view::NumberSet;

/// The ranges of consecutive numbers of a set, in ascending order.
///
/// On bytes that were not checked ([`NumberSet::verify`]) it ends, but what it gives is anything.
#[derive(Debug)]
pub struct Ranges<'s, 'a> {
    set: &'s NumberSet<'a>,
    next_super: usize,
    open: Option<Super<'s>>,
    next_block: usize,
    tokens: Option<Tokens<'s>>,
    /// The range that is being read.
    range: Option<(u64, u64)>,
}

impl<'s, 'a> Ranges<'s, 'a> {
    pub(super) fn new(set: &'s NumberSet<'a>) -> Self {
        Self {
            set,
            next_super: 0,
            open: None,
            next_block: 0,
            tokens: None,
            range: None,
        }
    }

    /// Goes to the next block; gives its first number.
    fn next_block(&mut self) -> Option<u64> {
        loop {
            if let Some(open) = &self.open
                && self.next_block < open.group.blocks
            {
                let block = self.next_block;
                self.next_block += 1;
                self.tokens = Some(open.tokens(block));
                return Some(open.head.wrapping_add(open.group.key(block)));
            }
            if self.next_super >= self.set.supers() {
                return None;
            }
            self.open = self.set.super_at(self.next_super);
            self.next_super += 1;
            self.next_block = 0;
        }
    }
}

impl Iterator for Ranges<'_, '_> {
    type Item = (u64, u64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.tokens.as_mut().and_then(Tokens::step) {
                Some(step) if step.is_run => {
                    if let Some((_, last)) = &mut self.range {
                        *last = last.saturating_add(step.by);
                    }
                }
                Some(step) => {
                    let done = self.range?;
                    let next = done.1.saturating_add(step.by);
                    self.range = Some((next, next));
                    return Some(done);
                }
                None => {
                    let done = self.range.take();
                    self.tokens = None;
                    self.range = self.next_block().map(|head| (head, head));
                    if done.is_some() || self.range.is_none() {
                        return done;
                    }
                }
            }
        }
    }
}
