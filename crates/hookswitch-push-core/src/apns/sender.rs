//! Who sends: the rules of provider tokens and of certificates on one connection.
//!
//! The edge verifies signatures and reads claims; here is what they mean.

use super::reason::Reason;
use crate::time::Utc;

/// Which of the two worlds a gateway, a key or a certificate is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Environment {
    /// The real one.
    Production,
    /// The one for trying out; answers carry `apns-unique-id`.
    Development,
}

/// A key that the operator knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    /// Its id: `kid`.
    pub id: String,
    /// Its team: `iss`.
    pub team: String,
    /// The only environment it is for; nothing means both.
    pub environment: Option<Environment>,
    /// The apps it may send to; nothing means all of its team.
    pub apps: Option<Vec<String>>,
}

/// The claims of a token whose signature is good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claims {
    /// The team.
    pub team: String,
    /// When it was issued.
    pub issued: Utc,
}

/// How long a provider token is good.
pub const TOKEN_MS: u64 = 3_600_000;
/// How much a sender's clock may be ahead.
pub const AHEAD_MS: u64 = 300_000;
/// The least time between two different tokens on one connection.
pub const UPDATE_MS: u64 = 20 * 60_000;

/// What a connection is bound to by its first push, and the token in use.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bound {
    first: Option<(String, Family)>,
    token: Option<(Utc, Utc)>,
}

/// Keys that may follow each other on one connection.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Family {
    Team,
    Apps(String),
}

/// Whether a token is good in itself, for this environment and at this time.
///
/// # Errors
///
/// The published reason.
pub fn check(key: &Key, claims: &Claims, here: Environment, now: Utc) -> Result<(), Reason> {
    if claims.team != key.team || claims.issued.since(now) > AHEAD_MS {
        return Err(Reason::InvalidProviderToken);
    }
    if key.environment.is_some_and(|only| only != here) {
        return Err(Reason::BadEnvironmentKeyIdInToken);
    }
    if now.since(claims.issued) > TOKEN_MS {
        return Err(Reason::ExpiredProviderToken);
    }
    Ok(())
}

impl Bound {
    /// Whether a good token may be used on this connection.
    ///
    /// # Errors
    ///
    /// The published reason; the connection stays bound as it was.
    pub fn admit(&mut self, key: &Key, claims: &Claims, now: Utc) -> Result<(), Reason> {
        let family = match key.apps {
            Some(_) => Family::Apps(key.id.clone()),
            None => Family::Team,
        };
        let (team, bound) = self.first.get_or_insert((key.team.clone(), family.clone()));
        if *team != key.team {
            return Err(Reason::InvalidProviderToken);
        }
        if *bound != family {
            return Err(Reason::UnrelatedKeyIdInToken);
        }
        match self.token {
            Some((issued, _)) if issued == claims.issued => Ok(()),
            Some((_, since)) if now.since(since) < UPDATE_MS => {
                Err(Reason::TooManyProviderTokenUpdates)
            }
            Some(_) | None => {
                self.token = Some((claims.issued, now));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Utc = Utc(1_800_000_000_000);
    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_token_is_good_for_an_hour_and_its_key_for_its_environment() {
        let only = |environment| Key {
            environment: Some(environment),
            ..key("K1", "T1")
        };
        let here = Environment::Development;
        let good = |key: &Key, claims: &Claims| check(key, claims, here, NOW);
        assert_eq!(good(&key("K1", "T1"), &claims("T1", HOUR)), Ok(()));
        let old = good(&key("K1", "T1"), &claims("T1", HOUR + 1));
        assert_eq!(old, Err(Reason::ExpiredProviderToken));
        let foreign = good(&key("K1", "T1"), &claims("T2", 0));
        assert_eq!(foreign, Err(Reason::InvalidProviderToken));
        let elsewhere = good(&only(Environment::Production), &claims("T1", 0));
        assert_eq!(elsewhere, Err(Reason::BadEnvironmentKeyIdInToken));
        assert_eq!(good(&only(here), &claims("T1", 0)), Ok(()));
        let issued = NOW.plus(AHEAD_MS + 1);
        let team = "T1".to_owned();
        let future = good(&key("K1", "T1"), &Claims { team, issued });
        assert_eq!(future, Err(Reason::InvalidProviderToken));
    }

    #[test]
    fn a_connection_is_bound_to_the_team_and_family_of_its_first_push() {
        let mut bound = Bound::default();
        let first = claims("T1", 1_000);
        assert_eq!(bound.admit(&key("K1", "T1"), &first, NOW), Ok(()));
        assert_eq!(bound.admit(&key("K2", "T1"), &first, NOW), Ok(()));
        let other = bound.admit(&key("K3", "T2"), &claims("T2", 0), NOW);
        assert_eq!(other, Err(Reason::InvalidProviderToken));
        let apps = Some(vec!["org.example.app".to_owned()]);
        let narrow = Key {
            apps,
            ..key("K4", "T1")
        };
        let unrelated = bound.admit(&narrow, &first, NOW);
        assert_eq!(unrelated, Err(Reason::UnrelatedKeyIdInToken));
    }

    #[test]
    fn a_new_token_is_taken_every_twenty_minutes() {
        let mut bound = Bound::default();
        let key = key("K1", "T1");
        assert_eq!(bound.admit(&key, &claims("T1", 2), NOW), Ok(()));
        let soon = bound.admit(&key, &claims("T1", 1), NOW.plus(UPDATE_MS - 1));
        assert_eq!(soon, Err(Reason::TooManyProviderTokenUpdates));
        assert_eq!(
            bound.admit(&key, &claims("T1", 1), NOW.plus(UPDATE_MS)),
            Ok(())
        );
    }

    fn key(id: &str, team: &str) -> Key {
        Key {
            id: id.to_owned(),
            team: team.to_owned(),
            environment: None,
            apps: None,
        }
    }

    fn claims(team: &str, age: u64) -> Claims {
        Claims {
            team: team.to_owned(),
            issued: Utc(NOW.0 - age),
        }
    }
}
