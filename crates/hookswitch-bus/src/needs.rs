//! Programs that need the audio for something else than calls: a public warning, a recorder that
//! must be alone.
//!
//! Input: `Controller.Interrupt`, connections that leave the bus. Output: for the core, which
//! interruption is in force.
//!
//! # Promises
//!
//! - **NE1** an interruption is over when all who began it are done or have left the bus.
//! - **NE2** an emergency goes before everything else, and gives way to nothing but its end.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch_core::Environment;
use hookswitch_model::Interruption;
use hookswitch_wire::dbus::ErrorCode;
use tokio::sync::Mutex;
use zbus::names::OwnedUniqueName;

use crate::error::BusError;
use crate::port::Inbox;

/// Most needs at once; more are refused.
pub const NEEDS_MAX: usize = 64;

/// Who needs the audio, and for what. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    list: Arc<Mutex<BTreeSet<(OwnedUniqueName, Word)>>>,
}

/// What the audio is needed for, the most urgent first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Word {
    Emergency,
    Exclusive,
}

impl Needs {
    /// A program needs the audio, or is done with it. The core is told before the next one may ask.
    pub(crate) async fn set(
        &self,
        who: OwnedUniqueName,
        reason: Interruption,
        on: bool,
        inbox: &Inbox,
    ) -> Result<(), BusError> {
        let word = match reason {
            Interruption::Emergency => Word::Emergency,
            Interruption::Exclusive => Word::Exclusive,
            Interruption::ServerLost => {
                let text = "reason is emergency or exclusive; the audio server speaks for itself";
                return Err(BusError::new(ErrorCode::InvalidArgument, text));
            }
        };
        let mut list = self.list.lock().await;
        if on && list.len() >= NEEDS_MAX && !list.contains(&(who.clone(), word)) {
            let text = format!("{NEEDS_MAX} programs need the audio already; end one of them");
            return Err(BusError::new(ErrorCode::LimitReached, text));
        }
        let before = in_force(&list);
        if on {
            list.insert((who, word));
        } else {
            list.remove(&(who, word));
        }
        tell(inbox, before, in_force(&list)).await;
        Ok(())
    }

    /// The bus is gone, and with it all who needed the audio.
    pub(crate) async fn clear(&self, inbox: &Inbox) {
        let mut list = self.list.lock().await;
        let before = in_force(&list);
        list.clear();
        tell(inbox, before, None).await;
    }

    /// A connection is gone (NE1).
    pub(crate) async fn leave(&self, unique: &str, inbox: &Inbox) {
        let mut list = self.list.lock().await;
        let before = in_force(&list);
        list.retain(|(who, _)| who.as_str() != unique);
        tell(inbox, before, in_force(&list)).await;
    }
}

/// NE2.
fn in_force(list: &BTreeSet<(OwnedUniqueName, Word)>) -> Option<Interruption> {
    match list.iter().map(|(_, word)| *word).min()? {
        Word::Emergency => Some(Interruption::Emergency),
        Word::Exclusive => Some(Interruption::Exclusive),
    }
}

async fn tell(inbox: &Inbox, before: Option<Interruption>, after: Option<Interruption>) {
    if before == after {
        return;
    }
    let (reason, began) = match (before, after) {
        (_, Some(reason)) => (reason, true),
        (Some(reason), None) => (reason, false),
        (None, None) => return,
    };
    inbox.tell(Environment::Interrupted { reason, began }).await;
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::port::Input;

    fn name(number: usize) -> OwnedUniqueName {
        OwnedUniqueName::try_from(format!(":1.{number}")).expect("a unique name")
    }

    #[tokio::test]
    async fn an_interruption_lasts_as_long_as_somebody_needs_it() {
        let (sender, mut told) = mpsc::channel(9);
        let (needs, inbox) = (Needs::default(), Inbox::new(sender));
        let (alone, warning) = (Interruption::Exclusive, Interruption::Emergency);
        for (who, reason, on) in [
            (1, alone, true),
            (2, alone, true),
            (1, alone, false),
            (3, warning, true),
            (3, warning, true),
        ] {
            needs.set(name(who), reason, on, &inbox).await.expect("set");
        }
        needs.leave(":1.3", &inbox).await;
        needs.leave(":1.9", &inbox).await;
        needs.leave(":1.2", &inbox).await;
        let wanted = [
            (alone, true),
            (warning, true),
            (alone, true),
            (alone, false),
        ];
        for (reason, began) in wanted {
            let Ok(Input::Environment(told)) = told.try_recv() else {
                panic!("{reason:?} {began} is not told");
            };
            assert_eq!(told, Environment::Interrupted { reason, began });
        }
        assert!(told.try_recv().is_err(), "nothing more");
    }

    #[tokio::test]
    async fn there_is_a_bound_and_the_server_speaks_for_itself() {
        let (sender, _told) = mpsc::channel(9);
        let (needs, inbox) = (Needs::default(), Inbox::new(sender));
        let alone = Interruption::Exclusive;
        for number in 0..NEEDS_MAX {
            needs
                .set(name(number), alone, true, &inbox)
                .await
                .expect("room");
        }
        let full = needs.set(name(NEEDS_MAX), alone, true, &inbox).await;
        assert_eq!(full.expect_err("full").code(), ErrorCode::LimitReached);
        let lost = Interruption::ServerLost;
        let lost = needs.set(name(0), lost, true, &inbox).await;
        assert_eq!(
            lost.expect_err("not its word").code(),
            ErrorCode::InvalidArgument
        );
    }
}
