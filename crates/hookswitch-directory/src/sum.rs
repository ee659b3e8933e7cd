//! One checksum for everything that is kept: 64 bits, about a word a step.
//!
//! Against damage, not against malice: whoever can write the files can write the sums.

/// A checksum of bytes that come in pieces.
///
/// ```
/// use hookswitch_directory::sum::Sum;
/// let mut sum = Sum::default();
/// sum.add(b"hook");
/// sum.add(b"switch");
/// assert_eq!(sum.value(), Sum::of(b"hookswitch"));
/// ```
#[derive(Clone, Debug)]
pub struct Sum {
    state: u64,
    rest: [u8; 8],
    held: usize,
    len: u64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            state: 0x243f_6a88_85a3_08d3,
            rest: [0; 8],
            held: 0,
            len: 0,
        }
    }
}

impl Sum {
    /// The sum of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> u64 {
        let mut sum = Self::default();
        sum.add(bytes);
        sum.value()
    }

    /// Adds the next bytes; how they are cut makes no difference.
    pub fn add(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if self.held > 0 {
            let take = bytes.len().min(8 - self.held);
            self.rest[self.held..self.held + take].copy_from_slice(&bytes[..take]);
            self.held += take;
            bytes = &bytes[take..];
            if self.held < 8 {
                return;
            }
            self.state = step(self.state, u64::from_le_bytes(self.rest));
            self.held = 0;
        }
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.state = step(self.state, u64::from_le_bytes(*word));
        }
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    /// The sum of all bytes so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        let mut last = [0; 8];
        last[..self.held].copy_from_slice(&self.rest[..self.held]);
        step(step(self.state, u64::from_le_bytes(last)), self.len)
    }
}

/// Multiplies to twice the width and folds, so that every bit reaches every bit.
#[inline]
fn step(state: u64, word: u64) -> u64 {
    let wide = u128::from(state ^ word) * u128::from(0x9e37_79b9_7f4a_7c15u64);
    (wide as u64) ^ (wide >> 64) as u64 ^ state.rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn every_bit_counts_and_so_does_the_length() {
        let bytes = [7u8; 40];
        let whole = Sum::of(&bytes);
        for bit in 0..320 {
            let mut other = bytes;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Sum::of(&other), whole, "bit {bit}");
        }
        assert_ne!(Sum::of(&[0; 8]), Sum::of(&[0; 9]));
        assert_ne!(Sum::of(&[]), Sum::of(&[0]));
    }
}
