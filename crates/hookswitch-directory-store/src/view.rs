//! What lookups see: one generation of one extension.

use std::fmt;
use std::sync::Arc;

use hookswitch_directory::decide::Source;
use hookswitch_directory::delta::Overlay;
use hookswitch_directory::image::{Image, Opened};
use hookswitch_model::{Text, Wall};

use crate::files::Bytes;

/// One generation of an extension; it stays as it is however long it is kept.
#[derive(Clone)]
pub struct View {
    pub(crate) bytes: Bytes,
    pub(crate) opened: Arc<Opened>,
    pub(crate) overlay: Arc<Overlay>,
    pub(crate) generation: u64,
    pub(crate) loaded: i64,
}

impl View {
    /// The number of the load that made it.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When that was.
    #[must_use]
    pub fn loaded(&self) -> Wall {
        Wall::from_millis(self.loaded)
    }

    /// How many entries there are; a range is one.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.overlay.count_entries(&self.image())
    }

    /// How many numbers are blocked, and how many have labels.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let image = self.image();
        let blocked = self.overlay.count_blocked(&image);
        (blocked, self.overlay.count_labeled(&image))
    }

    /// Whether a number is blocked.
    #[must_use]
    pub fn blocks(&self, number: u64) -> bool {
        match self.overlay.says_blocked(number) {
            Some(blocked) => blocked,
            None => {
                let bytes = (*self.bytes).as_ref();
                self.opened.blocked_over(bytes).contains(number)
            }
        }
    }

    /// Tells the labels of a number in their order.
    pub fn labels(&self, number: u64, visit: &mut dyn FnMut(&str)) {
        self.overlay.labels(number, &self.image(), visit);
    }

    /// The image below the changes.
    pub(crate) fn image(&self) -> Image<'_> {
        self.opened.over((*self.bytes).as_ref())
    }
}

/// Without the numbers: they are somebody's.
impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// A view with the user's settings for it: what a decision consults.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name by which the user knows the list.
    pub name: Text,
    /// Its place in the user's order, smallest first.
    pub order: u32,
    /// Whether the user has switched it on.
    pub is_enabled: bool,
    /// Its data; none if nothing was loaded yet.
    pub view: Option<View>,
}

impl Source for Listed {
    fn name(&self) -> &Text {
        &self.name
    }

    fn order(&self) -> u32 {
        self.order
    }

    fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    fn generation(&self) -> u64 {
        self.view.as_ref().map_or(0, View::generation)
    }

    fn loaded(&self) -> Option<Wall> {
        self.view.as_ref().map(View::loaded)
    }

    fn blocks(&self, number: u64) -> bool {
        self.view.as_ref().is_some_and(|view| view.blocks(number))
    }

    fn labels(&self, number: u64, visit: &mut dyn FnMut(&str)) {
        if let Some(view) = &self.view {
            view.labels(number, visit);
        }
    }
}
