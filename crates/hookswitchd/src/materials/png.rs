//! Whether a picture is one that may be shown: a small PNG with an alpha channel.
//!
//! The browser and the notification server decode it; here its frame is checked, so that nothing
//! that is no picture, and no picture that would unfold into a large one, reaches them.
//!
//! Source: PNG (Third Edition), W3C Recommendation 2025, sections 5 (datastream structure) and
//! 11.2.1 (IHDR); CRC in annex D.

/// What every PNG begins with.
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// Checks a picture of at most `pixels_max` pixels in each direction; the error is a sentence.
pub(super) fn check(bytes: &[u8], pixels_max: usize) -> Result<(), String> {
    let mut rest = bytes
        .strip_prefix(&SIGNATURE)
        .ok_or("the icon is no PNG file")?;
    let mut seen = Seen::default();
    loop {
        let chunk = Chunk::first(rest).ok_or("the icon is a damaged PNG: it ends too early")?;
        if crc(chunk.covered) != chunk.sum {
            return Err("the icon is a damaged PNG: a checksum does not fit".to_owned());
        }
        rest = chunk.after;
        match (chunk.kind(), seen.header) {
            (b"IHDR", false) => seen.read_header(chunk.body(), pixels_max)?,
            (_, false) | (b"IHDR", true) => {
                return Err("the icon is a damaged PNG: its header is not in its place".to_owned());
            }
            (b"tRNS", true) => seen.alpha = true,
            (b"IDAT", true) => seen.data = true,
            (b"IEND", true) => break,
            (b"acTL", true) => return Err("the icon moves; hand over one picture".to_owned()),
            (_, true) => {}
        }
    }
    match (seen.data, seen.alpha) {
        (false, _) => Err("the icon is a PNG without a picture".to_owned()),
        (true, false) => Err(
            "the icon has no alpha channel; its opaque part is what is drawn, so a picture without \
             one would be a filled square"
                .to_owned(),
        ),
        (true, true) => Ok(()),
    }
}

#[derive(Default)]
struct Seen {
    header: bool,
    alpha: bool,
    data: bool,
}

impl Seen {
    fn read_header(&mut self, body: &[u8], pixels_max: usize) -> Result<(), String> {
        let &[w0, w1, w2, w3, h0, h1, h2, h3, _depth, color, ..] = body else {
            return Err("the icon is a damaged PNG: its header is too short".to_owned());
        };
        let side = |bytes| usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX);
        let (width, height) = (side([w0, w1, w2, w3]), side([h0, h1, h2, h3]));
        if width == 0 || width != height || width > pixels_max {
            return Err(format!(
                "the icon is {width} x {height} pixels; it must be square, of at most {pixels_max}"
            ));
        }
        self.header = true;
        // Gray and truecolor with alpha; the others have it in a chunk of its own, or not.
        self.alpha = matches!(color, 4 | 6);
        Ok(())
    }
}

struct Chunk<'a> {
    /// Its kind and its data.
    covered: &'a [u8],
    sum: u32,
    after: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (covered, rest) = rest.split_at_checked(length.checked_add(4)?)?;
        let (sum, after) = rest.split_first_chunk::<4>()?;
        Some(Self {
            covered,
            sum: u32::from_be_bytes(*sum),
            after,
        })
    }

    fn kind(&self) -> &'a [u8] {
        &self.covered[..4]
    }

    fn body(&self) -> &'a [u8] {
        &self.covered[4..]
    }
}

/// CRC-32 as PNG has it, bit by bit: an icon is small.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => (sum >> 1) ^ 0xedb8_8320,
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let covered = [kind, body].concat();
        let length = u32::try_from(body.len()).expect("small").to_be_bytes();
        [&length[..], &covered, &crc(&covered).to_be_bytes()].concat()
    }

    /// A frame of a PNG: no decoder would like its data.
    pub(in crate::materials) fn png(width: u32, height: u32, color: u8) -> Vec<u8> {
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([8, color, 0, 0, 0]);
        let parts = [
            SIGNATURE.to_vec(),
            chunk(b"IHDR", &header),
            chunk(b"IDAT", b"data"),
            chunk(b"IEND", b""),
        ];
        parts.concat()
    }

    #[test]
    fn a_square_png_with_alpha_is_taken() {
        assert_eq!(check(&png(120, 120, 6), 512), Ok(()));
        assert_eq!(check(&png(40, 40, 4), 512), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let named = |bytes: &[u8], word: &str| {
            let why = check(bytes, 512).expect_err(word);
            assert!(why.contains(word), "{why}");
        };
        named(b"GIF89a", "no PNG");
        named(b"", "no PNG");
        named(&png(40, 41, 6), "square");
        named(&png(0, 0, 6), "square");
        named(&png(513, 513, 6), "at most 512");
        named(&png(40, 40, 2), "alpha");
        let whole = png(40, 40, 6);
        for length in 8..whole.len() {
            assert!(check(&whole[..length], 512).is_err(), "{length}");
        }
        for at in 8..whole.len() {
            let mut wrong = whole.clone();
            wrong[at] ^= 0x10;
            assert!(check(&wrong, 512).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }
}
