//! Cuckoo tables: each row goes to one of its buckets, one table for each hash function.
//!
//! Input: rows, a configuration, chance. Output: [`Tables`]. Any placement in which each row is in
//! one of its buckets is valid on the wire; which one is chance (`CuckooTable.swift`).
//!
//! # Promises
//!
//! - **U1** every row is in exactly one of its buckets, and no bucket is larger than allowed.
//! - **U2** building ends: evictions for one row and growths of the tables are bounded.

use std::collections::BTreeMap;

use hookswitch_lookup_ring::sample::Random;

use crate::bucket::{self, HEADER_BYTES, SLOT_BYTES, SLOTS_MAX, Slot, VALUE_BYTES_MAX};
use crate::error::Error;
use crate::keyword;

/// How tables are built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Hash functions, and so tables; at least 1.
    pub functions: usize,
    /// Most rows that move for one new row.
    pub evictions_max: usize,
    /// Most bytes of a bucket.
    pub bucket_bytes_max: usize,
    /// Most rows of a bucket, at most 255.
    pub slots_max: usize,
    /// How many buckets there are.
    pub buckets: Buckets,
}

/// How many buckets there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Buckets {
    /// As many as needed at nine tenths of their bytes, a tenth more each time they are full.
    Grow,
    /// This many over all tables, so that the shape does not change with the data.
    Fixed(usize),
}

impl Config {
    /// The configuration of Apple's tool for values of at most `value_bytes` with a plaintext of
    /// `plaintext_bytes`.
    pub fn new(value_bytes: usize, plaintext_bytes: usize) -> Self {
        let single = HEADER_BYTES + SLOT_BYTES + value_bytes;
        let bucket_bytes_max = match single >= plaintext_bytes / 2 {
            true => single.next_multiple_of(plaintext_bytes),
            false => plaintext_bytes / 2,
        };
        Self {
            functions: 2,
            evictions_max: 100,
            bucket_bytes_max,
            slots_max: SLOTS_MAX,
            buckets: Buckets::Grow,
        }
    }
}

/// A row: the hash of a keyword, and a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The hash of the keyword.
    pub hash: u64,
    /// The value.
    pub value: Vec<u8>,
}

/// Built tables.
#[derive(Clone, Debug)]
pub struct Tables {
    config: Config,
    rows: Vec<Row>,
    /// For each bucket the numbers of its rows; the tables follow each other.
    buckets: Vec<Vec<u32>>,
    sizes: Vec<usize>,
}

/// Most times that the tables grow.
const GROWTHS_MAX: usize = 200;

impl Tables {
    /// Places the rows.
    ///
    /// # Errors
    ///
    /// When there are none, one is too large or there twice, or the tables are full.
    pub fn build(config: Config, rows: Vec<Row>, random: &mut dyn Random) -> Result<Self, Error> {
        check_rows(&config, &rows)?;
        let bytes = rows.iter().map(|row| SLOT_BYTES + row.value.len());
        let bytes = HEADER_BYTES + bytes.sum::<usize>();
        let wanted = match config.buckets {
            // Nine tenths in whole numbers.
            Buckets::Grow => (bytes.div_ceil(config.bucket_bytes_max) * 10).div_ceil(9),
            Buckets::Fixed(count) => count,
        };
        let mut count = wanted.max(1).next_multiple_of(config.functions);
        for _ in 0..GROWTHS_MAX {
            let mut tables = Self {
                config,
                rows: Vec::new(),
                buckets: vec![Vec::new(); count],
                sizes: vec![HEADER_BYTES; count],
            };
            let mut placer = Placer {
                tables: &mut tables,
                rows: &rows,
                random,
            };
            if (0..rows.len() as u32).all(|row| placer.place(row)) {
                tables.rows = rows;
                return Ok(tables);
            }
            match config.buckets {
                Buckets::Fixed(_) => return Err(Error::TablesFull),
                Buckets::Grow => {
                    count = (count * 11).div_ceil(10).next_multiple_of(config.functions);
                }
            }
        }
        Err(Error::TablesFull)
    }

    /// How many buckets one table has.
    pub fn buckets_per_table(&self) -> usize {
        self.buckets.len() / self.config.functions
    }

    /// How many tables there are.
    pub fn tables(&self) -> usize {
        self.config.functions
    }

    /// Bytes of the largest bucket.
    pub fn largest_bucket(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(HEADER_BYTES)
    }

    /// Bytes of an entry of the shard: the largest bucket, or the most allowed where the shape
    /// must not change with the data.
    pub fn entry_size(&self) -> usize {
        match self.config.buckets {
            Buckets::Grow => self.largest_bucket(),
            Buckets::Fixed(_) => self.config.bucket_bytes_max,
        }
    }

    /// The bytes of a bucket.
    pub fn bucket(&self, table: usize, index: usize) -> Vec<u8> {
        let rows = &self.buckets[table * self.buckets_per_table() + index];
        let slots = rows.iter().map(|row| {
            let row = &self.rows[*row as usize];
            Slot {
                hash: row.hash,
                value: &row.value,
            }
        });
        let mut bytes = Vec::new();
        bucket::write(slots, &mut bytes);
        bytes
    }

    /// The value of a keyword hash.
    pub fn find(&self, hash: u64) -> Option<&[u8]> {
        let per_table = self.buckets_per_table();
        let places = keyword::buckets(hash, per_table, self.config.functions);
        let buckets = places.iter().enumerate();
        let mut rows = buckets.flat_map(|(table, index)| &self.buckets[table * per_table + index]);
        let found = rows.find(|row| self.rows[**row as usize].hash == hash)?;
        Some(&self.rows[*found as usize].value)
    }
}

fn check_rows(config: &Config, rows: &[Row]) -> Result<(), Error> {
    if rows.is_empty() {
        return Err(Error::NoRows);
    }
    let mut seen = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        let size = HEADER_BYTES + SLOT_BYTES + row.value.len();
        if size > config.bucket_bytes_max || row.value.len() > VALUE_BYTES_MAX {
            return Err(Error::RowTooLarge(number));
        }
        if seen.insert(row.hash, number).is_some() {
            return Err(Error::RepeatedKeyword(number));
        }
    }
    Ok(())
}

/// Puts rows into tables.
struct Placer<'a> {
    tables: &'a mut Tables,
    rows: &'a [Row],
    random: &'a mut dyn Random,
}

impl Placer<'_> {
    /// Places a row, moving others if it must; `false` when the tables are full.
    fn place(&mut self, mut row: u32) -> bool {
        let functions = self.tables.config.functions;
        let per_table = self.tables.buckets_per_table();
        for _ in 0..self.tables.config.evictions_max {
            let places = keyword::buckets(self.rows[row as usize].hash, per_table, functions);
            let places = places.into_iter().enumerate();
            let places = places.map(|(table, index)| table * per_table + index);
            let places = places.collect::<Vec<_>>();
            if let Some(free) = places.iter().find(|bucket| self.fits(**bucket, row, None)) {
                self.tables.sizes[*free] += self.size(row);
                self.tables.buckets[*free].push(row);
                return true;
            }
            let Some((bucket, slot)) = self.choose(&places, row) else {
                return false;
            };
            let evicted = std::mem::replace(&mut self.tables.buckets[bucket][slot], row);
            self.tables.sizes[bucket] += self.size(row);
            self.tables.sizes[bucket] -= self.size(evicted);
            row = evicted;
        }
        false
    }

    fn size(&self, row: u32) -> usize {
        SLOT_BYTES + self.rows[row as usize].value.len()
    }

    /// Whether the row fits in the bucket, perhaps in the place of another.
    fn fits(&self, bucket: usize, row: u32, instead_of: Option<u32>) -> bool {
        let freed = instead_of.map_or(0, |row| self.size(row));
        let slots = self.tables.buckets[bucket].len() + usize::from(instead_of.is_none());
        let size = self.tables.sizes[bucket] + self.size(row) - freed;
        slots <= self.tables.config.slots_max && size <= self.tables.config.bucket_bytes_max
    }

    /// A slot whose row could make way, by chance.
    fn choose(&mut self, places: &[usize], row: u32) -> Option<(usize, usize)> {
        let candidates = places.iter().flat_map(|bucket| {
            let slots = self.tables.buckets[*bucket].iter().enumerate();
            let slots = slots.filter(|(_, old)| self.fits(*bucket, row, Some(**old)));
            slots.map(|(slot, _)| (*bucket, slot))
        });
        let candidates = candidates.collect::<Vec<_>>();
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        let chance = u128::from(u64::from_le_bytes(bytes));
        let index = (chance * candidates.len() as u128) >> 64;
        candidates.get(index as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_lookup_ring::drbg::Drbg;

    use super::*;

    struct Chance(Drbg);

    impl Random for Chance {
        fn fill(&mut self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(16) {
                let next = self.0.next_u128().to_le_bytes();
                chunk.copy_from_slice(&next[..chunk.len()]);
            }
        }
    }

    fn rows(count: usize, bytes: usize) -> Vec<Row> {
        let row = |number: usize| Row {
            hash: keyword::hash(format!("+1{number}").as_bytes()),
            value: vec![number as u8; bytes],
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn every_row_is_found_again() {
        let mut chance = Chance(Drbg::new(&[3; 32]));
        for (count, bytes) in [(1, 0), (5, 40), (3000, 1), (900, 40), (20, 3000)] {
            let rows = rows(count, bytes);
            let config = Config::new(bytes, 2048);
            let tables = Tables::build(config, rows.clone(), &mut chance).expect("they fit");
            for row in &rows {
                assert_eq!(tables.find(row.hash), Some(&row.value[..]));
            }
            assert_eq!(tables.find(1), None);
            assert!(tables.largest_bucket() <= config.bucket_bytes_max);
            let load = rows.len() * (SLOT_BYTES + bytes);
            let room = tables.buckets.len() * config.bucket_bytes_max;
            assert!(count < 100 || load * 10 > room * 8, "{load} of {room}");
        }
    }

    #[test]
    fn what_cannot_be_placed_is_refused() {
        let mut chance = Chance(Drbg::new(&[4; 32]));
        let config = Config::new(40, 2048);
        let mut build = |config, rows| Tables::build(config, rows, &mut chance).err();
        assert_eq!(build(config, vec![]), Some(Error::NoRows));
        assert_eq!(build(config, rows(3, 2000)), Some(Error::RowTooLarge(0)));
        let mut twice = rows(3, 1);
        twice[2].hash = twice[0].hash;
        assert_eq!(build(config, twice), Some(Error::RepeatedKeyword(2)));
        let fixed = Config {
            buckets: Buckets::Fixed(4),
            ..config
        };
        assert_eq!(build(fixed, rows(500, 40)), Some(Error::TablesFull));
        assert_eq!(build(fixed, rows(40, 40)), None);
    }
}
