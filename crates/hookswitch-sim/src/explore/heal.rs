//! How a random story ends: in liveness mode, and on several devices, all faults stop, and the
//! world must heal (law L9).

use super::Mode;
use super::draft::{APPS, CALLS};
use super::story::Story;

/// Virtual seconds within which a world without faults must become quiet: longer than every limit
/// of the native profile in a row.
const QUIET_WITHIN_S: u64 = 400;

/// The name of the call that is tried at the end.
pub(super) const LAST: &str = "z";

/// Who calls then.
const LAST_NUMBER: &str = "+12025550199";

/// The lines after the acts.
pub(super) fn ending(story: &Story) -> Vec<String> {
    match story.mode {
        Mode::Safety => vec!["at +1s time passes".to_owned()],
        Mode::Devices => super::devices::ending(story),
        Mode::Liveness => {
            let apps: Vec<_> = APPS.into_iter().filter(|app| story.has_app(app)).collect();
            let mut lines = calm(&apps);
            if story.acts.iter().any(|act| act.contains(" directory ")) {
                // What the user excepts by hand outranks every list and rule.
                lines.push(format!("at +0s directory excepts {LAST_NUMBER}"));
            }
            if let Some(app) = apps.first() {
                lines.extend(one_more_call(app));
            }
            lines
        }
    }
}

/// Apps behave from here on, and so does the audio server.
pub(super) fn behave(apps: &[&str]) -> Vec<String> {
    let apps = apps.iter().map(|app| format!("{app} becomes prompt"));
    let audio = [
        "audio server accepts",
        "audio server slow 10ms",
        "audio frees emergency",
        "audio frees exclusive",
        "audio unmutes",
        "audio server returns",
    ];
    apps.chain(audio.map(str::to_owned)).collect()
}

/// So much time passes that nothing may be on its way.
pub(super) fn settle() -> String {
    format!("at +{QUIET_WITHIN_S}s time passes")
}

/// Apps behave, and nothing may be on its way after a while.
fn calm(apps: &[&str]) -> Vec<String> {
    let calm = behave(apps).into_iter();
    let mut lines: Vec<String> = calm.map(|line| format!("at +0s {line}")).collect();
    lines.push(settle());
    let calls = CALLS.iter();
    let settled = calls.map(|call| format!("not {call} orphaned, not {call} ending"));
    lines.push(format!(
        "  state {}",
        settled.collect::<Vec<_>>().join(", ")
    ));
    lines
}

/// A process that starts anew and a user who hangs up everything find a system that works.
fn one_more_call(app: &str) -> Vec<String> {
    let mut lines = vec![
        "at +0s user dnd off".to_owned(),
        "at +0s user restricts off".to_owned(),
        "at +0s user second-calls ring".to_owned(),
        format!("at +0s user second-calls default in {app}"),
        "at +0s screening by nobody".to_owned(),
        "at +0s system unlocks".to_owned(),
        format!("at +0s user unlocks {app}"),
        format!("at +0s {app} crashes"),
        format!("at +0s {app} starts"),
        "at +10s time passes".to_owned(),
    ];
    lines.extend(CALLS.map(|call| format!("at +0s user ends {call}")));
    lines.extend([
        "at +30s time passes".to_owned(),
        format!("at +0s {app} reports incoming {LAST} from tel:{LAST_NUMBER}"),
        format!("at +1s user answers {LAST}"),
        format!("  within 2s expect {LAST} active, lease {LAST}"),
    ]);
    lines
}
