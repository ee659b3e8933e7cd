//! Tokens as symbols with plain bits behind them.

use crate::pack::huffman::ESCAPE;

/// What came before a token decides which code it has.
pub(super) const CONTEXTS: usize = 3;

/// Gaps below this are near: the numbers belong together.
const NEAR: u64 = 8;

/// The longest run of one token.
pub(super) const RUN_MAX: u64 = (1 << 56) - 1;

/// The first symbol of runs.
const RUNS: u8 = 128;

/// One token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token {
    /// The next number is so much greater, 2 or more.
    Gap(u64),
    /// So many further numbers follow without a gap, 1 or more.
    Run(u64),
}

/// A symbol and the bits behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Coded {
    pub(super) symbol: u8,
    pub(super) extra: u64,
    pub(super) extra_bits: u32,
}

impl Token {
    /// The symbol of this token.
    #[inline]
    pub(super) fn coded(self) -> Coded {
        match self {
            Self::Gap(gap) => coded(gap, 1, 0),
            Self::Run(run) => coded(run, 0, RUNS),
        }
    }

    /// The context of the token after this one.
    #[inline]
    pub(super) fn context(self) -> usize {
        match self {
            Self::Gap(gap) if gap >= NEAR => 0,
            Self::Gap(_) => 1,
            Self::Run(_) => 2,
        }
    }
}

/// Values below 8 have a symbol each; above that an octave has 2^`fine` of them.
fn coded(value: u64, fine: u32, first: u8) -> Coded {
    if value < 8 {
        return Coded {
            symbol: first + value as u8,
            extra: 0,
            extra_bits: 0,
        };
    }
    let extra_bits = 63 - value.leading_zeros() - fine;
    let mantissa = value >> extra_bits;
    let step = (u64::from(extra_bits + fine) - 3) << fine;
    let symbol = first + 8 + (step + (mantissa - (1 << fine))) as u8;
    Coded {
        symbol,
        extra: value - (mantissa << extra_bits),
        extra_bits,
    }
}

/// What a symbol means: the token is `mantissa << extra_bits` plus the plain bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Meaning {
    pub(super) is_run: bool,
    pub(super) mantissa: u8,
    pub(super) extra_bits: u8,
}

/// The meaning of a symbol; `None` for the escape and for symbols that are never written.
pub(super) fn meaning(symbol: u8) -> Option<Meaning> {
    if symbol == ESCAPE {
        return None;
    }
    let is_run = symbol >= RUNS;
    let (index, fine) = match is_run {
        true => (symbol - RUNS, 0),
        false => (symbol, 1),
    };
    if index < 8 {
        return (index > u8::from(!is_run)).then_some(Meaning {
            is_run,
            mantissa: index,
            extra_bits: 0,
        });
    }
    let octave = (index - 8) >> fine;
    let mantissa = (1 << fine) + ((index - 8) & ((1 << fine) - 1));
    let extra_bits = octave + 3 - fine;
    (extra_bits + fine < 63).then_some(Meaning {
        is_run,
        mantissa,
        extra_bits,
    })
}

#[cfg(test)]
mod tests {
    use super::{RUN_MAX, Token, meaning};
    use crate::pack::huffman::ESCAPE;

    #[test]
    fn a_symbol_and_its_bits_give_the_token_back() {
        let values = (1..200u64).chain((3..63).flat_map(|bit| {
            let power = 1u64 << bit;
            [power - 1, power, power + 1, power + power / 2]
        }));
        for value in values.filter(|value| *value < 1 << 63) {
            for token in [Token::Gap(value), Token::Run(value)] {
                if token == Token::Gap(1) || matches!(token, Token::Run(run) if run > RUN_MAX) {
                    continue;
                }
                let coded = token.coded();
                assert!(coded.symbol < ESCAPE, "{token:?}");
                let meaning = meaning(coded.symbol).expect("a symbol that is written");
                let back = (u64::from(meaning.mantissa) << meaning.extra_bits) + coded.extra;
                assert_eq!(back, value);
                assert_eq!(u32::from(meaning.extra_bits), coded.extra_bits);
                assert_eq!(meaning.is_run, matches!(token, Token::Run(_)));
            }
        }
    }
}
