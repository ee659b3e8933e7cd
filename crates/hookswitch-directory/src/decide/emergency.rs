//! Numbers of emergency services: what no rule and no list can block.
//!
//! Sources: ITU-T E.161.1 (112 and 911 as the numbers to be used everywhere); European
//! Commission Decision 2007/116/EC (116 000 missing children, 116 111 child help line, 116 123
//! emotional support); the national numbering plans as told by
//! <https://www.itu.int/oth/T0202.aspx?parent=T0202> and
//! <https://en.wikipedia.org/wiki/List_of_emergency_telephone_numbers>. Only numbers that reach
//! police, ambulance, fire brigade, rescue or a crisis line are here; other short numbers are
//! ordinary callers.

/// A number that is an emergency number in every region of the world where we are used: it is
/// reserved for it or not given to anybody.
const EVERYWHERE: &[&str] = &["112", "911", "116000", "116111", "116117", "116123"];

/// Further numbers by region (ISO 3166, two letters), sorted by region.
const BY_REGION: &[(&[u8; 2], &[&str])] = &[
    (b"AE", &["997", "998", "999"]),
    (b"AR", &["100", "101", "107", "128"]),
    (
        b"AT",
        &["122", "128", "133", "140", "141", "142", "144", "147"],
    ),
    (b"AU", &["000", "106"]),
    (b"BE", &["100", "101"]),
    (b"BG", &["150", "160", "166"]),
    (b"BR", &["188", "190", "192", "193", "199"]),
    (b"CA", &["988"]),
    (b"CH", &["117", "118", "143", "144", "147", "1414"]),
    (b"CL", &["131", "132", "133", "134"]),
    (b"CN", &["110", "119", "120", "122"]),
    (b"CZ", &["150", "155", "156", "158"]),
    (b"DE", &["110"]),
    (b"DK", &["114"]),
    (
        b"ES",
        &[
            "016", "024", "061", "062", "080", "085", "088", "091", "092",
        ],
    ),
    (
        b"FR",
        &[
            "15", "17", "18", "114", "115", "119", "191", "196", "197", "3114",
        ],
    ),
    (b"GB", &["101", "105", "111", "999"]),
    (b"GR", &["100", "108", "166", "199"]),
    (b"HK", &["992", "999"]),
    (b"HR", &["192", "193", "194", "195"]),
    (b"HU", &["104", "105", "107"]),
    (b"ID", &["110", "113", "115", "118", "119"]),
    (b"IE", &["999"]),
    (b"IL", &["100", "101", "102"]),
    (b"IN", &["100", "101", "102", "108", "1091", "1098"]),
    (b"IT", &["113", "115", "117", "118", "1522", "1530"]),
    (b"JP", &["110", "118", "119"]),
    (b"KR", &["111", "113", "118", "119"]),
    (b"LU", &["113"]),
    (b"MX", &["060", "065", "066", "068"]),
    (b"MY", &["994", "999"]),
    (b"NG", &["199"]),
    (b"NL", &["113", "144"]),
    (b"NO", &["110", "113", "120"]),
    (b"NZ", &["105", "111", "1737"]),
    (b"PH", &["117", "143"]),
    (b"PL", &["986", "997", "998", "999"]),
    (b"PT", &["115", "117"]),
    (b"RS", &["192", "193", "194"]),
    (b"RU", &["101", "102", "103", "104"]),
    (b"SA", &["937", "997", "998", "999"]),
    (b"SG", &["995", "999", "1767"]),
    (b"SI", &["113"]),
    (b"SK", &["150", "155", "158"]),
    (b"TH", &["191", "199", "1669"]),
    (b"TR", &["110", "122", "155", "156", "158"]),
    (b"TW", &["110", "113", "118", "119"]),
    (b"UA", &["101", "102", "103", "104"]),
    (b"US", &["988"]),
    (b"VN", &["113", "114", "115"]),
    (b"ZA", &["10111", "10177", "107"]),
];

/// Whether a short number reaches an emergency service in one of the active regions, or in any
/// region if none is known.
#[must_use]
pub fn is_emergency(short: &str, regions: &[[u8; 2]]) -> bool {
    let rows = BY_REGION.iter();
    let mut active = rows.filter(|(region, _)| regions.is_empty() || regions.contains(*region));
    EVERYWHERE.contains(&short) || active.any(|(_, own)| own.contains(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted_and_found() {
        assert!(BY_REGION.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let table = [
            ("112", *b"DE", true),
            ("911", *b"DE", true),
            ("116123", *b"FR", true),
            ("110", *b"DE", true),
            ("110", *b"US", false),
            ("000", *b"AU", true),
            ("000", *b"GB", false),
            ("061", *b"ES", true),
            ("61", *b"ES", false),
            ("15", *b"FR", true),
            ("999", *b"GB", true),
            ("0999", *b"GB", false),
            ("32665", *b"US", false),
            ("4477", *b"GB", false),
            ("", *b"GB", false),
        ];
        for (number, region, want) in table {
            assert_eq!(is_emergency(number, &[region]), want, "{number}");
        }
        assert!(
            is_emergency("110", &[]),
            "no region known: the table of all"
        );
    }
}
