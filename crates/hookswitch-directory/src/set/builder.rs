//! From ascending numbers to bytes, in one pass.

use core::fmt;

use super::bits::BitWriter;
use super::code::{CONTEXTS, ESCAPE, RUN_MAX, SYMBOLS, Token};
use super::footer::{Footer, Sum, TABLES_MAX};
use super::huffman::{Lengths, codes, lengths};
use super::{BLOCK, NUMBER_MAX, SEGMENT, SUPER};

/// Why a number was refused. Nothing of the set is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PushError {
    /// It is smaller than the one before (CallKit `entriesOutOfOrder`).
    OutOfOrder,
    /// It is the same as the one before (CallKit `duplicateEntries`).
    Duplicate,
    /// It is zero or above [`NUMBER_MAX`](super::NUMBER_MAX).
    OutOfRange,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfOrder => "smaller than the number before it",
            Self::Duplicate => "the same as the number before it",
            Self::OutOfRange => "no number between 1 and 2^62-1",
        })
    }
}

impl core::error::Error for PushError {}

/// One code for each context.
type Codes = [Lengths; CONTEXTS];

/// How often each symbol comes in each context.
type Counts = [[u32; SYMBOLS]; CONTEXTS];

/// A set being built.
///
/// Bytes become available as it goes on ([`Builder::take`]), so a file can be written along.
#[derive(Debug, Default)]
pub struct Builder {
    out: Vec<u8>,
    /// Bytes that were taken.
    taken: u64,
    sum: Sum,
    numbers: u64,
    last: u64,
    run: u64,
    segment: Segment,
    directory: Vec<u8>,
    segments: u32,
    tables: Vec<Codes>,
}

#[derive(Debug, Default)]
struct Segment {
    first: u64,
    tokens: Vec<Token>,
}

impl Builder {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number greater than all before.
    ///
    /// # Errors
    ///
    /// If it is not; the set stays as it was.
    pub fn push(&mut self, number: u64) -> Result<(), PushError> {
        self.push_range(number, number)
    }

    /// Adds all numbers from `first` to `last`.
    ///
    /// # Errors
    ///
    /// If they are not greater than all before; the set stays as it was.
    pub fn push_range(&mut self, first: u64, last: u64) -> Result<(), PushError> {
        if first == 0 || last > NUMBER_MAX {
            return Err(PushError::OutOfRange);
        }
        if first <= self.last || last < first {
            return Err(match first == self.last {
                true => PushError::Duplicate,
                false => PushError::OutOfOrder,
            });
        }
        let more = last - first;
        if self.numbers > 0 && first == self.last + 1 {
            self.run += more + 1;
        } else {
            self.flush_run();
            self.begin(first);
            self.run = more;
        }
        self.numbers += more + 1;
        self.last = last;
        Ok(())
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.numbers
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers == 0
    }

    /// The bytes that are ready, to be written behind those taken before.
    pub fn take(&mut self) -> Vec<u8> {
        self.taken += self.out.len() as u64;
        core::mem::take(&mut self.out)
    }

    /// Ends the set and gives the rest of its bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.flush_run();
        self.close_segment();
        let tables_at = self.at();
        let begin = self.out.len();
        for table in &self.tables {
            let pairs = table.iter().flatten().collect::<Vec<_>>();
            let packed = pairs.chunks(2).map(|pair| pair[0] | pair[1] << 4);
            self.out.extend(packed);
        }
        let directory_at = self.at();
        self.out.extend_from_slice(&self.directory);
        self.sum.add(&self.out[begin..]);
        let footer = Footer {
            numbers: self.numbers,
            last: self.last,
            tables_at,
            directory_at,
            segments: self.segments,
            tables: self.tables.len() as u32,
            body_sum: self.sum.value(),
        };
        footer.write(&mut self.out);
        self.out
    }

    fn at(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    /// A number that does not follow the one before.
    fn begin(&mut self, number: u64) {
        if self.segment.tokens.len() >= SEGMENT {
            self.close_segment();
        }
        if self.segment.first == 0 {
            self.segment.first = number;
        } else {
            self.segment.tokens.push(Token::Gap(number - self.last));
        }
    }

    fn flush_run(&mut self) {
        let mut run = core::mem::take(&mut self.run);
        while run > 0 {
            let part = run.min(RUN_MAX);
            self.segment.tokens.push(Token::Run(part));
            run -= part;
        }
    }

    fn close_segment(&mut self) {
        if self.segment.first == 0 {
            return;
        }
        let mut segment = core::mem::take(&mut self.segment);
        let mut counts: Counts = [[0; SYMBOLS]; CONTEXTS];
        segment.walk(&mut |part| {
            if let Part::Code(context, token) = part {
                counts[context][usize::from(token.coded().symbol)] += 1;
            }
        });
        let table = self.table_for(&counts);
        let begin = self.out.len();
        let top = segment.write(&self.tables[table], &mut self.out);
        let top_at = self.at();
        for (head, offset) in &top {
            self.out.extend_from_slice(&head.to_le_bytes());
            self.out.extend_from_slice(&offset.to_le_bytes());
        }
        self.sum.add(&self.out[begin..]);
        let start = top_at - (self.out.len() - begin - top.len() * 12) as u64;
        self.directory.extend(segment.first.to_le_bytes());
        self.directory.extend(start.to_le_bytes());
        let place = (top_at - start) as u32;
        self.directory.extend(place.to_le_bytes());
        self.directory.extend((top.len() as u16).to_le_bytes());
        self.directory.extend((table as u16).to_le_bytes());
        self.segments += 1;
        segment.tokens.clear();
        self.segment = Segment {
            first: 0,
            tokens: segment.tokens,
        };
    }

    /// A code for these counts: one that is there already if it is about as good.
    fn table_for(&mut self, counts: &Counts) -> usize {
        let own: Codes = core::array::from_fn(|context| lengths(&counts[context]));
        let best = self
            .tables
            .iter()
            .enumerate()
            .map(|(index, known)| (cost(known, counts), index))
            .min();
        let enough = cost(&own, counts) + cost(&own, counts) / 400;
        match best {
            Some((bits, index)) if bits <= enough || self.tables.len() == TABLES_MAX => index,
            Some(_) | None => {
                self.tables.push(own);
                self.tables.len() - 1
            }
        }
    }
}

/// How many bits the symbols take.
fn cost(codes: &Codes, counts: &Counts) -> u64 {
    let mut bits = 0;
    for (lengths, counts) in codes.iter().zip(counts) {
        let escape = u64::from(lengths[usize::from(ESCAPE)]) + 8;
        for (length, count) in lengths.iter().zip(counts) {
            let each = if *length == 0 {
                escape
            } else {
                u64::from(*length)
            };
            bits += each * u64::from(*count);
        }
    }
    bits
}

/// A step of walking over a segment.
enum Part {
    /// A block begins with this number.
    Head(u64),
    /// A token with its context.
    Code(usize, Token),
}

impl Segment {
    /// Goes over the blocks and their tokens.
    fn walk(&self, visit: &mut impl FnMut(Part)) {
        visit(Part::Head(self.first));
        let (mut number, mut in_block, mut context) = (self.first, 1, 0);
        for token in &self.tokens {
            let by = match token {
                Token::Gap(by) | Token::Run(by) => *by,
            };
            number += by;
            in_block += 1;
            if in_block > BLOCK && matches!(token, Token::Gap(_)) {
                visit(Part::Head(number));
                (in_block, context) = (1, 0);
            } else {
                visit(Part::Code(context, *token));
                context = token.context();
            }
        }
    }

    /// Writes the super blocks; returns the head and place of each.
    fn write(&self, table: &Codes, out: &mut Vec<u8>) -> Vec<(u64, u32)> {
        let begin = out.len();
        let mut writer = SuperWriter {
            codes: core::array::from_fn(|context| codes(&table[context])),
            table,
            heads: Vec::with_capacity(SUPER),
            ends: Vec::with_capacity(SUPER),
            payload: BitWriter::default(),
            top: Vec::new(),
        };
        self.walk(&mut |part| match part {
            Part::Head(number) => {
                writer.end_block();
                if writer.heads.len() == SUPER {
                    writer.close(begin, out);
                }
                writer.heads.push(number);
            }
            Part::Code(context, token) => writer.code(context, token),
        });
        writer.end_block();
        writer.close(begin, out);
        writer.top
    }
}

struct SuperWriter<'a> {
    table: &'a Codes,
    codes: [[u16; SYMBOLS]; CONTEXTS],
    heads: Vec<u64>,
    /// Bits from the begin of the payload to the end of each block.
    ends: Vec<u64>,
    payload: BitWriter,
    top: Vec<(u64, u32)>,
}

impl SuperWriter<'_> {
    fn code(&mut self, context: usize, token: Token) {
        let coded = token.coded();
        let symbol = usize::from(coded.symbol);
        let length = self.table[context][symbol];
        if length > 0 {
            let code = u64::from(self.codes[context][symbol]);
            self.payload.put(code, u32::from(length));
        } else {
            let escape = usize::from(ESCAPE);
            let code = u64::from(self.codes[context][escape]);
            self.payload
                .put(code, u32::from(self.table[context][escape]));
            self.payload.put(u64::from(coded.symbol), 8);
        }
        self.payload.put(coded.extra, coded.extra_bits);
    }

    fn end_block(&mut self) {
        if self.ends.len() < self.heads.len() {
            self.ends.push(self.payload.len() as u64);
        }
    }

    fn close(&mut self, begin: usize, out: &mut Vec<u8>) {
        let (Some(first), Some(last)) = (self.heads.first(), self.heads.last()) else {
            return;
        };
        let bits_of = |value: u64| 64 - value.leading_zeros();
        let head_bits = bits_of(last - first);
        let end_bits = bits_of(self.ends.last().copied().unwrap_or(0));
        self.top.push((*first, (out.len() - begin) as u32));
        let mut index = BitWriter::default();
        index.put(u64::from(head_bits), 6);
        index.put(u64::from(end_bits), 6);
        index.put(self.heads.len() as u64 - 1, 4);
        for head in &self.heads[1..] {
            index.put(head - first, head_bits);
        }
        for end in &self.ends {
            index.put(*end, end_bits);
        }
        index.drain_into(out);
        self.payload.drain_into(out);
        self.heads.clear();
        self.ends.clear();
    }
}
