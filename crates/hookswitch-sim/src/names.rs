//! Local names for the ids of a run, so that traces and checks speak the story's words.

use hookswitch_model::AppId;
pub use hookswitch_trace::Names;

use crate::scenario::Scenario;

/// The names of a story.
#[must_use]
pub fn of(scenario: &Scenario) -> Names {
    let app_id = |id: &str| AppId::new(id).expect("the reader checked every bus name");
    let apps = scenario.apps.iter();
    let apps = apps.map(|app| (app.name.clone(), app_id(&app.id)));
    Names::new(apps.collect(), scenario.calls.clone())
}
