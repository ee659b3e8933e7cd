//! Tokens: what a sender's address stands for, and since when it is dead.
//!
//! An app has one token for each service on each device; it gets the same one each time it asks.
//! A token that was given up answers with the instant of its death, and lives again when the app
//! registers again (I7). Input: what devices ask for, with fresh random bytes from the edge.
//! Output: the change to keep, and the answer to a sender's question.

use std::collections::BTreeMap;

use crate::frame::Secret;
use crate::push::Address;
use crate::time::Utc;

/// What a token is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Lookup {
    /// It is somebody's.
    Alive(Address),
    /// It was somebody's until this instant.
    Dead(Address, Utc),
    /// Nobody ever had it here.
    Unknown,
}

/// A row that changed, as it has to be kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The token.
    pub token: Secret,
    /// What it stands for.
    pub address: Address,
    /// Since when it is dead.
    pub dead: Option<Utc>,
}

/// All tokens of one environment.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    by_token: BTreeMap<Secret, (Address, Option<Utc>)>,
    by_address: BTreeMap<Address, Secret>,
}

impl Tokens {
    /// Puts back a row that was kept.
    pub fn restore(&mut self, row: Row) {
        let Row {
            token,
            address,
            dead,
        } = row;
        self.by_address.insert(address.clone(), token.clone());
        self.by_token.insert(token, (address, dead));
    }

    /// The row for an app that asks for its token: the one it has, alive again, or `fresh`.
    #[must_use]
    pub fn register(&self, address: &Address, fresh: Secret) -> Row {
        let token = self.by_address.get(address).cloned().unwrap_or(fresh);
        Row {
            token,
            address: address.clone(),
            dead: None,
        }
    }

    /// The row for an app that gave its token up at `now`; a dead one keeps its instant.
    #[must_use]
    pub fn unregister(&self, address: &Address, now: Utc) -> Option<Row> {
        let token = self.by_address.get(address)?.clone();
        let (address, dead) = self.by_token.get(&token)?.clone();
        let dead = Some(dead.unwrap_or(now));
        Some(Row {
            token,
            address,
            dead,
        })
    }

    /// What a sender's token stands for.
    #[must_use]
    pub fn lookup(&self, token: &Secret) -> Lookup {
        match self.by_token.get(token) {
            Some((address, None)) => Lookup::Alive(address.clone()),
            Some((address, Some(dead))) => Lookup::Dead(address.clone(), *dead),
            None => Lookup::Unknown,
        }
    }

    /// Whether this row is already what is known.
    #[must_use]
    pub fn holds(&self, row: &Row) -> bool {
        self.by_token.get(&row.token) == Some(&(row.address.clone(), row.dead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::{DeviceId, Service};

    #[test]
    fn a_token_dies_once_and_lives_again_when_its_app_registers_again() {
        let mut tokens = Tokens::default();
        let address = Address {
            device: DeviceId([1; 16]),
            app: "org.example.app".to_owned(),
            service: Service::Voip,
        };
        let first = tokens.register(&address, Secret(vec![7]));
        tokens.restore(first.clone());
        assert_eq!(tokens.register(&address, Secret(vec![8])), first);
        let dead = tokens.unregister(&address, Utc(50)).unwrap();
        tokens.restore(dead);
        let again = tokens.unregister(&address, Utc(60)).unwrap();
        assert_eq!(again.dead, Some(Utc(50)), "the first death counts");
        let lookup = tokens.lookup(&first.token);
        assert_eq!(lookup, Lookup::Dead(address.clone(), Utc(50)));
        tokens.restore(tokens.register(&address, Secret(vec![9])));
        assert_eq!(tokens.lookup(&first.token), Lookup::Alive(address));
        assert_eq!(tokens.lookup(&Secret(vec![9])), Lookup::Unknown);
    }
}
