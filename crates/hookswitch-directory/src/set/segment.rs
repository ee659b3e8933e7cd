//! A segment: tokens that are gathered, counted, and written with codes made for them.

use super::code::{CONTEXTS, Token};
use super::{BLOCK, RANKED_BLOCK, SEGMENT};
use crate::pack::bits::BitWriter;
use crate::pack::group::{self, BLOCKS};
use crate::pack::huffman::ESCAPE;
use crate::pack::tables;

type Codes = tables::Codes<CONTEXTS>;
type Counts = tables::Counts<CONTEXTS>;

/// A segment being gathered.
#[derive(Debug)]
pub(super) struct Segment {
    has_ranks: bool,
    /// Tokens of one block.
    block: usize,
    /// A gap times two, or a run times two and one.
    tokens: Vec<u64>,
    blocks: Vec<Block>,
    counts: Box<Counts>,
    in_block: usize,
    context: usize,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    head: u64,
    /// Numbers of the set before it.
    rank: u64,
    /// Its first token.
    token: u32,
}

impl Segment {
    pub(super) fn new(has_ranks: bool) -> Self {
        let block = if has_ranks { RANKED_BLOCK } else { BLOCK };
        Self {
            has_ranks,
            block,
            tokens: Vec::new(),
            blocks: Vec::new(),
            counts: Box::new([[0; _]; _]),
            in_block: block,
            context: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.tokens.len() >= SEGMENT
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// A number that does not follow the one before; `gap` is how much greater it is.
    #[inline]
    pub(super) fn begin(&mut self, number: u64, gap: u64, rank: u64) {
        if self.in_block >= self.block || self.blocks.is_empty() {
            self.blocks.push(Block {
                head: number,
                rank,
                token: self.tokens.len() as u32,
            });
            (self.in_block, self.context) = (1, 0);
        } else {
            self.count(Token::Gap(gap));
            self.tokens.push(gap << 1);
        }
    }

    /// Further consecutive numbers.
    #[inline]
    pub(super) fn run(&mut self, more: u64) {
        self.count(Token::Run(more));
        self.tokens.push(more << 1 | 1);
    }

    #[inline]
    fn count(&mut self, token: Token) {
        self.counts[self.context][usize::from(token.coded().symbol)] += 1;
        self.context = token.context();
        self.in_block += 1;
    }

    /// Writes the super blocks and empties itself; tells the first number, the place in `out` and
    /// the rank of each.
    pub(super) fn write(
        &mut self,
        codes: &Codes,
        out: &mut Vec<u8>,
        mut tell: impl FnMut(u64, u64, u64),
    ) {
        let mut payload = BitWriter::default();
        let mut index = BitWriter::default();
        let mut written = Vec::with_capacity(BLOCKS);
        for (number, blocks) in self.blocks.chunks(BLOCKS).enumerate() {
            let behind = self.blocks.get((number + 1) * BLOCKS);
            tell(blocks[0].head, out.len() as u64, blocks[0].rank);
            written.clear();
            for (at, block) in blocks.iter().enumerate() {
                let next = blocks.get(at + 1).or(behind);
                let end = next.map_or(self.tokens.len(), |next| next.token as usize);
                let tokens = &self.tokens[block.token as usize..end];
                write_tokens(tokens, codes, &mut payload);
                written.push(group::Block {
                    key: block.head,
                    count: block.rank,
                    end: payload.len() as u64,
                });
            }
            group::write(&written, self.has_ranks, &mut index);
            index.drain_into(out);
            payload.drain_into(out);
        }
        self.tokens.clear();
        self.blocks.clear();
        self.counts.as_flattened_mut().fill(0);
    }
}

fn write_tokens(tokens: &[u64], codes: &Codes, payload: &mut BitWriter) {
    let mut context = 0;
    for token in tokens {
        let token = match token & 1 {
            0 => Token::Gap(token >> 1),
            _ => Token::Run(token >> 1),
        };
        let coded = token.coded();
        let (code, length) = codes[context][usize::from(coded.symbol)];
        let length = u32::from(length);
        if length > 0 && coded.extra_bits <= 32 {
            let bits = u64::from(code) | coded.extra << length;
            payload.put(bits, length + coded.extra_bits);
        } else {
            if length > 0 {
                payload.put(u64::from(code), length);
            } else {
                let (escape, length) = codes[context][usize::from(ESCAPE)];
                payload.put(u64::from(escape), u32::from(length));
                payload.put(u64::from(coded.symbol), 8);
            }
            payload.put(coded.extra, coded.extra_bits);
        }
        context = token.context();
    }
}
