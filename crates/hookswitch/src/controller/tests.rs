//! What the controller remembers of what it heard.

use super::*;

#[test]
fn only_so_many_finished_transactions_are_remembered() {
    let heard = Heard::default();
    for number in 0..=FINISHED_MAX {
        heard.finish(format!("t{number}"), true);
    }
    assert_eq!(heard.outcome("t0"), None);
    assert_eq!(heard.outcome("t1"), Some(true));
}

#[test]
fn a_route_ends_with_a_typed_reason() {
    let heard = Heard::default();
    heard.route_finish(3, "done");
    heard.route_finish(4, "gone");
    heard.route_finish(5, "a-word-of-a-newer-daemon");
    assert_eq!(heard.route_outcome(3), Some(Ok(())));
    assert_eq!(heard.route_outcome(4), Some(Err(RouteFault::Gone)));
    assert_eq!(heard.route_outcome(5), Some(Err(RouteFault::Refused)));
    assert_eq!(heard.route_outcome(6), None);
    heard.down();
    assert_eq!(heard.route_outcome(3), None);
}

#[test]
fn a_new_connection_forgets_what_was_finished() {
    let heard = Heard::default();
    heard.finish("t1".into(), false);
    assert_eq!(heard.outcome("t1"), Some(false));
    let before = heard.connection();
    heard.down();
    assert_eq!(heard.outcome("t1"), None);
    assert_ne!(heard.connection(), before);
}
