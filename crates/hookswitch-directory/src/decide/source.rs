//! What a list has to answer when a call comes in.

use hookswitch_model::{ListStamp, Text, Wall};

/// One list, or one app's directory extension: which numbers it blocks, and what it calls them.
///
/// The answers have to be those of one generation: whoever implements it pins the generation for
/// as long as the value lives.
pub trait Source {
    /// The name by which the user knows it.
    fn name(&self) -> &Text;

    /// Its place in the user's order, smallest first. Labels follow it; blocking does not.
    fn order(&self) -> u32;

    /// Whether the user has switched it on. Only the user does that.
    fn is_enabled(&self) -> bool;

    /// The number of the load that made it what it is.
    fn generation(&self) -> u64;

    /// When it was loaded.
    fn loaded(&self) -> Option<Wall>;

    /// Whether it blocks a number (country code and national number as one number).
    fn blocks(&self, number: u64) -> bool;

    /// Gives every label of a number, in the order in which they were loaded.
    fn labels(&self, number: u64, visit: &mut dyn FnMut(&str));
}

/// What a trace keeps of a list.
pub(super) fn stamp<S: Source + ?Sized>(source: &S) -> ListStamp {
    ListStamp {
        name: source.name().clone(),
        generation: source.generation(),
        loaded: source.loaded(),
    }
}
