//! Bytes to lines: bounded, with line numbers, in any of the usual ways to end a line.

use std::borrow::Cow;

use super::LINE_MAX;

/// One line, without its end.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u64,
    /// What is in it.
    pub(super) text: Cow<'a, str>,
    /// It was longer than the limit; the text is empty then.
    pub(super) is_cut: bool,
}

/// Splits bytes into lines.
#[derive(Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    cut: bool,
    count: u64,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], visit: &mut dyn FnMut(Line<'_>)) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|b| *b == b'\n') {
            if self.begun.is_empty() && !self.cut && at <= LINE_MAX {
                self.count += 1;
                visit(line(self.count, &rest[..at]));
            } else {
                self.push(&rest[..at]);
                self.close(visit);
            }
            rest = &rest[at + 1..];
        }
        self.push(rest);
    }

    /// The last line may have no end. Gives the number of lines.
    pub(super) fn finish(&mut self, visit: &mut dyn FnMut(Line<'_>)) -> u64 {
        if !self.begun.is_empty() || self.cut {
            self.close(visit);
        }
        self.count
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.cut || self.begun.len() + bytes.len() > LINE_MAX {
            self.cut = true;
            self.begun.clear();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }

    fn close(&mut self, visit: &mut dyn FnMut(Line<'_>)) {
        self.count += 1;
        let mut whole = line(self.count, &self.begun);
        whole.is_cut = self.cut;
        visit(whole);
        self.begun.clear();
        self.cut = false;
    }
}

fn line(number: u64, bytes: &[u8]) -> Line<'_> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let mark: &[u8] = b"\xEF\xBB\xBF";
    let bytes = bytes
        .strip_prefix(mark)
        .filter(|_| number == 1)
        .unwrap_or(bytes);
    Line {
        number,
        text: decode(bytes),
        is_cut: false,
    }
}

/// UTF-8, or else Latin-1: old exports of routers and spreadsheets.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
    }
}
