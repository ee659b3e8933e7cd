//! The times that an app brings, as history shows them.

use hookswitch_core::{Core, Event, Outcome, Report, Request, Requester};
use hookswitch_model::{
    AnswerMode, AppId, AskId, CallId, CallKey, CallUpdate, ClientId, Configuration, Limits,
    RequestId, Stamp, Text, Timestamp, Wall,
};

use super::world::World;

#[test]
fn the_time_of_connecting_lies_between_the_start_of_the_call_and_now() {
    // The call begins at 1 s and its answer is fulfilled at 5 s: what the app says, what history
    // shows.
    let cases = [
        (None, 5_000, 0),
        (Some(3_000), 3_000, 2_000),
        (Some(9_000), 5_000, 0),
        (Some(i64::MAX), 5_000, 0),
        (Some(500), 1_000, 4_000),
        (Some(i64::MIN), 1_000, 4_000),
    ];
    for (said, shown, lasted) in cases {
        let mut w = World::new(Limits::default());
        w.wait(1_000);
        w.incoming(1, 7);
        w.answer(7, AnswerMode::Auto);
        w.wait(4_000);
        let at = said.map(Wall::from_millis);
        w.settle(7, Outcome::Fulfilled { at });
        let connected_at = w.core.snapshot().calls[0].connected_at;
        assert_eq!(connected_at, Some(Wall::from_millis(shown)), "{said:?}");
        w.remote_ends(1, 7);
        let entry = w.recorded.pop().expect("a record");
        assert_eq!(entry.connected_ms, Some(lasted), "{said:?}");
        assert_eq!(entry.alerted_ms + lasted, 4_000, "{said:?}");
    }
}

#[test]
fn a_wall_clock_set_back_while_it_rings_shows_no_time_in_the_future() {
    let (client, request) = (ClientId(1), RequestId(1));
    let report = |report| Event::Report {
        client,
        request,
        report,
    };
    let app = AppId::new("org.example.App1").expect("app id");
    let configuration = Configuration::new(Text::new("Acme").expect("text"));
    let incoming = Report::Incoming {
        call: CallId(7),
        key: CallKey::new("7").expect("key"),
        update: CallUpdate::default(),
    };
    let answer = Request::Answer {
        call: CallId(7),
        mode: AnswerMode::Auto,
    };
    let fulfilled = Event::Settled {
        client,
        ask: AskId(1),
        outcome: Outcome::Fulfilled {
            at: Some(Wall::from_millis(2_500)),
        },
    };
    let request = Event::Request {
        from: Requester::User,
        request,
        wish: answer,
    };
    let register = Report::Register { app, configuration };
    let story = [
        (0, 9_000, report(register)),
        (0, 9_000, report(incoming)),
        (1_000, 2_000, request),
        (2_000, 3_000, fulfilled),
    ];
    let mut core = Core::new(Limits::default());
    for (at, wall, event) in story {
        let stamp = Stamp::new(Timestamp::from_millis(at), Wall::from_millis(wall));
        core.handle(stamp, event, &mut Vec::new());
    }
    let connected_at = core.snapshot().calls[0].connected_at;
    assert_eq!(connected_at, Some(Wall::from_millis(3_000)));
}
