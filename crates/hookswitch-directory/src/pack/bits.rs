//! Bits in bytes, the lowest bit first.

/// Writes bits behind each other.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    word: u64,
    used: u32,
}

impl BitWriter {
    /// Appends the lowest `count` bits, at most 64.
    pub(crate) fn put(&mut self, value: u64, count: u32) {
        debug_assert!(
            count == 64 || value >> count == 0,
            "the value has more bits"
        );
        self.word |= value << self.used;
        let room = 64 - self.used;
        if count < room {
            self.used += count;
            return;
        }
        self.bytes.extend_from_slice(&self.word.to_le_bytes());
        self.word = if room == 64 { 0 } else { value >> room };
        self.used = count - room;
    }

    /// How many bits there are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() * 8 + self.used as usize
    }

    /// Empties into `out`, filled up to whole bytes, and starts anew.
    pub(crate) fn drain_into(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.bytes);
        let rest = self.used.div_ceil(8) as usize;
        out.extend_from_slice(&self.word.to_le_bytes()[..rest]);
        self.word = 0;
        self.used = 0;
    }
}

/// The 57 bits or more from a bit position on; zeros behind the end.
#[inline]
pub(crate) fn peek(bytes: &[u8], at: usize) -> u64 {
    let first = at / 8;
    let word = match bytes.get(first..first + 8) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("eight bytes")),
        None => peek_at_the_end(bytes, first),
    };
    word >> (at % 8)
}

#[cold]
fn peek_at_the_end(bytes: &[u8], first: usize) -> u64 {
    let mut eight = [0; 8];
    for (to, from) in eight.iter_mut().zip(bytes.iter().skip(first)) {
        *to = *from;
    }
    u64::from_le_bytes(eight)
}

/// `count` bits, at most 62, from a bit position on.
#[inline]
pub(crate) fn get(bytes: &[u8], at: usize, count: u32) -> u64 {
    let low = peek(bytes, at) & mask(count);
    if count <= 56 {
        return low;
    }
    low & mask(56) | ((peek(bytes, at + 56) & mask(count - 56)) << 56)
}

/// The lowest `count` bits, at most 63.
#[inline]
pub(crate) fn mask(count: u32) -> u64 {
    (1 << count) - 1
}

#[cfg(test)]
mod tests {
    use super::{BitWriter, get};

    #[test]
    fn what_is_written_is_read() {
        let mut writer = BitWriter::default();
        let values: Vec<(u64, u32)> = (0..400u32)
            .map(|i| (i, i % 63))
            .map(|(i, count)| (0x9e37_79b9_7f4a_7c15u64.rotate_left(i), count))
            .map(|(value, count)| (value & ((1 << count) - 1), count))
            .collect();
        for (value, count) in &values {
            writer.put(*value, *count);
        }
        let len = writer.len();
        let mut bytes = Vec::new();
        writer.drain_into(&mut bytes);
        assert_eq!(bytes.len(), len.div_ceil(8));
        let mut at = 0;
        for (value, count) in values {
            assert_eq!(get(&bytes, at, count), value, "{count} bits at {at}");
            at += count as usize;
        }
        assert_eq!(get(&bytes, at + 100, 20), 0, "zeros behind the end");
    }
}
