//! Which bus connection is which app.
//!
//! Input: unique bus names, and what the bus driver says about their owners.
//! Output: [`ClientId`]s that stand for exactly one process life.
//!
//! # Promises
//!
//! - **C1** a client id is given out once and never again.
//! - **C2** only a connection that owned its app's name at the time has one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookswitch_model::{AppId, ClientId};
use zbus::names::OwnedUniqueName;

/// A registered connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Client {
    /// Its number.
    pub id: ClientId,
    /// The app it owns the name of.
    pub app: AppId,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    by_name: HashMap<String, Client>,
}

/// The table, shared by the provider interface and the watcher of bus names.
///
/// The lock is held for one map operation at a time and never across a wait.
#[derive(Clone, Debug, Default)]
pub struct Clients(Arc<Mutex<Table>>);

impl Clients {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client behind a unique bus name.
    #[must_use]
    pub fn find(&self, unique: &str) -> Option<Client> {
        self.table().by_name.get(unique).cloned()
    }

    /// The connection behind a client.
    pub(crate) fn name_of(&self, client: ClientId) -> Option<OwnedUniqueName> {
        let table = self.table();
        let found = table.by_name.iter().find(|(_, known)| known.id == client);
        found.and_then(|(unique, _)| OwnedUniqueName::try_from(unique.as_str()).ok())
    }

    /// Enters a connection, or finds it again. Says whether it is new.
    ///
    /// A connection that registers a second app name keeps the first one only.
    pub fn enter(&self, unique: &str, app: &AppId) -> (Client, bool) {
        let mut table = self.table();
        if let Some(known) = table.by_name.get(unique) {
            return (known.clone(), false);
        }
        table.last += 1;
        let client = Client {
            id: ClientId(table.last),
            app: app.clone(),
        };
        table.by_name.insert(unique.to_owned(), client.clone());
        (client, true)
    }

    /// Removes the connection that lost `name`: its unique name, or the name of its app.
    pub fn leave(&self, name: &str, former_owner: &str) -> Option<Client> {
        let mut table = self.table();
        let client = table.by_name.get(former_owner)?;
        let concerns = name == former_owner || name == client.app.as_str();
        if concerns {
            table.by_name.remove(former_owner)
        } else {
            None
        }
    }

    /// Removes all: the bus is gone.
    pub fn clear(&self) -> Vec<Client> {
        self.table()
            .by_name
            .drain()
            .map(|(_, client)| client)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_comes_back_is_another_client() {
        let clients = Clients::default();
        let app = AppId::new("org.example.App").expect("valid");
        let (first, new) = clients.enter(":1.1", &app);
        assert!(new);
        assert_eq!(clients.enter(":1.1", &app), (first.clone(), false));
        assert_eq!(clients.leave(":1.1", ":1.1"), Some(first.clone()));
        assert_eq!(clients.find(":1.1"), None);
        assert_ne!(clients.enter(":1.1", &app).0.id, first.id);
    }

    #[test]
    fn losing_the_app_name_counts_and_losing_another_name_does_not() {
        let clients = Clients::default();
        let app = AppId::new("org.example.App").expect("valid");
        let (client, _) = clients.enter(":1.1", &app);
        assert_eq!(clients.leave("org.example.Other", ":1.1"), None);
        assert_eq!(clients.leave("org.example.App", ":1.1"), Some(client));
    }
}
