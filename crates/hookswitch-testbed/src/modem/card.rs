//! The files of a simulated SIM card, read by `AT+CRSM` (TS 27.007 section 8.18).
//!
//! Input: command, file and length. Output: the status words and the data in hexadecimal, after
//! TS 51.011 sections 9.2.1 (GET RESPONSE), 10.1 and 10.3 (files). A file that is not there is told
//! at once (status 94 04), because daemons read about forty of them before a modem is ready.

/// The subscriber: test network 001 01 (ITU-T E.212).
pub const IMSI: &str = "001010123456789";

/// GET RESPONSE, READ BINARY, READ RECORD.
const GET_RESPONSE: u16 = 192;
const READ_BINARY: u16 = 176;
const READ_RECORD: u16 = 178;

/// A file: identifier, whether it is one of records, content.
const FILES: &[(u16, bool, &[u8])] = &[
    // Card number.
    (0x2fe2, false, &[0x98, 0x10, 0, 0, 0, 0, 0, 0, 0x21, 0x43]),
    // Language preference, phase, administrative data (a network code has two digits).
    (0x6f05, false, &[0x01]),
    (0x6fae, false, &[0x03]),
    (0x6fad, false, &[0x00, 0x00, 0x00, 0x02]),
    // Service table: nothing optional.
    (0x6f38, false, &[0x00; 10]),
    // Emergency numbers beyond those that every phone knows: 911 and 08.
    (0x6fb7, false, &[0x19, 0xf1, 0xff, 0x80, 0xff, 0xff]),
    // The own number: no name, +1 202 555 0100.
    (
        0x6f40,
        true,
        &[
            0xff, 0xff, 0xff, 0xff, 0x07, 0x91, 0x21, 0x20, 0x55, 0x05, 0x01, 0xf0, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff,
        ],
    ),
];

/// The answer to `AT+CRSM=` with these arguments.
pub fn read(arguments: &str) -> String {
    let mut numbers = arguments.split(',').map(|text| text.trim().parse::<u16>());
    let mut next = || numbers.next().and_then(Result::ok);
    let (Some(command), Some(file)) = (next(), next()) else {
        return "+CRSM: 103,0".to_owned(); // wrong parameters
    };
    let Some((id, records, content)) = FILES.iter().find(|(id, _, _)| *id == file) else {
        return "+CRSM: 148,4".to_owned(); // no such file
    };
    let length = numbers.next_back().and_then(Result::ok).unwrap_or_default();
    match command {
        GET_RESPONSE => found(&describe(*id, *records, content)),
        READ_BINARY | READ_RECORD => {
            let wanted = if length == 0 {
                content.len()
            } else {
                usize::from(length)
            };
            found(&content[..wanted.min(content.len())])
        }
        _ => "+CRSM: 109,0".to_owned(), // no such command
    }
}

/// The fifteen bytes that tell size and structure of a file.
fn describe(id: u16, records: bool, content: &[u8]) -> [u8; 15] {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let [high, low] = id.to_be_bytes();
    let (structure, record) = if records { (1, length) } else { (0, 0) };
    [
        0, 0, 0, length, high, low, 4, 0, 0, 0, 0, 1, 2, structure, record,
    ]
}

fn found(data: &[u8]) -> String {
    let hex: String = data.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("+CRSM: 144,0,\"{hex}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_described_and_read() {
        for (asked, want) in [
            (
                "192,28589,0,0,15",
                "+CRSM: 144,0,\"000000046FAD04000000000102000 0\"",
            ),
            ("176,28589,0,0,4", "+CRSM: 144,0,\"00000002\""),
            ("178,28480,1,4,2", "+CRSM: 144,0,\"FFFF\""),
            ("176,28486,0,0,17", "+CRSM: 148,4"),
            ("214,28589,0,0,4", "+CRSM: 109,0"),
            ("nonsense", "+CRSM: 103,0"),
        ] {
            assert_eq!(read(asked), want.replace(' ', "").replace(":", ": "));
        }
    }
}
