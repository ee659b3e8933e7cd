//! Where output goes: text that fits the width of a terminal, or JSON.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::failure::Failure;

/// The width that human output keeps to.
pub const WIDTH: usize = 80;

/// How something is marked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// As any text.
    Plain,
    /// A heading.
    Strong,
    /// Less important.
    Faint,
    /// All is well.
    Good,
    /// Something to look at.
    Warning,
    /// Something is wrong.
    Bad,
}

impl Mark {
    /// ECMA-48, section 8.3.117 (SGR).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
            Self::Bad => "\x1b[31m",
        }
    }
}

/// Standard output and error.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    json: bool,
    color: bool,
}

impl Screen {
    /// With `json`, for programs.
    pub fn new(json: bool) -> Self {
        // https://no-color.org: set to anything but nothing.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = io::stdout().is_terminal() && !refused && !json;
        Self { json, color }
    }

    /// Whether output is for programs.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// The text, colored if colors are shown.
    pub fn marked(&self, mark: Mark, text: &str) -> String {
        if self.color && mark != Mark::Plain {
            format!("{}{text}\x1b[0m", mark.code())
        } else {
            text.to_owned()
        }
    }

    /// Writes a line. A reader that went away ends the program, as for any filter.
    pub fn line(&self, text: &str) {
        let mut out = io::stdout().lock();
        if writeln!(out, "{}", text.trim_end()).is_err() || out.flush().is_err() {
            std::process::exit(0);
        }
    }

    /// Writes a document in one line.
    pub fn document(&self, document: &impl Serialize) {
        match serde_json::to_string(document) {
            Ok(text) => self.line(&text),
            Err(error) => self.line(&json!({ "error": error.to_string() }).to_string()),
        }
    }

    /// Tells why it did not work, and gives the exit code.
    pub fn fail(&self, failure: &Failure) -> ExitCode {
        let text = if self.json {
            failure.to_json().to_string()
        } else {
            wrapped(&format!("hookswitch: {}", failure.message()), 0)
        };
        // Where nobody listens, the exit code still tells.
        let _ = writeln!(io::stderr(), "{text}");
        failure.code()
    }
}

/// Fits a text into a column: cut with "…" if too wide, filled with spaces if too narrow.
pub fn column(text: &str, width: usize) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.width() <= width {
        let fill = width - clean.width();
        return clean + &" ".repeat(fill);
    }
    let mut used = 0;
    let kept: String = clean
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used < width
        })
        .collect();
    let fill = width - 1 - kept.width();
    kept + "…" + &" ".repeat(fill)
}

/// Breaks a text at spaces, so that it fits between the column `indent` and [`WIDTH`]; lines after
/// the first begin at that column.
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if indent + line.width() + 1 + word.width() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_width_in_any_script() {
        for text in [
            "Ana",
            "Ana Kowalska of the long name",
            "田中太郎さんです",
            "a\nb",
            "",
        ] {
            assert_eq!(column(text, 9).width(), 9, "{text}");
        }
        assert_eq!(column("Ana Kowalska", 9), "Ana Kowa…");
    }

    #[test]
    fn text_breaks_at_spaces() {
        let text = format!("  {}", wrapped(&"word ".repeat(40), 2));
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        assert!(text.lines().all(|line| line.starts_with("  w")), "{text}");
    }

    #[test]
    fn no_color_without_a_terminal() {
        let screen = Screen {
            json: false,
            color: false,
        };
        assert_eq!(screen.marked(Mark::Bad, "x"), "x");
    }
}
