//! The control API over real loopback connections.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use std::time::Duration;

use hookswitch_core::{Accepted, Request};
use hookswitch_http::{HttpLimits, RecentsFault};
use hookswitch_model::{
    ActionFault, ActionKind, AnswerMode, CallId, HandleKind, Limit, Limits, Rejection,
    TransactionId,
};
use hookswitch_wire::json::{RecentsFilter, RecentsPage};
use serde_json::json;
use tokio::sync::mpsc;

use client::{PATIENCE, World, world, world_at};

const CALL: &str = "00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn the_view_is_the_latest_one() {
    let world = standard().await;
    assert_eq!(world.get("/api/v1/view").await.json()["revision"], 1);
    world.views.send_replace(client::view(2).into());
    let answer = world.get("/api/v1/view").await;
    assert_eq!(answer.json()["revision"], 2);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_request_reaches_the_core_and_brings_its_transaction_back() {
    let mut world = standard().await;
    let accepted = Accepted::Transaction {
        transaction: TransactionId(12),
        call: CallId(1),
    };
    let body = format!(r#"{{"request":"answer","call":"{CALL}","mode":"hold"}}"#);
    let (answer, wish) = both(&mut world, &body, Ok(accepted)).await;
    assert_eq!(
        (answer.status, answer.json()),
        (202, json!({"transaction":"t12","call":CALL}))
    );
    let mode = AnswerMode::HoldAndAnswer;
    assert_eq!(
        wish,
        Request::Answer {
            call: CallId(1),
            mode
        }
    );
}

#[tokio::test]
async fn a_dialed_call_gets_an_id_and_its_kind_of_handle() {
    let mut world = standard().await;
    let body = r#"{"request":"dial","app":"org.example.Phone","handle":"sip:ana@example.org"}"#;
    let (answer, wish) = both(&mut world, body, Ok(Accepted::Done)).await;
    assert_eq!(
        (answer.status, answer.json()),
        (202, json!({"transaction":null,"call":null}))
    );
    let Request::Dial { call, to, .. } = wish else {
        panic!("{wish:?}");
    };
    assert_ne!(call, CallId(0));
    assert_eq!(to.handle.kind(), HandleKind::Generic);
}

#[tokio::test]
async fn a_refusal_is_a_sentence_with_a_stable_name() {
    let mut world = standard().await;
    let call = CallId(1);
    let invalid = Rejection::InvalidAction {
        call,
        action: ActionKind::SetHeld,
        fault: ActionFault::CannotHold,
    };
    let reason = hookswitch_model::EndReason::RemoteHangup;
    for (rejection, status, error, message) in [
        (invalid, 409, "InvalidAction", "Acme cannot hold calls."),
        (
            Rejection::UnknownCall(call),
            404,
            "UnknownCall",
            "This call is not there any more.",
        ),
        (
            Rejection::AlreadyEnded { call, reason },
            409,
            "AlreadyEnded",
            "This call has ended already.",
        ),
        (
            Rejection::Unentitled,
            403,
            "Unentitled",
            "This is not allowed here.",
        ),
    ] {
        let body = format!(r#"{{"request":"hold","call":"{CALL}","on":true}}"#);
        let (answer, _) = both(&mut world, &body, Err(rejection)).await;
        let want = json!({"error":error,"message":message});
        assert_eq!((answer.status, answer.json()), (status, want));
    }
}

#[tokio::test]
async fn bad_bodies_never_reach_the_core() {
    let mut world = standard().await;
    for (body, part) in [
        ("", "could not be read"),
        ("{", "could not be read"),
        (r#"{"request":"explode"}"#, "explode"),
        (r#"{"request":"end","call":"7"}"#, "\"call\""),
        (r#"{"request":"route","endpoint":""}"#, "\"endpoint\""),
    ] {
        let answer = world.post(body).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!("BadRequest"))
        );
        let message = answer.json()["message"].to_string().replace('\\', "");
        assert!(message.contains(part), "{message}");
    }
    let form = format!(
        "Authorization: Bearer {}\r\nHost: {}\r\nContent-Type: text/plain\r\n",
        client::TOKEN,
        world.host()
    );
    let body = r#"{"request":"swap"}"#;
    let answer = world.send("POST", "/api/v1/requests", &form, body).await;
    assert_eq!(answer.status, 415);
    let large = format!(r#"{{"request":"swap"{}}}"#, " ".repeat(20_000));
    assert_eq!(world.post(&large).await.status, 413);
    assert!(world.commands.try_recv().is_err());
}

#[tokio::test]
async fn a_full_inbox_is_told_as_busy() {
    let world = world(HttpLimits::default(), 1).await;
    let waiting = world.post(r#"{"request":"swap"}"#);
    tokio::pin!(waiting);
    let busy = async {
        loop {
            // The first request takes the only place, whichever of the two it is.
            let answer = world.post(r#"{"request":"swap"}"#).await;
            if answer.status == 503 {
                return answer;
            }
        }
    };
    let answer = tokio::select! {
        answer = busy => answer,
        answer = &mut waiting => answer,
    };
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (503, &json!("Busy"))
    );
}

#[tokio::test]
async fn a_page_that_asks_too_much_is_told_to_wait_and_may_dial_all_the_same() {
    let mut rates = Limits::default();
    rates.set(Limit::RequestRate, 1);
    rates.set(Limit::RateBurst, 1_000);
    let mut world = world_at(HttpLimits::default(), 4, rates).await;
    let (_, none) = mpsc::channel(1);
    let mut commands = std::mem::replace(&mut world.commands, none);
    let shell = tokio::spawn(async move {
        while let Some(command) = commands.recv().await {
            command.reply.send(Ok(Accepted::Done)).unwrap();
        }
    });
    let swap = r#"{"request":"swap"}"#;
    assert_eq!(world.post(swap).await.status, 202);
    // On a slow machine a second may pass between two requests.
    let refused = loop {
        let answer = world.post(swap).await;
        if answer.status != 202 {
            break answer;
        }
    };
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"], "RateLimited");
    assert_eq!(refused.header("retry-after"), Some("1"));
    let dial = r#"{"request":"dial","app":"org.example.Phone","handle":"112"}"#;
    assert_eq!(world.post(dial).await.status, 202);
    shell.abort();
}

#[tokio::test]
async fn a_shell_that_does_not_reply_is_told_as_a_timeout() {
    let limits = HttpLimits {
        reply: Duration::from_millis(50),
        ..HttpLimits::default()
    };
    let world = world(limits, 4).await;
    let answer = world.post(r#"{"request":"swap"}"#).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (504, &json!("Timeout"))
    );
    let answer = world.get("/api/v1/recents").await;
    assert_eq!(answer.status, 504);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_at_the_deadline() {
    let limits = HttpLimits {
        request: Duration::from_millis(50),
        ..HttpLimits::default()
    };
    let world = world(limits, 4).await;
    let head = format!(
        "Authorization: Bearer {}\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\nX-Unused: ",
        client::TOKEN,
        world.host()
    );
    let answer = world.send("POST", "/api/v1/requests", &head, "").await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (408, &json!("Timeout"))
    );
}

#[tokio::test]
async fn the_recents_are_asked_of_the_store() {
    let mut world = standard().await;
    let sample = include_str!("../../hookswitch-wire/samples/recents.json");
    let page: RecentsPage = serde_json::from_str(sample).unwrap();
    let entries = page.entries.clone();
    let host = world.host();
    let (answer, query) = tokio::join!(
        client_get(&host, "/api/v1/recents?filter=missed&limit=7&before=20"),
        async {
            let next = tokio::time::timeout(PATIENCE, world.recents.recv()).await;
            let query = next.unwrap().unwrap();
            query.reply.send(Ok(entries)).unwrap();
            (query.filter, query.limit, query.before)
        }
    );
    assert_eq!(query, (RecentsFilter::Missed, 7, Some(20)));
    assert_eq!(serde_json::from_str::<RecentsPage>(&answer).unwrap(), page);
}

#[tokio::test]
async fn recents_that_cannot_be_read_say_why() {
    let mut world = standard().await;
    let host = world.host();
    let (answer, ()) = tokio::join!(client_get(&host, "/api/v1/recents"), async {
        let query = world.recents.recv().await.unwrap();
        assert_eq!(
            (query.filter, query.limit, query.before),
            (RecentsFilter::All, 50, None)
        );
        let message = "The recents are damaged.".to_owned();
        query.reply.send(Err(RecentsFault { message })).unwrap();
    });
    assert!(
        answer.contains("RecentsUnavailable") && answer.contains("are damaged"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_bad_recents_query_is_told() {
    let world = standard().await;
    for query in [
        "filter=mine",
        "limit=0",
        "limit=201",
        "limit=x",
        "before=-1",
        "page=2",
    ] {
        let answer = world.get(&format!("/api/v1/recents?{query}")).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!("BadRequest")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn wrong_methods_and_paths_are_refused() {
    let world = standard().await;
    assert_eq!(world.get("/api/v1/requests").await.status, 405);
    let answer = world.get("/api/v1/nothing").await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (404, &json!("NotFound"))
    );
    assert_eq!(world.get("/../../etc/passwd").await.status, 404);
    assert_eq!(world.get("/api/v1/ws").await.status, 426);
}

async fn standard() -> World {
    world(HttpLimits::default(), 8).await
}

/// Posts while the test plays the core.
async fn both(
    world: &mut World,
    body: &str,
    result: Result<Accepted, Rejection>,
) -> (client::Answer, Request) {
    let host = world.host();
    let head = format!(
        "Authorization: Bearer {}\r\nHost: {host}\r\nContent-Type: application/json\r\n",
        client::TOKEN
    );
    let posted = client::exchange(&host, "POST", "/api/v1/requests", &head, body);
    tokio::join!(posted, world.reply(result))
}

async fn client_get(host: &str, path: &str) -> String {
    let head = format!(
        "Authorization: Bearer {}\r\nHost: {host}\r\n",
        client::TOKEN
    );
    client::exchange(host, "GET", path, &head, "").await.body
}
