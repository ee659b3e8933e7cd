//! How wide a text will be, without a font: an estimate on the safe side.
//!
//! The widths are those of wide sans-serif faces; narrower faces leave some air.

/// The width of a text in pixels at a font size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The width of a text in a face with letters of one width.
pub(super) fn mono(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * 0.605 * size
}

/// A part of a letter's height.
fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '!' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' | 'I' => 0.42,
        'm' | 'w' | 'M' | 'W' | '&' | '@' => 0.96,
        'A'..='Z' => 0.71,
        'a'..='z' | '0'..='9' => 0.62,
        letter if letter.is_ascii() => 0.66,
        _ => 1.02,
    }
}

/// The longest beginning of a text that fits, with an ellipsis if something is left out.
pub(super) fn clip(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = width("\u{2026}", size);
    for letter in text.chars() {
        used += em(letter) * size;
        if used > room {
            break;
        }
        out.push(letter);
    }
    format!("{}\u{2026}", out.trim_end())
}

/// A text in lines that fit; a word that is too long is cut.
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = clip(word, size, room);
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) | None => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clipped_text_fits() {
        for room in [10.0, 40.0, 90.0] {
            let text = clip("held by other call", 12.5, room);
            assert!(width(&text, 12.5) <= room.max(13.0), "{text}");
        }
        assert_eq!(clip("held", 12.5, 90.0), "held");
    }

    #[test]
    fn wrapped_lines_keep_every_word() {
        let text = "The cellular call is ended by the other party";
        let lines = wrap(text, 12.5, 120.0);
        assert!(lines.iter().all(|line| width(line, 12.5) <= 120.0));
        assert_eq!(lines.join(" "), text);
    }
}
