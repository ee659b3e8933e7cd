//! Source text with its comments and strings told apart.
//!
//! Input: Rust or TypeScript text.
//! Output: [`split`], the same text twice, line for line and column for column: once with only
//! the code left, once with only the comments left.
//!
//! # Promises
//!
//! - **Z1** both results have as many lines as the input.
//! - **Z2** text in strings, characters and comments never looks like code.
//!
//! Regular expressions of TypeScript are read as code; one that holds a quote can confuse the
//! rest of its line, not more.

/// Code and comments of one text.
#[derive(Debug, Default)]
pub struct Split {
    /// The text with strings and comments blanked.
    pub code: String,
    /// The text with everything but comments blanked.
    pub comments: String,
}

/// The language of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// Rust.
    Rust,
    /// TypeScript.
    TypeScript,
}

/// Tells code and comments apart.
pub fn split(text: &str, language: Language) -> Split {
    let chars = text.chars().collect::<Vec<_>>();
    let mut reader = Reader {
        chars: &chars,
        at: 0,
        out: Split::default(),
    };
    while reader.at < chars.len() {
        reader.step(language);
    }
    reader.out
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    out: Split,
}

impl Reader<'_> {
    fn step(&mut self, language: Language) {
        let (here, next) = (self.peek(0), self.peek(1));
        match (here, next) {
            ('/', '/') => self.until(Kind::Comment, |reader| reader.peek(0) == '\n'),
            ('/', '*') => self.block_comment(language),
            ('"', _) => self.quoted('"'),
            ('r', '"' | '#') if language == Language::Rust && !self.inside_word() => self.raw(),
            ('\'', _) if language == Language::Rust => self.char_or_lifetime(),
            ('\'' | '`', _) if language == Language::TypeScript => self.quoted(here),
            _ => self.put(Kind::Code),
        }
    }

    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\n')
    }

    fn inside_word(&self) -> bool {
        // `br"` is a raw string as well, so a `b` before it counts as outside.
        let before = self.at.checked_sub(1).map_or(' ', |at| self.chars[at]);
        before != 'b' && (before.is_alphanumeric() || before == '_')
    }

    fn put(&mut self, kind: Kind) {
        let Some(next) = self.chars.get(self.at).copied() else {
            return;
        };
        self.at += 1;
        let blank = if next == '\n' { '\n' } else { ' ' };
        self.out
            .code
            .push(if kind == Kind::Code { next } else { blank });
        self.out
            .comments
            .push(if kind == Kind::Comment { next } else { blank });
    }

    fn until(&mut self, kind: Kind, done: impl Fn(&Self) -> bool) {
        while self.at < self.chars.len() && !done(self) {
            self.put(kind);
        }
    }

    /// Rust's block comments nest, TypeScript's do not.
    fn block_comment(&mut self, language: Language) {
        let mut depth = 0_u32;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') if depth == 0 || language == Language::Rust => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.put(Kind::Comment);
                    continue;
                }
            }
            self.put(Kind::Comment);
            self.put(Kind::Comment);
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        self.put(Kind::Text);
        while self.at < self.chars.len() {
            let here = self.peek(0);
            self.put(Kind::Text);
            match here {
                '\\' => self.put(Kind::Text),
                _ if here == quote => return,
                _ => {}
            }
        }
    }

    fn raw(&mut self) {
        let hashes = (1..).take_while(|ahead| self.peek(*ahead) == '#').count();
        if self.peek(1 + hashes) != '"' {
            return self.put(Kind::Code);
        }
        for _ in 0..hashes + 2 {
            self.put(Kind::Text);
        }
        let closes = |r: &Self| r.peek(0) == '"' && (1..=hashes).all(|ahead| r.peek(ahead) == '#');
        self.until(Kind::Text, closes);
        for _ in 0..=hashes {
            self.put(Kind::Text);
        }
    }

    fn char_or_lifetime(&mut self) {
        let is_char = self.peek(1) == '\\' || self.peek(2) == '\'';
        if !is_char {
            return self.put(Kind::Code);
        }
        self.put(Kind::Text);
        if self.peek(0) == '\\' {
            self.put(Kind::Text);
        }
        self.put(Kind::Text);
        self.until(Kind::Text, |reader| reader.peek(0) == '\'');
        self.put(Kind::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_no_code() {
        check(r#"let a = "fn {"; // {"#, r#"let a =       ;     "#);
        check(r##"r#"a " { "# + b"{""##, r##"            + b   "##);
        check("'{' 'a '\\'' x", "    'a      x");
        check("/* { /* } */ { */ y", "                  y");
    }

    #[test]
    fn typescript_strings_are_no_code() {
        let split = split("const a = `{ ${b} }` + '{';", Language::TypeScript);
        assert!(!split.code.contains('{'), "{}", split.code);
    }

    #[test]
    fn comments_keep_their_place() {
        let split = split("x // one\n\"no\" /* two */", Language::Rust);
        assert_eq!(split.comments, "  // one\n     /* two */");
    }

    #[track_caller]
    fn check(text: &str, code: &str) {
        assert_eq!(split(text, Language::Rust).code, code);
    }
}
