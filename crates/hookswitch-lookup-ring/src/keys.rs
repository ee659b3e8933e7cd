//! The keys that a server computes with.
//!
//! A client sends them seeded ([`SeededEvaluationKey`]); a server keeps them whole
//! ([`EvaluationKey`]). They are public: nothing here is secret.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::ciphertext::{Ciphertext, Seeded};
use crate::context::Context;
use crate::poly::{Poly, Values};
use crate::word::Word;

/// A key-switching key: one ciphertext, modulo all moduli, for each ciphertext modulus.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySwitchKey<W> {
    rows: Vec<Ciphertext<W, Values>>,
}

impl<W: Word> KeySwitchKey<W> {
    /// A key of these ciphertexts.
    pub fn new(rows: Vec<Ciphertext<W, Values>>) -> Self {
        Self { rows }
    }

    pub(crate) fn rows(&self) -> &[Ciphertext<W, Values>] {
        &self.rows
    }

    /// The polynomials of all rows.
    pub fn polys(&self) -> impl Iterator<Item = &Poly<W, Values>> {
        self.rows.iter().flat_map(Ciphertext::polys)
    }
}

/// A key-switching key as it travels.
pub type SeededKeySwitchKey<W> = Vec<Seeded<W, Values>>;

/// What a server needs to answer one client, as it travels.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeededEvaluationKey<W> {
    /// The Galois elements and their keys, in the order in which they travel.
    pub galois: Vec<(u32, SeededKeySwitchKey<W>)>,
    /// The relinearization key.
    pub relinearization: Option<SeededKeySwitchKey<W>>,
}

/// What a server needs to answer one client.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EvaluationKey<W> {
    galois: BTreeMap<u32, KeySwitchKey<W>>,
    relinearization: Option<KeySwitchKey<W>>,
}

impl<W: Word> SeededEvaluationKey<W> {
    /// Stretches every seed.
    pub fn expand(&self, context: &Context<W>) -> EvaluationKey<W> {
        let expand = |rows: &SeededKeySwitchKey<W>| {
            KeySwitchKey::new(rows.iter().map(|row| row.expand(context)).collect())
        };
        let galois = self.galois.iter();
        EvaluationKey {
            galois: galois
                .map(|(element, key)| (*element, expand(key)))
                .collect(),
            relinearization: self.relinearization.as_ref().map(expand),
        }
    }
}

impl<W: Word> EvaluationKey<W> {
    /// A key of these parts.
    pub fn new(
        galois: BTreeMap<u32, KeySwitchKey<W>>,
        relinearization: Option<KeySwitchKey<W>>,
    ) -> Self {
        Self {
            galois,
            relinearization,
        }
    }

    /// The key of a Galois element.
    pub fn galois(&self, element: u32) -> Option<&KeySwitchKey<W>> {
        self.galois.get(&element)
    }

    /// The Galois elements, ascending.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.galois.keys().copied()
    }

    /// The relinearization key.
    pub fn relinearization(&self) -> Option<&KeySwitchKey<W>> {
        self.relinearization.as_ref()
    }
}
