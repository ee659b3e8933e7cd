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
use hookswitch_lookup_ring::keys::EvaluationKey;
use hookswitch_lookup_ring::poly::{Coefficients, Poly, Values};
use hookswitch_lookup_ring::switch::relinearize;
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
struct Expanded<W> {
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

    /// Answers a query.
    ///
    /// # Errors
    ///
    /// When the query is not of this shape, or the key lacks an element.
    pub fn answer(&self, query: Query<W>, key: &EvaluationKey<W>) -> Result<Answer<W>, Error> {
        let tables = self.shape.tables();
        if query.tables != tables {
            return Err(Error::QueryTables { tables });
        }
        let wanted = self.shape.query_ciphertexts();
        if query.ciphertexts.len() != wanted {
            return Err(Error::QueryCiphertexts { wanted });
        }
        let expanded = expand(&self.context, query.ciphertexts, self.shape.expanded(), key)?;
        let mut expanded = expanded.into_iter();
        let mut answer = Vec::with_capacity(tables);
        for chunks in &self.tables {
            let part = expanded.by_ref().take(self.shape.expanded_per_table());
            let part = self.prepare(part);
            let replies = chunks.iter().map(|chunk| self.reply(chunk, &part, key));
            answer.push(replies.collect::<Result<_, _>>()?);
        }
        Ok(answer)
    }

    fn prepare(&self, expanded: impl Iterator<Item = Ciphertext<W, Coefficients>>) -> Expanded<W> {
        let context = &*self.context;
        let mut expanded = expanded;
        let first = expanded.by_ref().take(self.shape.first_dimension());
        let first = first.map(|entry| entry.into_values(context));
        let first = QueryTiles::new(context, &first.collect::<Vec<_>>());
        let second = expanded.map(|entry| context.behz().lift(context, &entry, None));
        Expanded {
            first,
            second: second.collect(),
        }
    }

    fn reply(
        &self,
        chunk: &Tiles<W>,
        query: &Expanded<W>,
        key: &EvaluationKey<W>,
    ) -> Result<Ciphertext<W, Coefficients>, Error> {
        let context = &*self.context;
        let columns = chunk.inner_products(context, &query.first);
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
                relinearize(context, behz.finish(context, &sum), key)?
            }
        };
        reply.switch_to_first(context);
        Ok(reply)
    }
}
