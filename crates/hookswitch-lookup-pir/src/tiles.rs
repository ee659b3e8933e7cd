//! Plaintexts in memory, laid out for one pass per query.
//!
//! A query multiplies each plaintext of a column with another ciphertext and adds. Stored row after
//! row, every plaintext would meet a query that has left the cache. So the coefficients are cut
//! into blocks of [`BLOCK`]: for one block the part of the whole query is a few kilobytes, and the
//! blocks of all plaintexts stand one behind the other in the order in which they are read.
//!
//! # Promises
//!
//! - **L1** the sums are exact residues; layout and order cannot be seen in them.
//! - **L2** plaintexts of zeros take no memory and no time.

use hookswitch_lookup_ring::ciphertext::Ciphertext;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::{self, BLOCK};
use hookswitch_lookup_ring::poly::{Poly, Values};
use hookswitch_lookup_ring::word::Word;

/// The plaintexts of one chunk of one table.
#[derive(Clone, Debug)]
pub struct Tiles<W> {
    /// For each column, how many of its plaintexts are there.
    counts: Vec<usize>,
    /// The rows of the plaintexts that are there, column after column.
    places: Vec<u32>,
    /// By modulus, block and plaintext.
    words: Vec<W>,
}

/// The first dimension of a query, cut into the same blocks: by modulus, block, entry and
/// polynomial.
#[derive(Clone, Debug)]
pub struct QueryTiles<W> {
    words: Vec<W>,
    entries: usize,
}

impl<W: Word> Tiles<W> {
    /// The tiles of the plaintexts of a chunk, columns of `rows` plaintexts one after the other.
    pub fn new(context: &Context<W>, rows: usize, plaintexts: &[Option<Poly<W, Values>>]) -> Self {
        let columns = plaintexts.chunks(rows);
        let counts = columns
            .clone()
            .map(|column| column.iter().flatten().count());
        let places = columns.flat_map(|column| {
            let there = column.iter().enumerate().filter(|(_, poly)| poly.is_some());
            there.map(|(row, _)| row as u32)
        });
        let there = plaintexts.iter().flatten().collect::<Vec<_>>();
        let mut words = Vec::with_capacity(there.len() * context.level() * context.degree());
        for modulus in 0..context.level() {
            for block in 0..context.degree() / BLOCK {
                for poly in &there {
                    words.extend(&poly.row(modulus)[block * BLOCK..][..BLOCK]);
                }
            }
        }
        Self {
            counts: counts.collect(),
            places: places.collect(),
            words,
        }
    }

    /// Bytes of memory of the plaintexts.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.words[..])
    }

    /// For each column, the sum of its plaintexts times the entries of the query.
    pub fn inner_products(
        &self,
        context: &Context<W>,
        query: &QueryTiles<W>,
    ) -> Vec<Ciphertext<W, Values>> {
        let (degree, level) = (context.degree(), context.level());
        let zero = || Ciphertext::new(vec![Poly::zero(degree, level), Poly::zero(degree, level)]);
        let mut sums = self.counts.iter().map(|_| zero()).collect::<Vec<_>>();
        let tile = self.places.len() * BLOCK;
        let query_tile = query.entries * 2 * BLOCK;
        let blocks = degree / BLOCK;
        for (modulus, ntt) in context.ciphertext_basis().iter().enumerate() {
            let modulus_value = ntt.modulus();
            let most = most_products::<W>(modulus_value.value().to_u64());
            for block in 0..blocks {
                let number = modulus * blocks + block;
                let mut plains = &self.words[number * tile..][..tile];
                let mut places = &self.places[..];
                let queries = &query.words[number * query_tile..][..query_tile];
                for (count, sum) in self.counts.iter().zip(&mut sums) {
                    let (column, rest) = plains.split_at(count * BLOCK);
                    let (column_places, rest_places) = places.split_at(*count);
                    (plains, places) = (rest, rest_places);
                    let mut block_sums = [W::ZERO; 2 * BLOCK];
                    kernels::inner_block(
                        context.kernels(),
                        modulus_value,
                        most,
                        column,
                        column_places,
                        queries,
                        &mut block_sums,
                    );
                    for (poly, sums) in sum.polys_mut().iter_mut().zip(block_sums.chunks(BLOCK)) {
                        poly.row_mut(modulus)[block * BLOCK..][..BLOCK].copy_from_slice(sums);
                    }
                }
            }
        }
        sums
    }
}

impl<W: Word> QueryTiles<W> {
    /// The tiles of the first dimension of a query.
    pub fn new(context: &Context<W>, entries: &[Ciphertext<W, Values>]) -> Self {
        let words = entries.len() * 2 * context.level() * context.degree();
        let mut words = Vec::with_capacity(words);
        for modulus in 0..context.level() {
            for block in 0..context.degree() / BLOCK {
                for poly in entries.iter().flat_map(Ciphertext::polys) {
                    words.extend(&poly.row(modulus)[block * BLOCK..][..BLOCK]);
                }
            }
        }
        Self {
            words,
            entries: entries.len(),
        }
    }
}

/// How many products of residues a wide number holds, beside one residue.
fn most_products<W: Word>(modulus: u64) -> usize {
    let largest = u128::from(modulus - 1) * u128::from(modulus - 1);
    let room = u128::MAX >> (128 - 2 * W::BITS);
    ((room - u128::from(modulus)) / largest).min(1 << 20) as usize
}

#[cfg(test)]
mod tests {
    use hookswitch_lookup_ring::kernels::Kernels;
    use hookswitch_lookup_ring::parameters::Predefined;

    use super::*;

    #[test]
    fn sums_agree_with_the_obvious_way() {
        check::<u32>("n_4096_logq_27_28_28_logt_5", 300);
        check::<u64>("n_8192_logq_28_60_60_logt_20", 20);
    }

    fn check<W: Word>(name: &str, rows: usize) {
        let parameters = Predefined::named(name).expect("a set").parameters();
        for kernels in Kernels::available() {
            let context = Context::<W>::new(parameters.clone(), kernels).expect("it fits");
            // The largest residues, so that sums that overflow would show.
            let poly = |seed: usize| {
                let mut poly = Poly::<W, Values>::zero(context.degree(), context.level());
                for (row, ntt) in poly.rows_mut().zip(context.basis()) {
                    for (index, word) in row.iter_mut().enumerate() {
                        let below = ((seed * 31 + index * 7) % 5) as u64;
                        *word = W::from_u64(ntt.modulus().value().to_u64() - 1 - below);
                    }
                }
                poly
            };
            let plains = (0..2 * rows).map(|k| (k % 3 != 1).then(|| poly(k)));
            let plains = plains.collect::<Vec<_>>();
            let entries = (0..rows).map(|k| Ciphertext::new(vec![poly(k + 1), poly(k + 2)]));
            let entries = entries.collect::<Vec<_>>();
            let tiles = Tiles::new(&context, rows, &plains);
            let query = QueryTiles::new(&context, &entries);
            let sums = tiles.inner_products(&context, &query);
            for (column, sum) in plains.chunks(rows).zip(&sums) {
                let mut want =
                    Ciphertext::new(vec![Poly::zero(context.degree(), context.level()); 2]);
                for (plain, entry) in column.iter().zip(&entries) {
                    let Some(plain) = plain else { continue };
                    let mut product = entry.clone();
                    for poly in product.polys_mut() {
                        poly.multiply(context.basis(), plain);
                    }
                    want.add(&context, &product);
                }
                assert!(*sum == want, "{name} {}", kernels.name());
            }
        }
    }
}
