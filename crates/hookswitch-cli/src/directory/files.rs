//! Files to events: read in pieces, whatever their size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use hookswitch_directory::lists::{
    Bare, Event, Format, ListReader, NoPlan, NumberingPlan, Reading, detect,
};
use hookswitch_number::Numbers;

use super::args::{FileFormat, ReadAs};
use crate::failure::Failure;

const PIECE: usize = 1 << 16;

/// Reads a file and gives its format.
pub fn read(
    path: &Path,
    how: &ReadAs,
    numbers: &Numbers,
    visit: &mut dyn FnMut(Event<'_>),
) -> Result<Format, Failure> {
    let cannot =
        |error: io::Error| Failure::System(format!("cannot read {}: {error}", path.display()));
    let mut input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(cannot)?)
    };
    let mut piece = vec![0; PIECE];
    let mut filled = fill(&mut input, &mut piece).map_err(cannot)?;
    if piece[..filled].contains(&0) {
        let text = "is no text in UTF-8; save it as UTF-8, or name another file";
        return Err(Failure::System(format!("{} {text}", path.display())));
    }
    let format = match how.format {
        Some(FileFormat::Text) => Format::Text,
        Some(FileFormat::Csv) => Format::Csv,
        Some(FileFormat::Vcard) => Format::VCard,
        Some(FileFormat::Phonebook) => Format::Phonebook,
        None => detect(
            &piece[..filled],
            path.file_name().and_then(|name| name.to_str()),
        ),
    };
    let plan: &dyn NumberingPlan = if how.region.is_empty() {
        &NoPlan
    } else {
        numbers
    };
    let bare = if how.national {
        Bare::National
    } else {
        Bare::WithCode
    };
    let mut reader = ListReader::new(format, Reading { bare, plan });
    while filled > 0 {
        reader.feed(&piece[..filled], visit);
        filled = fill(&mut input, &mut piece).map_err(cannot)?;
    }
    reader.finish(visit);
    Ok(format)
}

/// The next piece, as full as it gets: a pipe gives little at a time.
fn fill(input: &mut dyn Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match input.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
