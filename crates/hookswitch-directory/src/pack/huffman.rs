//! Huffman codes of at most nine bits, from counts to decoding tables.

/// How many symbols there are.
pub(crate) const SYMBOLS: usize = 192;

/// The symbol that says: eight plain bits with the true symbol follow.
pub(crate) const ESCAPE: u8 = 191;

/// Bytes of the lengths of one code: four bits a symbol.
pub(crate) const PACKED: usize = SYMBOLS / 2;

/// Longest code.
pub(crate) const CODE_MAX: u32 = 9;

/// The lengths of the codes of all symbols in one context; zero for none.
pub(crate) type Lengths = [u8; SYMBOLS];

/// Code lengths for counts. The escape always has a code.
pub(crate) fn lengths(counts: &[u32; SYMBOLS]) -> Lengths {
    let mut counts = *counts;
    counts[usize::from(ESCAPE)] = counts[usize::from(ESCAPE)].max(1);
    let mut order: Vec<usize> = (0..SYMBOLS).filter(|s| counts[*s] > 0).collect();
    order.sort_by_key(|symbol| counts[*symbol]);
    let mut lengths = [0; SYMBOLS];
    if let [only] = order[..] {
        lengths[only] = 1;
        return lengths;
    }
    for (symbol, depth) in order.iter().zip(depths(&order, &counts)) {
        lengths[*symbol] = depth.min(CODE_MAX) as u8;
    }
    fit(&mut lengths, &order);
    lengths
}

/// The depths of the leaves of a Huffman tree, for symbols sorted by count.
fn depths(order: &[usize], counts: &[u32; SYMBOLS]) -> Vec<u32> {
    let leaves = order.len();
    let mut weights: Vec<u64> = order.iter().map(|s| u64::from(counts[*s])).collect();
    let mut parents = vec![0usize; 2 * leaves - 1];
    let (mut leaf, mut node) = (0, leaves);
    for next in leaves..2 * leaves - 1 {
        let mut sum = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && (node >= next || weights[leaf] <= weights[node]);
            let taken = if take_leaf { &mut leaf } else { &mut node };
            sum += weights[*taken];
            parents[*taken] = next;
            *taken += 1;
        }
        weights.push(sum);
    }
    let mut depths = vec![0u32; 2 * leaves - 1];
    for index in (0..2 * leaves - 2).rev() {
        depths[index] = depths[parents[index]] + 1;
    }
    depths.truncate(leaves);
    depths
}

/// Makes lengths that were cut a code again: rare symbols get longer until all have room, then
/// frequent ones shorter while there is some left.
fn fit(lengths: &mut Lengths, rare_first: &[usize]) {
    const FULL: u32 = 1 << CODE_MAX;
    let share = |length: u8| FULL >> length;
    let mut used: u32 = rare_first.iter().map(|s| share(lengths[*s])).sum();
    while used > FULL {
        let longer = rare_first
            .iter()
            .filter(|s| u32::from(lengths[**s]) < CODE_MAX)
            .max_by_key(|s| lengths[**s]);
        let Some(symbol) = longer else { return };
        used -= share(lengths[*symbol]) / 2;
        lengths[*symbol] += 1;
    }
    for symbol in rare_first.iter().rev() {
        while lengths[*symbol] > 1 && used + share(lengths[*symbol]) <= FULL {
            used += share(lengths[*symbol]);
            lengths[*symbol] -= 1;
        }
    }
}

/// The codes of a set of lengths, lowest bit first.
pub(crate) fn codes(lengths: &Lengths) -> [u16; SYMBOLS] {
    let mut codes = [0; SYMBOLS];
    let mut next = 0u32;
    for length in 1..=CODE_MAX as u8 {
        next <<= 1;
        for symbol in 0..SYMBOLS {
            if lengths[symbol] == length {
                let reversed = next.reverse_bits() >> (32 - u32::from(length));
                codes[symbol] = reversed as u16;
                next += 1;
            }
        }
    }
    codes
}

/// Gives each code of a set of lengths the slots of a decoding table that begin with it; `false`
/// if the lengths are no code.
pub(crate) fn fill_slots(lengths: &Lengths, mut fill: impl FnMut(usize, u8, u8)) -> bool {
    let used = lengths.iter().filter(|length| **length > 0);
    let too_long = lengths.iter().any(|l| u32::from(*l) > CODE_MAX);
    if too_long || used.map(|l| SLOTS >> l).sum::<usize>() > SLOTS {
        return false;
    }
    let codes = codes(lengths);
    for symbol in 0..SYMBOLS {
        let length = lengths[symbol];
        if length > 0 {
            for slot in (usize::from(codes[symbol])..SLOTS).step_by(1 << length) {
                fill(slot, symbol as u8, length);
            }
        }
    }
    true
}

/// Slots of a decoding table.
pub(crate) const SLOTS: usize = 1 << CODE_MAX;

/// Two lengths in each byte, as they are kept.
pub(crate) fn unpack(packed: &[u8]) -> Lengths {
    core::array::from_fn(|symbol| {
        let pair = packed.get(symbol / 2).copied().unwrap_or(0);
        pair >> (symbol % 2 * 4) & 15
    })
}

#[cfg(test)]
mod tests {
    use super::{CODE_MAX, ESCAPE, SYMBOLS, lengths};

    #[test]
    fn lengths_are_a_complete_code_even_when_counts_are_extreme() {
        let mut counts = [0u32; SYMBOLS];
        let check = |counts: &[u32; SYMBOLS]| {
            let lengths = lengths(counts);
            let used: u32 = lengths
                .iter()
                .filter(|length| **length > 0)
                .map(|length| (1 << CODE_MAX) >> length)
                .sum();
            assert!(used <= 1 << CODE_MAX);
            assert!(lengths[usize::from(ESCAPE)] > 0);
            for symbol in 0..SYMBOLS {
                assert!(counts[symbol] == 0 || lengths[symbol] > 0, "{symbol}");
            }
        };
        check(&counts);
        counts[7] = 1;
        check(&counts);
        let mut fibonacci = (1u32, 1u32);
        for count in counts.iter_mut().take(40) {
            *count = fibonacci.0;
            fibonacci = (fibonacci.1, fibonacci.0.saturating_add(fibonacci.1));
        }
        check(&counts);
        counts.fill(1);
        check(&counts);
    }
}
