//! Label ids, runs and lists as symbols with plain bits behind them.

use crate::pack::bits::{get, mask};
use crate::pack::huffman::{ESCAPE, Lengths, SLOTS, fill_slots};
use crate::pack::tables::Codes;

/// Labels of one segment that have a symbol of their own: its most frequent ones.
pub(super) const HOT: usize = 64;

/// The largest id and one.
pub(super) const IDS_MAX: u32 = 1 << 24;

/// The longest run of one event.
pub(super) const RUN_MAX: u64 = (1 << 29) - 1;

const SMALL: u8 = HOT as u8;
const OCTAVES: u8 = SMALL + 8;
const RUNS: u8 = 161;
const MORE: u8 = 190;

/// One event of the stream of ids.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Event {
    /// The last or only label of the next number.
    Id(u32),
    /// One of the frequent labels, by its place among them.
    Hot(u8),
    /// The label that follows is not the last one of its number.
    More,
    /// So many further numbers have the same labels.
    Run(u64),
}

impl Event {
    /// The symbol, the bits behind it, and how many these are.
    pub(super) fn coded(self) -> (u8, u64, u32) {
        match self {
            Self::Hot(index) => (index, 0, 0),
            Self::Id(id) if id < 8 => (SMALL + id as u8, 0, 0),
            Self::Id(id) => {
                let bits = id.ilog2() - 2;
                let mantissa = (id >> bits) as u8;
                let rest = id & ((1 << bits) - 1);
                let symbol = OCTAVES + (bits as u8 - 1) * 4 + mantissa - 4;
                (symbol, u64::from(rest), bits)
            }
            Self::Run(count) => {
                let bits = count.ilog2();
                (RUNS + bits as u8, count & mask(bits), bits)
            }
            Self::More => (MORE, 0, 0),
        }
    }

    /// The event of a symbol; `rest` gives the plain bits behind it.
    pub(super) fn of(symbol: u8, rest: impl FnOnce(u32) -> u64) -> Option<Self> {
        match symbol {
            0..SMALL => Some(Self::Hot(symbol)),
            SMALL..OCTAVES => Some(Self::Id(u32::from(symbol - SMALL))),
            OCTAVES..RUNS => {
                let step = symbol - OCTAVES;
                let bits = u32::from(step / 4) + 1;
                let id = (u32::from(4 + step % 4) << bits) + rest(bits) as u32;
                (id < IDS_MAX).then_some(Self::Id(id))
            }
            RUNS..MORE => {
                let bits = u32::from(symbol - RUNS);
                Some(Self::Run((1 << bits) + rest(bits)))
            }
            MORE => Some(Self::More),
            ESCAPE.. => None,
        }
    }
}

/// What a symbol begins, for going past it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// The last or only label of a number, with so many plain bits.
    Id(u32),
    /// A label behind which more follow.
    More,
    /// A run, with so many plain bits.
    Run(u32),
    /// Nothing.
    None,
}

impl Kind {
    /// The kind of a symbol.
    #[inline]
    pub(super) fn of(symbol: u8) -> Self {
        match symbol {
            0..OCTAVES => Self::Id(0),
            OCTAVES..RUNS => Self::Id(u32::from((symbol - OCTAVES) / 4) + 1),
            RUNS..MORE => Self::Run(u32::from(symbol - RUNS)),
            MORE => Self::More,
            ESCAPE.. => Self::None,
        }
    }
}

/// A symbol as bits, with an escape if it has no code; at most 17 bits.
pub(super) fn bits_of<const N: usize>(codes: &Codes<N>, context: usize, symbol: u8) -> (u64, u32) {
    let own = codes[context].get(usize::from(symbol.min(ESCAPE)));
    if let Some((code, length)) = own
        && symbol < ESCAPE
        && *length > 0
    {
        return (u64::from(*code), u32::from(*length));
    }
    let (escape, length) = codes[context][usize::from(ESCAPE)];
    let bits = u64::from(escape) | u64::from(symbol) << length;
    (bits, u32::from(length) + 8)
}

/// A decoding table: symbol and length of the code for the next bits.
#[derive(Clone, Debug)]
pub(super) struct Decoder(Box<[(u8, u8); SLOTS]>);

impl Decoder {
    /// A table for code lengths; `None` if the lengths are no code.
    pub(super) fn of(lengths: &Lengths) -> Option<Self> {
        let mut table = Box::new([(0, 0); SLOTS]);
        let fill = |slot: usize, symbol, length| table[slot] = (symbol, length);
        fill_slots(lengths, fill).then_some(Self(table))
    }

    /// The next symbol, with what an escape says; `None` for bits that mean nothing.
    #[inline]
    pub(super) fn symbol(&self, bytes: &[u8], at: &mut usize) -> Option<u8> {
        let bits = get(bytes, *at, 20);
        let (symbol, length) = self.0[bits as usize & (SLOTS - 1)];
        if length == 0 {
            return None;
        }
        *at += usize::from(length);
        if symbol != ESCAPE {
            return Some(symbol);
        }
        *at += 8;
        Some((bits >> length) as u8)
    }

    /// The next event.
    #[inline]
    pub(super) fn event(&self, bytes: &[u8], at: &mut usize) -> Option<Event> {
        let symbol = self.symbol(bytes, at)?;
        Event::of(symbol, |bits| {
            let rest = get(bytes, *at, bits);
            *at += bits as usize;
            rest
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, IDS_MAX, RUN_MAX};

    #[test]
    fn a_symbol_and_its_bits_give_the_event_back() {
        let ids = (0..300).chain([1000, 65_535, IDS_MAX - 1]).map(Event::Id);
        let runs = (1..300).chain([RUN_MAX - 1, RUN_MAX]).map(Event::Run);
        let hot = (0..64).map(Event::Hot);
        for event in ids.chain(runs).chain(hot).chain([Event::More]) {
            let (symbol, rest, bits) = event.coded();
            let back = Event::of(symbol, |wanted| {
                assert_eq!(wanted, bits, "{event:?}");
                rest
            });
            assert_eq!(back, Some(event));
        }
    }
}
