//! The latest things of all apps, within a bound that no app can use up for the others.
//!
//! # Promises
//!
//! - **LA1** there are never more than the bound.
//! - **LA2** when there are too many, the oldest one of the app that has most is forgotten: what
//!   one app adds without end pushes out nothing but its own.

use std::collections::{BTreeMap, VecDeque};

use crate::config::AppId;

/// Things of apps, oldest first.
#[derive(Clone, Debug)]
pub struct Latest<T> {
    entries: VecDeque<(AppId, T)>,
    counts: BTreeMap<AppId, usize>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            counts: BTreeMap::new(),
        }
    }
}

impl<T> Latest<T> {
    /// Adds one, and returns the one that is forgotten for it if there are more than `max` then.
    pub fn push(&mut self, app: AppId, entry: T, max: usize) -> Option<(AppId, T)> {
        *self.counts.entry(app.clone()).or_default() += 1;
        self.entries.push_back((app, entry));
        if self.entries.len() <= max {
            return None;
        }
        let most = self.counts.iter().max_by_key(|(_, count)| **count)?.0;
        let oldest = self.entries.iter().position(|(app, _)| app == most)?;
        self.take(oldest)
    }

    /// Removes the first one of an app that fits.
    pub fn remove(&mut self, app: &AppId, fits: impl Fn(&T) -> bool) -> Option<(AppId, T)> {
        let is_it = |(of, entry): &(AppId, T)| of == app && fits(entry);
        self.take(self.entries.iter().position(is_it)?)
    }

    fn take(&mut self, at: usize) -> Option<(AppId, T)> {
        let (app, entry) = self.entries.remove(at)?;
        if let Some(count) = self.counts.get_mut(&app) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&app);
            }
        }
        Some((app, entry))
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(AppId, T)> + DoubleEndedIterator {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> AppId {
        AppId::new(&format!("org.example.{name}")).expect("valid")
    }

    #[test]
    fn one_app_without_end_pushes_out_its_own() {
        let mut latest = Latest::default();
        for entry in 0..3 {
            assert_eq!(latest.push(app("Quiet"), entry, 10), None);
        }
        for entry in 100..1_000 {
            let forgotten = latest.push(app("Flood"), entry, 10);
            let first = (entry >= 107).then(|| (app("Flood"), entry - 7));
            assert_eq!(forgotten, first);
        }
        let kept: Vec<i32> = latest.iter().map(|(_, entry)| *entry).collect();
        assert_eq!(kept, [0, 1, 2, 993, 994, 995, 996, 997, 998, 999]);
        let removed = latest.remove(&app("Quiet"), |entry| *entry == 1);
        assert_eq!(removed, Some((app("Quiet"), 1)));
        assert_eq!(latest.remove(&app("Flood"), |entry| *entry == 1), None);
        assert_eq!(latest.iter().len(), 9);
    }
}
