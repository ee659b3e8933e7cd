//! Sizes: files, functions and lines of Rust and TypeScript.
//!
//! Input: a file. Output: what is too long. A function is counted from its first line to its
//! closing brace.

use super::Finding;
use super::tree::File;
use crate::source::Language;

/// Most lines of a file.
pub const FILE_LINES_MAX: usize = 800;
/// Most lines of a function.
pub const FUNCTION_LINES_MAX: usize = 70;
/// Most columns of a line.
pub const LINE_COLUMNS_MAX: usize = 100;

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let (Some(split), Some(language)) = (&file.split, file.language()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        let message = format!("{lines} lines; at most {FILE_LINES_MAX}: split it by concept");
        findings.push(Finding::new(&file.path, 1, message));
    }
    for (index, line) in file.text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > LINE_COLUMNS_MAX && !line.contains("://") {
            let message = format!("{columns} columns; at most {LINE_COLUMNS_MAX}");
            findings.push(Finding::new(&file.path, index + 1, message));
        }
    }
    for (name, first, last) in functions(&split.code, language) {
        let length = last - first + 1;
        if length > FUNCTION_LINES_MAX {
            let message =
                format!("`{name}` has {length} lines; at most {FUNCTION_LINES_MAX}: split it");
            findings.push(Finding::new(&file.path, first, message));
        }
    }
    findings
}

/// Every function with its name, first and last line.
fn functions(code: &str, language: Language) -> Vec<(String, usize, usize)> {
    let keyword = match language {
        Language::Rust => "fn ",
        Language::TypeScript => "function ",
    };
    let starts = code.match_indices(keyword).filter(|(at, _)| {
        let before = code[..*at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && before != '_'
    });
    starts
        .filter_map(|(at, _)| span(code, at, keyword.len()))
        .collect()
}

fn span(code: &str, at: usize, keyword: usize) -> Option<(String, usize, usize)> {
    let rest = &code[at + keyword..];
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    let name = rest.chars().take_while(is_word).collect::<String>();
    let open = rest
        .find(['{', ';'])
        .filter(|open| rest[*open..].starts_with('{'))?;
    let mut depth = 0_usize;
    for (offset, next) in rest[open..].char_indices() {
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let line = |at: usize| code[..at].matches('\n').count() + 1;
            return Some((name, line(at), line(at + keyword + open + offset)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_found() {
        let body = "    let _ = \"}\";\n".repeat(69);
        check_sizes(&format!("fn fits() {{\n{}}}\n", &body[17..]), 0);
        check_sizes(&format!("fn long() {{\n{body}}}\n"), 1);
        check_sizes(&format!("// {}\n", "x".repeat(98)), 1);
        check_sizes(&"//\n".repeat(801), 1);
    }

    #[test]
    fn declarations_have_no_length() {
        check_sizes("trait T { fn a(&self); }\ntype F = fn(u8);\n", 0);
    }

    #[track_caller]
    fn check_sizes(text: &str, want: usize) {
        let findings = check(&File::new("crates/x/src/a.rs", text));
        assert_eq!(findings.len(), want, "{findings:?}");
    }
}
