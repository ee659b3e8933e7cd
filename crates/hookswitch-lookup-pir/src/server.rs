//! The server's side: one shard, ready to answer.
//!
//! Input: an encrypted query and the evaluation key of its client. Output: one list of ciphertexts
//! for each table, one ciphertext for each chunk, modulo the first modulus only.
//!
//! # Promises
//!
//! - **V1** the answer is a function of database, key and query alone, equal bit for bit to that of
//!   Apple's library, with every kernel.
//! - **V2** what a query costs is known from the shape; nothing in a query makes it dearer.

use std::sync::Arc;

use hookswitch_lookup_ring::behz::Extended;
use hookswitch_lookup_ring::ciphertext::Ciphertext;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::error::Error as RingError;
use hookswitch_lookup_ring::keys::EvaluationKey;
use hookswitch_lookup_ring::poly::{Coefficients, Poly, Values};
use hookswitch_lookup_ring::switch::{Workspace, relinearize};
use hookswitch_lookup_ring::word::Word;

use crate::error::Error;
use crate::expand::expand;
use crate::shape::Shape;
use crate::tiles::{QueryTiles, Tiles};

/// An encrypted query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query<W> {
    /// The ciphertexts, with all ciphertext moduli.
    pub ciphertexts: Vec<Ciphertext<W, Coefficients>>,
    /// How many tables are asked.
    pub tables: usize,
}

/// An answer: for each table, a ciphertext for each chunk.
pub type Answer<W> = Vec<Vec<Ciphertext<W, Coefficients>>>;

/// A shard in memory.
#[derive(Clone, Debug)]
pub struct Server<W> {
    context: Arc<Context<W>>,
    shape: Shape,
    /// For each table its chunks.
    tables: Vec<Vec<Tiles<W>>>,
}

/// What a query of one table has become: the first dimension, and the second, lifted.
#[derive(Clone, Debug)]
pub struct Expanded<W> {
    first: QueryTiles<W>,
    second: Vec<Extended<W>>,
}

impl<W: Word> Server<W> {
    /// A shard of plaintexts in the order of the processed file.
    ///
    /// # Errors
    ///
    /// The first error of the plaintexts, or when there are more or fewer than the shape says.
    pub fn new<E: Into<Error>>(
        context: Arc<Context<W>>,
        shape: Shape,
        plaintexts: impl IntoIterator<Item = Result<Option<Poly<W, Values>>, E>>,
    ) -> Result<Self, Error> {
        let mut plaintexts = plaintexts.into_iter();
        let per_chunk = shape.plaintexts_per_chunk();
        let mut tables = Vec::with_capacity(shape.tables());
        for _ in 0..shape.tables() {
            let mut chunks = Vec::with_capacity(shape.chunks());
            for _ in 0..shape.chunks() {
                let chunk = plaintexts.by_ref().take(per_chunk);
                let chunk = chunk.collect::<Result<Vec<_>, _>>().map_err(Into::into)?;
                if chunk.len() < per_chunk {
                    return Err(Error::File("there are too few plaintexts"));
                }
                chunks.push(Tiles::new(&context, shape.first_dimension(), &chunk));
            }
            tables.push(chunks);
        }
        match plaintexts.next() {
            None => Ok(Self {
                context,
                shape,
                tables,
            }),
            Some(Ok(_)) => Err(Error::File("there are too many plaintexts")),
            Some(Err(error)) => Err(error.into()),
        }
    }

    /// The shape of the shard.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The context of the shard.
    pub fn context(&self) -> &Arc<Context<W>> {
        &self.context
    }

    /// Bytes of memory of all plaintexts.
    pub fn bytes(&self) -> usize {
        self.tables.iter().flatten().map(Tiles::bytes).sum()
    }

    /// Answers a query: [`Server::expand`], [`Server::inner_products`] and [`Server::fold`].
    ///
    /// # Errors
    ///
    /// When the query is not of this shape, or the key lacks an element.
    pub fn answer(&self, query: Query<W>, key: &EvaluationKey<W>) -> Result<Answer<W>, Error> {
        let expanded = self.expand(query, key)?;
        let chunks = 0..self.shape.chunks();
        let table = |(table, query): (usize, &Expanded<W>)| {
            let chunk = |chunk| self.fold(self.inner_products(table, chunk, query), query, key);
            chunks.clone().map(chunk).collect()
        };
        expanded.iter().enumerate().map(table).collect()
    }

    /// The first phase: what the query asks of each table.
    ///
    /// # Errors
    ///
    /// When the query is not of this shape, or the key lacks an element.
    pub fn expand(
        &self,
        query: Query<W>,
        key: &EvaluationKey<W>,
    ) -> Result<Vec<Expanded<W>>, Error> {
        let tables = self.shape.tables();
        if query.tables != tables {
            return Err(Error::QueryTables { tables });
        }
        let wanted = self.shape.query_ciphertexts();
        if query.ciphertexts.len() != wanted {
            return Err(Error::QueryCiphertexts { wanted });
        }
        if key.relinearization().is_none() {
            return Err(RingError::MissingRelinearizationKey.into());
        }
        let expanded = expand(&self.context, query.ciphertexts, self.shape.expanded(), key)?;
        let mut expanded = expanded.into_iter();
        let context = &*self.context;
        let table = |_| {
            let first = expanded.by_ref().take(self.shape.first_dimension());
            let first = first.map(|entry| entry.into_values(context));
            let first = QueryTiles::new(context, &first.collect::<Vec<_>>());
            let second = self.shape.dimensions().get(1).copied().unwrap_or(0);
            let second = expanded.by_ref().take(second);
            let second = second.map(|entry| context.behz().lift(context, &entry, None));
            Expanded {
                first,
                second: second.collect(),
            }
        };
        Ok((0..tables).map(table).collect())
    }

    /// The second phase: for each column of a chunk, the sum of its plaintexts times the query.
    ///
    /// # Panics
    ///
    /// When there is no such table or chunk.
    pub fn inner_products(
        &self,
        table: usize,
        chunk: usize,
        query: &Expanded<W>,
    ) -> Vec<Ciphertext<W, Values>> {
        self.tables[table][chunk].inner_products(&self.context, &query.first)
    }

    /// The last phase: folds the columns with the second dimension, and switches to the first
    /// modulus.
    ///
    /// # Errors
    ///
    /// When the key has no relinearization key.
    pub fn fold(
        &self,
        columns: Vec<Ciphertext<W, Values>>,
        query: &Expanded<W>,
        key: &EvaluationKey<W>,
    ) -> Result<Ciphertext<W, Coefficients>, Error> {
        let context = &*self.context;
        let mut reply = match self.shape.dimensions().len() {
            1 => {
                let mut columns = columns.into_iter();
                let only = columns.next().expect("one dimension is one column");
                only.into_coefficients(context)
            }
            _ => {
                let behz = context.behz();
                let mut sum = behz.sum();
                for (column, entry) in columns.into_iter().zip(&query.second) {
                    let coefficients = column.clone().into_coefficients(context);
                    let lifted = behz.lift(context, &coefficients, Some(column));
                    behz.add_product(context, &mut sum, entry, &lifted);
                }
                let mut work = Workspace::new(context);
                relinearize(context, behz.finish(context, &sum), key, &mut work)?
            }
        };
        reply.switch_to_first(context);
        Ok(reply)
    }
}
