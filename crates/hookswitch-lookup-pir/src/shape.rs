//! The shape of a shard: entries, dimensions, and where an entry lies.
//!
//! # Promises
//!
//! - **H1** a [`Shape`] holds together: its dimensions have room for its entries, and one honest
//!   query fits the ring.
//!
//! Rules: `MulPir.generateParameter` and `evaluationKeyConfig` of `MulPir.swift`.

use std::ops::Range;

use hookswitch_lookup_ring::parameters::Parameters;

use crate::error::Error;

/// Most buckets of one table.
const ENTRIES_MAX: usize = 1 << 28;
/// Most bytes of an entry.
const ENTRY_BYTES_MAX: usize = 1 << 20;
/// Most tables.
const TABLES_MAX: usize = 8;

/// What client and server must agree on about a shard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shape {
    entries: usize,
    entry_size: usize,
    dimensions: Vec<usize>,
    tables: usize,
    plaintext_bytes: usize,
    payload_bits: u32,
    degree: usize,
}

/// How many Galois keys a client sends: fewer keys, more work for the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compression {
    /// One for each level of the expansion.
    None,
    /// Fewer than half; the others are composed.
    Maximum,
    /// As the maximum, and one in the middle.
    Hybrid,
}

impl Shape {
    /// A shape that somebody published.
    ///
    /// # Errors
    ///
    /// When it does not hold together.
    pub fn new(
        parameters: &Parameters,
        entries: usize,
        entry_size: usize,
        dimensions: &[usize],
        tables: usize,
    ) -> Result<Self, Error> {
        let rule = |holds: bool, rule: &'static str| holds.then_some(()).ok_or(Error::Shape(rule));
        rule(
            (1..=ENTRIES_MAX).contains(&entries),
            "entries from 1 to 2^28",
        )?;
        let sizes = 1..=ENTRY_BYTES_MAX;
        rule(sizes.contains(&entry_size), "entries from 1 byte to 1 MiB")?;
        rule((1..=TABLES_MAX).contains(&tables), "from 1 to 8 tables")?;
        rule((1..=2).contains(&dimensions.len()), "one or two dimensions")?;
        let are_sane = dimensions
            .iter()
            .all(|d| (1..=parameters.degree()).contains(d));
        rule(are_sane, "dimensions from 1 to the degree")?;
        let shape = Self {
            entries,
            entry_size,
            dimensions: dimensions.to_vec(),
            tables,
            plaintext_bytes: parameters.plaintext_bytes(),
            payload_bits: parameters.payload_bits(),
            degree: parameters.degree(),
        };
        let room = shape.plaintexts_per_chunk() * shape.entries_per_plaintext();
        rule(room >= entries, "dimensions with room for all entries")?;
        rule(
            shape.expanded() <= 8 * parameters.degree(),
            "a query of at most 8 ciphertexts",
        )?;
        Ok(shape)
    }

    /// The shape that Apple's tool chooses for tables: two dimensions, near square, then the second
    /// one lowered for as long as the expansion does not get deeper.
    ///
    /// # Errors
    ///
    /// When the tables are too large.
    pub fn choose(
        parameters: &Parameters,
        entries: usize,
        entry_size: usize,
        tables: usize,
    ) -> Result<Self, Error> {
        let per_plaintext = (parameters.plaintext_bytes() / entry_size.max(1)).max(1);
        let plaintexts = entries.div_ceil(per_plaintext);
        let root = plaintexts.isqrt();
        let mut dimensions = [root, root];
        if root * root < plaintexts {
            dimensions[0] += 1;
        }
        if dimensions[0] * dimensions[1] < plaintexts {
            dimensions[1] += 1;
        }
        let depth = |[first, second]: [usize; 2]| ((first + second) * tables).next_power_of_two();
        let limit = depth(dimensions);
        let mut next = dimensions;
        while depth(next) <= limit {
            dimensions = next;
            if next[1] <= 1 {
                break;
            }
            next[1] -= 1;
            next[0] = plaintexts.div_ceil(next[1]);
        }
        Self::new(parameters, entries, entry_size, &dimensions, tables)
    }

    /// Buckets of one table.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Bytes of an entry.
    pub fn entry_size(&self) -> usize {
        self.entry_size
    }

    /// The dimensions, one or two.
    pub fn dimensions(&self) -> &[usize] {
        &self.dimensions
    }

    /// How many tables there are; the batch size of the protocol.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Payload bytes of a plaintext.
    pub fn plaintext_bytes(&self) -> usize {
        self.plaintext_bytes
    }

    /// Payload bits of a plaintext coefficient.
    pub fn payload_bits(&self) -> u32 {
        self.payload_bits
    }

    /// Rows of a column of plaintexts: the first dimension.
    pub fn first_dimension(&self) -> usize {
        self.dimensions[0]
    }

    /// Columns of plaintexts: the second dimension, or one.
    pub fn columns(&self) -> usize {
        self.dimensions.get(1).copied().unwrap_or(1)
    }

    /// Plaintexts over which an entry is split; the ciphertexts of an answer of one table.
    pub fn chunks(&self) -> usize {
        self.entry_size.div_ceil(self.plaintext_bytes)
    }

    /// Entries in one plaintext, at least one.
    pub fn entries_per_plaintext(&self) -> usize {
        (self.plaintext_bytes / self.entry_size).max(1)
    }

    /// Plaintexts of one chunk of a table, with padding.
    pub fn plaintexts_per_chunk(&self) -> usize {
        self.dimensions.iter().product()
    }

    /// Plaintexts of all tables, with padding.
    pub fn plaintexts(&self) -> usize {
        self.tables * self.chunks() * self.plaintexts_per_chunk()
    }

    /// What a query expands to, for one table.
    pub fn expanded_per_table(&self) -> usize {
        self.dimensions.iter().sum()
    }

    /// What a query expands to.
    pub fn expanded(&self) -> usize {
        self.tables * self.expanded_per_table()
    }

    /// How many ciphertexts a query has.
    pub fn query_ciphertexts(&self) -> usize {
        self.expanded().div_ceil(self.degree)
    }

    /// The coordinates of the plaintext of an entry; the first dimension is the slowest.
    pub fn coordinates(&self, entry: usize) -> Vec<usize> {
        let plaintext = entry / self.entries_per_plaintext();
        let columns = self.columns();
        match self.dimensions.len() {
            1 => vec![plaintext],
            _ => vec![plaintext / columns, plaintext % columns],
        }
    }

    /// Where the bytes of an entry are in the plaintexts of its chunks.
    pub fn bytes_of(&self, entry: usize) -> Range<usize> {
        let start = entry % self.entries_per_plaintext() * self.entry_size;
        start..start + self.entry_size
    }

    /// The Galois elements that a server needs to expand a query, in ascending order.
    pub fn galois_elements(&self, compression: Compression) -> Vec<u32> {
        let log_degree = self.degree.ilog2();
        let outputs = self.expanded().min(self.degree);
        let depth = usize::BITS - (outputs - 1).leading_zeros();
        let smallest = log_degree - depth + 1;
        let low = smallest.max((log_degree + 1).div_ceil(2));
        let mut powers = match compression {
            Compression::None => (smallest..=log_degree).collect::<Vec<_>>(),
            Compression::Maximum | Compression::Hybrid => (smallest..=low).collect(),
        };
        let middle = low.max((log_degree + low).div_ceil(2));
        if compression == Compression::Hybrid && !powers.contains(&middle) {
            powers.push(middle);
        }
        powers.iter().map(|power| (1 << power) + 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_lookup_ring::parameters::Predefined;

    use super::*;

    #[test]
    fn dimensions_are_those_of_the_reference() {
        // 10,000 rows of 100 bytes, 50,000 of 1 byte, a million of 40: dimensions as measured with
        // Apple's tool.
        check(600, 2048, &[50, 6]);
        check(300, 2048, &[25, 6]);
        check(2, 2048, &[1, 1]);
    }

    #[track_caller]
    fn check(plaintexts: usize, entry_size: usize, want: &[usize]) {
        let set = Predefined::named("n_4096_logq_27_28_28_logt_5").expect("a set");
        let parameters = set.parameters();
        let shape = Shape::choose(&parameters, plaintexts / 2, entry_size, 2).expect("it fits");
        assert_eq!(shape.dimensions(), want);
    }

    #[test]
    fn broken_shapes_are_refused() {
        let set = Predefined::named("n_4096_logq_27_28_28_logt_5").expect("a set");
        let new = |entries, size, dimensions: &[usize], tables| {
            Shape::new(&set.parameters(), entries, size, dimensions, tables).err()
        };
        assert_eq!(new(4, 2048, &[2, 2], 2), None);
        assert!(new(5, 2048, &[2, 2], 2).is_some());
        assert!(new(4, 2048, &[2, 0], 2).is_some());
        assert!(new(4, 2048, &[2, 2, 1], 2).is_some());
        assert!(new(4, 0, &[2, 2], 2).is_some());
        assert!(new(4, 2048, &[2, 2], 0).is_some());
        assert!(new(4, 2048, &[4096, 4096], 8).is_some());
    }
}
