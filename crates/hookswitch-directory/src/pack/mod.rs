//! Packing: bits, Huffman codes, a static search tree, and groups of blocks that can be entered at
//! each block. Sets and labels are made of these.

pub(crate) mod bits;
pub(crate) mod footer;
pub(crate) mod group;
pub(crate) mod huffman;
pub(crate) mod index;
pub(crate) mod packed;
pub(crate) mod tables;
