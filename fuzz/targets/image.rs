//! A file of the call directory that decayed after it was checked: asking it never panics.
//!
//! The first half of the bytes are numbers with labels (gap, label: four bytes each), the second
//! half are bytes of the file that change (place, change: three bytes each). The trailer and the
//! footers have checksums of their own, so most changes that get past opening are in what is
//! looked up.

#![no_main]

use hookswitch_directory::image::{Facts, Image, Section, Writer};
use hookswitch_directory::{labels, set};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (numbers, changes) = bytes.split_at(bytes.len() / 2);
    let mut file = image(numbers);
    let whole = Image::open(&file).expect("an image that was just made");
    whole.verify().expect("nothing has changed");
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % file.len();
        file[place] ^= change[2];
    }
    if let Ok(image) = Image::open(&file) {
        ask(&image);
    }
});

/// An image of these numbers, blocked and labeled.
fn image(bytes: &[u8]) -> Vec<u8> {
    let (mut blocked, mut labeled) = (set::Builder::new(), labels::Builder::new());
    let mut number = 0;
    for entry in bytes.chunks_exact(4) {
        number += 1 + u64::from(u16::from_le_bytes([entry[0], entry[1]]));
        let last = number + u64::from(entry[2]);
        blocked.push_range(number, last).expect("ascending");
        let label = format!("Company {}", entry[3]);
        labeled.push_range(number, last, &label).expect("ascending");
        number = last;
    }
    let facts = Facts {
        blocked: blocked.len(),
        labeled: labeled.len(),
        ..Facts::default()
    };
    let rest = labeled.finish();
    let sections = [blocked.finish(), rest.numbers, rest.ids, rest.text];
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file);
    for (section, part) in Section::ALL.into_iter().zip(sections) {
        writer.begin(section, &mut file);
        writer.add(&part);
        file.extend(part);
    }
    writer.finish(&facts, &mut file);
    file
}

fn ask(image: &Image<'_>) {
    // Whether it notices does not matter here.
    let _ = image.verify();
    let mut told = 0;
    for number in (0..2000).chain([u64::MAX]) {
        image.blocked().contains(number);
        image.labels().visit(number, &mut |_| told += 1);
    }
    for (first, last) in image.blocked().ranges().take(1000) {
        image.blocked().contains(first.max(last));
    }
    let mut entries = image.labels().entries();
    for _ in 0..1000 {
        if entries.next_entry().is_none() {
            break;
        }
    }
}
