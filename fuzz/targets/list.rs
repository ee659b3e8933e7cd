//! Lists of numbers in all formats: the pieces in which a file comes make no difference.
//!
//! The first byte says where the file is cut.

#![no_main]

use hookswitch_directory::lists::{Bare, Format, ListReader, NoPlan, Reading};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((cut, file)) = bytes.split_first() else {
        return;
    };
    for format in Format::ALL {
        let whole = events(format, &[file]);
        let (front, back) = file.split_at(usize::from(*cut).min(file.len()));
        assert_eq!(events(format, &[front, back]), whole);
    }
});

fn events(format: Format, pieces: &[&[u8]]) -> (Vec<(u64, u64)>, u64) {
    let reading = Reading {
        bare: Bare::WithCode,
        plan: &NoPlan,
    };
    let mut reader = ListReader::new(format, reading);
    let mut lines = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut |event| lines.push((event.line, event.lines)));
    }
    let count = reader.finish(&mut |event| lines.push((event.line, event.lines)));
    (lines, count)
}
