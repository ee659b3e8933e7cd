//! G.711: the two companding laws of telephone audio (ITU-T G.711, 1988).
//!
//! Input: 16-bit linear samples, or 8-bit codes. Output: the other of the two.
//!
//! # Promises
//!
//! - **G1** decoding a code and coding the result again gives the same value.
//! - **G2** coding is monotonic: a larger sample never decodes to a smaller value.
//! - **G3** every input is allowed; nothing allocates and nothing panics.
//!
//! # Not here
//!
//! Packet loss concealment: a missing frame is silence, which [`crate::jitter`] decides.

/// Largest magnitude the mu-law keeps before clipping, in its 14-bit scale plus bias.
const ULAW_BIAS: i32 = 0x84;
const ULAW_CLIP: i32 = 32_635;

/// Codes one linear sample by the mu-law (G.711 table 2, inverted bits on the wire).
pub fn ulaw_encode(sample: i16) -> u8 {
    let negative = sample < 0;
    let magnitude = i32::from(sample).abs().min(ULAW_CLIP) + ULAW_BIAS;
    let segment = segment_of(magnitude >> 7);
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    let code = (segment << 4) | mantissa;
    let signed = if negative { code | 0x80 } else { code };
    !(signed as u8)
}

/// Decodes one mu-law code to a linear sample.
pub fn ulaw_decode(code: u8) -> i16 {
    let code = !code;
    let segment = i32::from((code >> 4) & 7);
    let mantissa = i32::from(code & 0x0f);
    let magnitude = (((mantissa << 3) + ULAW_BIAS) << segment) - ULAW_BIAS;
    let value = if code & 0x80 != 0 {
        -magnitude
    } else {
        magnitude
    };
    value as i16
}

/// Codes one linear sample by the A-law (G.711 table 1, even bits inverted on the wire).
pub fn alaw_encode(sample: i16) -> u8 {
    // The A-law keeps 13 bits: one's complement for negative values keeps zero two-sided.
    let (sign, magnitude) = if sample >= 0 {
        (0x80, i32::from(sample) >> 3)
    } else {
        (0x00, (-1 - i32::from(sample)) >> 3)
    };
    let segment = segment_of(magnitude >> 4);
    let shift = if segment < 2 { 1 } else { segment };
    let mantissa = (magnitude >> shift) & 0x0f;
    let code = sign | (segment << 4) | mantissa;
    (code as u8) ^ 0x55
}

/// Decodes one A-law code to a linear sample.
pub fn alaw_decode(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = i32::from((code >> 4) & 7);
    let mantissa = i32::from(code & 0x0f) << 4;
    let magnitude = match segment {
        0 => mantissa + 8,
        1 => mantissa + 0x108,
        higher => (mantissa + 0x108) << (higher - 1),
    };
    let value = if code & 0x80 != 0 {
        magnitude
    } else {
        -magnitude
    };
    value as i16
}

/// The segment (0 to 7) of a magnitude scaled so that segment 1 starts at 2.
fn segment_of(scaled: i32) -> i32 {
    let mut segment = 0;
    let mut rest = scaled >> 1;
    while rest > 0 && segment < 7 {
        segment += 1;
        rest >>= 1;
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mu_law_reference_points_match_the_recommendation() {
        for (sample, code) in [
            (0, 0xff),
            (8031 * 4, 0x80),
            (-8031 * 4, 0x00),
            (4, 0xfe),
            (-4, 0x7e),
        ] {
            assert_eq!(ulaw_encode(sample), code, "sample {sample}");
        }
        for (code, sample) in [(0xff, 0), (0x80, 32_124), (0x00, -32_124), (0xef, 132)] {
            assert_eq!(ulaw_decode(code), sample, "code {code:#x}");
        }
    }

    #[test]
    fn a_law_reference_points_match_the_recommendation() {
        for (sample, code) in [(0, 0xd5), (-1, 0x55), (32_767, 0xaa), (-32_768, 0x2a)] {
            assert_eq!(alaw_encode(sample), code, "sample {sample}");
        }
        for (code, sample) in [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256)] {
            assert_eq!(alaw_decode(code), sample, "code {code:#x}");
        }
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for code in 0..=u8::MAX {
            let linear = ulaw_decode(code);
            assert_eq!(ulaw_decode(ulaw_encode(linear)), linear, "mu-law {code:#x}");
            assert_eq!(alaw_encode(alaw_decode(code)), code, "A-law {code:#x}");
        }
    }

    #[test]
    fn coding_is_monotonic_and_close() {
        let mut last = (i16::MIN, i16::MIN);
        for sample in i16::MIN..=i16::MAX {
            let (mu, a) = (
                ulaw_decode(ulaw_encode(sample)),
                alaw_decode(alaw_encode(sample)),
            );
            assert!(mu >= last.0 && a >= last.1, "falls at {sample}");
            last = (mu, a);
            let allowed = i32::from(sample).abs() / 16 + 660;
            assert!(
                (i32::from(mu) - i32::from(sample)).abs() <= allowed,
                "mu-law {sample}"
            );
            assert!(
                (i32::from(a) - i32::from(sample)).abs() <= allowed,
                "A-law {sample}"
            );
        }
    }
}
