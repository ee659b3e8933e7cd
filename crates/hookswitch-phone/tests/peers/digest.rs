//! REGISTER and INVITE with digest, 401 and 407, refresh, refusal and unregistering.

use hookswitch_phone::config::{Account, Password, Transport};
use hookswitch_phone::sip::EndedBy;
use hookswitch_phone::system::{Action, CallKey};

use super::phone::TestPhone;
use super::registrar::{self, Challenge, PASSWORD, Seen, USER, next};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_registers_refreshes_and_unregisters() {
    for challenge in [Challenge::Server, Challenge::Proxy] {
        let (server, mut seen) = registrar::start(challenge, 2).await;
        let phone = TestPhone::start(vec![account(&server, PASSWORD)]).await;
        assert_eq!(
            next(&mut seen).await,
            Seen::Challenged("REGISTER".to_owned())
        );
        assert_eq!(next(&mut seen).await, accepted(300));
        phone
            .until("registered", |status| {
                status.accounts[0].state == "registered"
            })
            .await;
        // Granted 2 s, so it comes again without being asked.
        assert_eq!(until_accepted(&mut seen).await, accepted(300));
        phone.handle.shut_down().await;
        while until_accepted(&mut seen).await != accepted(0) {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_does_not_stop_the_phone() {
    let (server, mut seen) = registrar::start(Challenge::Server, 60).await;
    let phone = TestPhone::start(vec![account(&server, "wrong")]).await;
    assert_eq!(
        next(&mut seen).await,
        Seen::Challenged("REGISTER".to_owned())
    );
    assert_eq!(next(&mut seen).await, Seen::Refused("REGISTER".to_owned()));
    let status = phone
        .until("failed", |status| status.accounts[0].state == "failed")
        .await;
    assert!(
        status.accounts[0].text.contains("password"),
        "{}",
        status.accounts[0].text
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outgoing_call_of_an_account_answers_the_challenge() {
    for challenge in [Challenge::Server, Challenge::Proxy] {
        let (server, mut seen) = registrar::start(challenge, 60).await;
        let mut phone = TestPhone::start(vec![account(&server, PASSWORD)]).await;
        phone
            .until("registered", |status| {
                status.accounts[0].state == "registered"
            })
            .await;
        let key = CallKey("out".to_owned());
        assert_eq!(
            phone.ask(&key, Action::Start("+15550100".to_owned())).await,
            Ok(())
        );
        while next(&mut seen).await != Seen::Accepted("INVITE".to_owned(), None) {}
        let by = phone.ended(&key).await;
        assert_eq!(by, EndedBy::Busy);
    }
}

async fn until_accepted(seen: &mut tokio::sync::mpsc::Receiver<Seen>) -> Seen {
    loop {
        match next(seen).await {
            Seen::Challenged(_) => {}
            other @ (Seen::Accepted(..) | Seen::Refused(_)) => return other,
        }
    }
}

fn accepted(expires: u32) -> Seen {
    Seen::Accepted("REGISTER".to_owned(), Some(expires))
}

fn account(server: &str, password: &str) -> Account {
    Account {
        name: "work".to_owned(),
        user: USER.to_owned(),
        server: server.to_owned(),
        password: Password::new(password),
        auth_user: None,
        transport: Transport::Udp,
        expires: 300,
    }
}
