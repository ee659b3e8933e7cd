//! From published states to what screens show: the view, and the notification's card.
//!
//! Input: published states, the revision of the recents.
//! Output: the view for the HTTP edge; a card while a call is presented.

use std::sync::Arc;

use hookswitch_bus::{Card, CardAction, RecentsPages};
use hookswitch_core::Request;
use hookswitch_model::{AppId, Limits, Snapshot};
use hookswitch_wire::json::{DirectorySource, Wish};
use hookswitch_wire::view::{Choice, Incoming, View, ViewInput, source_views, view};
use tokio::sync::watch;

use crate::clock;
use crate::materials::Materials;

/// The buttons that a notification has room for, as the view names them.
const CARD_CHOICES: [&str; 3] = ["decline", "answer", "hold-and-answer"];

/// Where views and cards go.
#[derive(Debug)]
pub struct Screens {
    /// For the HTTP edge.
    pub views: watch::Sender<Arc<View>>,
    /// For notifications.
    pub cards: watch::Sender<Option<Card>>,
}

/// Keeps the screens up to date until the daemon stops publishing.
pub async fn follow(
    mut states: watch::Receiver<Arc<Snapshot>>,
    mut recents: watch::Receiver<Arc<RecentsPages>>,
    mut sources: watch::Receiver<Arc<Vec<DirectorySource>>>,
    limits: Limits,
    materials: Arc<Materials>,
    screens: Screens,
) {
    let mut icons = materials.icons();
    loop {
        // Signals and asks go out first: they are what a caller waits for.
        tokio::task::yield_now().await;
        let snapshot = states.borrow_and_update().clone();
        let recents_revision = recents.borrow_and_update().revision;
        let lists = sources.borrow_and_update().clone();
        let shown = icons.borrow_and_update().clone();
        let mut fresh = view(&ViewInput {
            snapshot: &snapshot,
            recents_revision,
            now: clock::stamp().wall,
            limits: &limits,
        });
        let paths = shown
            .iter()
            .map(|(app, icon)| (app.clone(), icon.path(app)));
        fresh.icons = paths.collect();
        fresh.sources = source_views(&lists);
        let card = fresh.incoming.as_ref();
        let card = card.and_then(|incoming| card_of(incoming, &materials));
        screens.cards.send_if_modified(|shown| {
            let changed = *shown != card;
            *shown = card;
            changed
        });
        screens.views.send_replace(Arc::new(fresh));
        let changed = tokio::select! {
            changed = states.changed() => changed,
            changed = recents.changed() => changed,
            changed = icons.changed() => changed,
            changed = sources.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// The card of a ringing call; none once it is being answered or declined.
fn card_of(incoming: &Incoming, materials: &Materials) -> Option<Card> {
    if incoming.busy.is_some() {
        return None;
    }
    let call = incoming.call.parse().ok()?;
    let choices = incoming.choices.iter();
    Some(Card {
        call,
        title: incoming.party.title.clone(),
        body: format!("{} · {}", incoming.kind_text, incoming.party.app.name),
        icon: AppId::new(&incoming.party.app.id).and_then(|app| materials.icon(&app)),
        actions: choices.filter_map(action).collect(),
    })
}

fn action(choice: &Choice) -> Option<CardAction> {
    if !choice.enabled || !CARD_CHOICES.contains(&choice.id.as_str()) {
        return None;
    }
    let wish = match choice.request.parse().ok()? {
        Wish::Answer { call, mode } => Request::Answer { call, mode },
        Wish::Decline(call) => Request::Decline(call),
        Wish::End(_)
        | Wish::Silence(_)
        | Wish::OpenApp(_)
        | Wish::SetHeld(..)
        | Wish::SetMuted(..)
        | Wish::Swap
        | Wish::Merge(..)
        | Wish::Split(_)
        | Wish::EndGroup(_)
        | Wish::Digits(..)
        | Wish::SendRest(_)
        | Wish::DropRest(_)
        | Wish::Dial { .. }
        | Wish::Headset { .. }
        | Wish::Route(_)
        | Wish::Rule(_)
        | Wish::List(_)
        | Wish::SetVideo(..)
        | Wish::DeclineVideo(_)
        | Wish::SetTranslating(..)
        | Wish::Press(..)
        | Wish::OnAnswer(_)
        | Wish::Driving(_)
        | Wish::RingOn(_) => return None,
    };
    Some(CardAction {
        id: choice.id.clone(),
        label: choice.label.clone(),
        wish,
    })
}
