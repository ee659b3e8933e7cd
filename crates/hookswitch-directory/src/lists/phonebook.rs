//! Phonebooks in XML: Fritz!Box (`<contact><realName>…<number>`), Asterisk and desk phones
//! (`<DirectoryEntry><Name>…<Telephone>`).

use super::lines::Line;
use super::{Fault, Reading, Visit, refuse, tell};

/// Longest text between two tags, and longest tag, in bytes.
const TEXT_MAX: usize = 4096;

/// Most numbers of one contact.
const NUMBERS_MAX: usize = 64;

/// Reads tags and what stands between them.
#[derive(Default)]
pub(super) struct Phonebook {
    tag: Option<String>,
    text: String,
    text_line: u64,
    comment: bool,
    name: Option<String>,
    numbers: Vec<(u64, String)>,
}

impl Phonebook {
    pub(super) fn line(&mut self, line: &Line<'_>, reading: Reading<'_>, visit: Visit<'_>) {
        for c in line.text.chars().chain(core::iter::once('\n')) {
            self.take(c, line.number, reading, visit);
        }
    }

    pub(super) fn finish(&mut self, reading: Reading<'_>, visit: Visit<'_>) {
        self.close(reading, visit);
    }

    fn take(&mut self, c: char, line: u64, reading: Reading<'_>, visit: Visit<'_>) {
        if self.comment {
            push(&mut self.text, c);
            if self.text.ends_with("-->") || self.text.len() >= TEXT_MAX {
                self.comment = !self.text.ends_with("-->");
                self.text.clear();
            }
            return;
        }
        match (&mut self.tag, c) {
            (None, '<') => self.tag = Some(String::new()),
            (None, c) => {
                if self.text.trim().is_empty() {
                    self.text_line = line;
                }
                push(&mut self.text, c);
            }
            (Some(tag), '>') => {
                let tag = core::mem::take(tag);
                self.tag = None;
                self.on_tag(&tag, reading, visit);
            }
            (Some(tag), c) => {
                push(tag, c);
                if tag == "!--" {
                    self.tag = None;
                    self.text.clear();
                    self.comment = true;
                }
            }
        }
    }

    fn on_tag(&mut self, tag: &str, reading: Reading<'_>, visit: Visit<'_>) {
        let text = core::mem::take(&mut self.text);
        let word = |tag: &str| -> String {
            let word = tag.split([' ', '\t', '\n', '/']).next().unwrap_or_default();
            word.to_ascii_lowercase()
        };
        match tag.strip_prefix('/') {
            None => {
                if is_contact(&word(tag)) {
                    self.close(reading, visit);
                }
            }
            Some(end) => match word(end).as_str() {
                "realname" | "name" => self.name = Some(decode(text.trim())),
                "number" | "telephone" | "phonenumber" | "phone" => self.number(&text, visit),
                other if is_contact(other) => self.close(reading, visit),
                _ => {}
            },
        }
    }

    fn number(&mut self, text: &str, visit: Visit<'_>) {
        if self.numbers.len() < NUMBERS_MAX {
            self.numbers.push((self.text_line, decode(text.trim())));
        } else {
            refuse(visit, self.text_line, 1, Fault::TooManyNumbers);
        }
    }

    fn close(&mut self, reading: Reading<'_>, visit: Visit<'_>) {
        let name = self.name.take();
        let label = name.as_deref().map(str::trim).filter(|l| !l.is_empty());
        for (line, number) in core::mem::take(&mut self.numbers) {
            tell(visit, (line, 1), &number, label, reading);
        }
    }
}

fn is_contact(tag: &str) -> bool {
    matches!(tag, "contact" | "directoryentry" | "entry" | "item")
}

fn push(text: &mut String, c: char) {
    if text.len() < TEXT_MAX {
        text.push(c);
    }
}

/// The five entities of XML 1.0.
fn decode(text: &str) -> String {
    let table = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    let mut out = text.to_owned();
    for (entity, c) in table {
        out = out.replace(entity, c);
    }
    out
}
