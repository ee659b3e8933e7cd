//! The parsers of lists: on the corpus, and on anything at all.

use hookswitch_directory::lists::{
    Bare, Doubt, Event, Fault, Format, LINE_MAX, Lint, ListReader, NoPlan, Order, Reading, Skip,
    What, detect,
};
use proptest::prelude::*;

const READING: Reading<'static> = Reading {
    bare: Bare::WithCode,
    plan: &NoPlan,
};

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// An event in words: `3 +12025550102 "Acme Sales"`, `5 refused TooShort`.
fn words(event: &Event<'_>) -> String {
    match event.what {
        What::Skipped(skip) => format!("{} {skip:?}", event.line),
        What::Refused(fault) => format!("{} refused {fault:?}", event.line),
        What::Entry {
            pattern,
            label,
            doubt,
        } => {
            let label = label.map_or(String::new(), |label| format!(" {label:?}"));
            let doubt = doubt.map_or(String::new(), |doubt| format!(" {doubt:?}"));
            format!("{} {pattern}{label}{doubt}", event.line)
        }
    }
}

fn events(format: Format, bytes: &[u8], piece: usize) -> (Vec<String>, u64, u64) {
    let mut out = Vec::new();
    let mut lines = 0;
    let mut visit = |event: Event<'_>| {
        lines += event.lines;
        out.push(words(&event));
    };
    let mut reader = ListReader::new(format, READING);
    for piece in bytes.chunks(piece.max(1)) {
        reader.feed(piece, &mut visit);
    }
    let count = reader.finish(&mut visit);
    (out, lines, count)
}

fn read(name: &str) -> Vec<String> {
    let bytes = file(name);
    let format = detect(&bytes, Some(name));
    let (out, lines, count) = events(format, &bytes, 7);
    if matches!(format, Format::Text | Format::Csv) {
        assert_eq!(lines, count, "{name}: no line is lost");
    }
    out
}

fn lint(name: &str) -> Lint {
    let bytes = file(name);
    let mut lint = Lint::new(1_000);
    let mut reader = ListReader::new(detect(&bytes, Some(name)), READING);
    reader.feed(&bytes, &mut |event| lint.take(&event));
    reader.finish(&mut |event| lint.take(&event));
    lint
}

#[test]
fn a_text_list_loses_no_line() {
    let want = [
        "1 Comment",
        "2 +12025550101",
        "3 +12025550102 \"Acme Sales\"",
        "4 +442079460001 \"Ofcom drama number\"",
        "5 +442079460002 TrunkZero",
        "6 Blank",
        "7 +442079460003",
        "8 +442079460004",
        "9 refused MissingCountryCode",
        "10 +2025550103 LooksNational",
        "11 +12025550101",
        "12 refused TooShort",
        "13 +12025550199",
        "14 Comment",
        "15 refused NotANumber",
        "16 refused TooLong",
    ];
    assert_eq!(read("plain.txt"), want);
}

#[test]
fn a_lint_report_names_what_is_wrong_and_where() {
    let report = lint("plain.txt");
    assert_eq!((report.entries, report.labels), (9, 2));
    assert_eq!(report.refused_count(), 4);
    assert_eq!(report.refused[&Fault::MissingCountryCode].lines, [9]);
    assert_eq!(report.doubts[&Doubt::TrunkZero].lines, [5]);
    assert_eq!(report.skipped[&Skip::Comment], 2);
    let (duplicates, unseen) = report.duplicates();
    assert_eq!((duplicates.lines, unseen), (vec![11], 0));
    assert_eq!(report.order(), Order::None { line: 10 });
    assert_eq!(
        lint("sorted-as-text.txt").order(),
        Order::AsText { line: 3 }
    );
}

#[test]
fn patterns_are_ranges() {
    let want = [
        "1 +33162000000-+33162999999",
        "2 +33163000000-+33163999999",
        "3 +33199000000-+33199009999",
        "4 +442079460000-+442079460099",
        "5 +4490*",
        "6 refused MissingCountryCode",
        "7 refused BadPattern",
    ];
    assert_eq!(read("patterns.txt"), want);
    let numbers = lint("patterns.txt").numbers;
    assert!(numbers > 2_010_100, "{numbers}");
}

#[test]
fn columns_are_found_by_name_or_by_what_is_in_them() {
    let want = [
        "1 Header",
        "2 +12025550101 \"Reducing your debt (credit cards, mortgage, student loans)\"",
        "3 +12025550102 \"Other\"",
        "4 refused NotANumber",
        "5 +12025550101 \"Calls pretending to be government, businesses, or family and friends\"",
    ];
    assert_eq!(read("ftc.csv"), want);
    let want = [
        "1 Header",
        "2 +4930231250001",
        "3 +4930231250002",
        "4 refused MissingCountryCode",
        "5 +493023125004",
    ];
    assert_eq!(read("phoneblock.csv"), want);
    let want = [
        "1 Header",
        "2 +4930231250005 \"Müller\"",
        "3 refused Rounded",
        "4 refused OpenQuote",
    ];
    assert_eq!(read("spreadsheet.csv"), want);
    let bytes = b"Ana,+12025550101,x\nBob,12025550102,y\n";
    let (guessed, ..) = events(Format::Csv, bytes, 3);
    assert_eq!(
        guessed,
        ["1 +12025550101 \"Ana\"", "2 +12025550102 \"Bob\""]
    );
}

#[test]
fn contacts_and_phonebooks_give_each_number_its_name() {
    let want = [
        "4 +12025550101 \"Ana Kowalska\"",
        "5 +2025550102 \"Ana Kowalska\" LooksNational",
        "6 +12025550103 \"Ana Kowalska\"",
        "13 +4930231250001 \"Jürgen Müller\"",
        "17 +442079460001 \"Sales Acme, Ltd\"",
    ];
    assert_eq!(read("contacts.vcf"), want);
    let want = [
        "5 +4930231250001 \"Miller & Sons\"",
        "5 refused MissingCountryCode",
        "9 +4930231250003 \"SPAM: poll\"",
    ];
    assert_eq!(read("fritzbox.xml"), want);
    assert_eq!(
        read("asterisk.xml"),
        ["4 +442079460001 \"Reception\"", "5 refused TooShort"]
    );
}

#[test]
fn a_line_without_end_takes_no_memory_and_is_named() {
    let mut bytes = vec![b'1'; 3 * LINE_MAX];
    bytes.extend_from_slice(b"\n+12025550101\n");
    let (out, lines, count) = events(Format::Text, &bytes, 4096);
    assert_eq!(out, ["1 refused LineTooLong", "2 +12025550101"]);
    assert_eq!((lines, count), (2, 2));
    let mut bytes = b"number,name\n\"".to_vec();
    bytes.extend(core::iter::repeat_n(*b"a,b\n", LINE_MAX / 2).flatten());
    let (out, lines, count) = events(Format::Csv, &bytes, 4096);
    assert_eq!(out[1], "2 refused OpenQuote");
    assert_eq!(lines, count, "what an open quote swallowed is told");
}

/// Bytes that look like the formats now and then.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let word = proptest::sample::select(vec![
        "BEGIN:VCARD\n",
        "END:VCARD\n",
        "TEL:",
        "TEL;ENCODING=QUOTED-PRINTABLE:=4",
        "FN:",
        "<contact>",
        "<number>",
        "</number>",
        "</contact>",
        "<!--",
        "-->",
        "+1202555",
        "0101",
        "0",
        "\"",
        ",",
        ";",
        "\t",
        "\r\n",
        "\n",
        " ",
        "*",
        "##",
        "-+",
        "..",
        "number,name\n",
        "Acme",
        "é",
        "E+11",
        "=",
    ]);
    let word = word.prop_map(|word| word.as_bytes().to_vec());
    let piece = prop_oneof![9 => word, 1 => proptest::collection::vec(any::<u8>(), 0..5)];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_bytes_are_read_without_panic_and_in_any_pieces(
        bytes in any_bytes(), piece in 1_usize..9
    ) {
        let _ = detect(&bytes, None);
        for format in Format::ALL {
            let (out, lines, count) = events(format, &bytes, piece);
            let (whole, ..) = events(format, &bytes, usize::MAX);
            prop_assert_eq!(&out, &whole);
            if matches!(format, Format::Text | Format::Csv) {
                prop_assert_eq!(lines, count, "{:?}: {:?}", format, out);
            }
        }
    }
}
