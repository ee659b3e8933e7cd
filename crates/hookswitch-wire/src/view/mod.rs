//! The view model: what a screen shows, with every word of it.
