//! Keeps one account registered (RFC 3261 section 10) until told to stop.
//!
//! Input: an account. Output: [`SipEvent::Registration`]s. Answers 401 and 407 challenges,
//! refreshes at three quarters of the time granted, tries again with growing pauses.

use std::net::SocketAddr;
use std::time::Duration;

use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::registration::{Registration, backoff_interval, refresh_interval};
use rsipstack::sip::typed::Contact;
use rsipstack::sip::{Param, StatusCodeKind, Uri};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config::{Account, Transport};

use super::{RegistrationState, SipEvent, deadlines};

/// The digest credential of an account.
pub(super) fn credential(account: &Account) -> Credential {
    Credential {
        username: account.user.clone(),
        password: account.password.expose().to_owned(),
        realm: None,
        auth_username: account.auth_user.clone(),
    }
}

/// Where calls for this account reach us.
pub(super) fn contact(account: &Account, address: SocketAddr) -> Result<Uri, String> {
    let mut uri = Uri::try_from(format!("sip:{}@{address}", account.user))
        .map_err(|error| error.to_string())?;
    if account.transport == Transport::Tcp {
        uri.params
            .push(Param::Transport(rsipstack::sip::Transport::Tcp));
    }
    Ok(uri)
}

/// Keeps `account` registered until `stop`, then unregisters.
pub(super) async fn keep(
    account: Account,
    endpoint: EndpointInnerRef,
    address: SocketAddr,
    events: mpsc::Sender<SipEvent>,
    stop: CancellationToken,
) {
    let say = |state| {
        let event = SipEvent::Registration {
            account: account.name.clone(),
            state,
        };
        let events = events.clone();
        async move { events.send(event).await.is_ok() }
    };
    say(RegistrationState::Registering).await;
    let (server, contact) = match (server_uri(&account), contact(&account, address)) {
        (Ok(server), Ok(contact)) => (server, contact),
        (Err(why), _) | (_, Err(why)) => {
            say(RegistrationState::Failed(why)).await;
            return;
        }
    };
    let mut registration = Registration::new(endpoint, Some(credential(&account)));
    registration.contact = Some(Contact {
        display_name: None,
        uri: contact,
        params: vec![],
    });

    let mut failures = 0;
    loop {
        let attempt = attempt(&mut registration, &server, account.expires);
        let state = tokio::select! {
            state = attempt => state,
            () = stop.cancelled() => break,
        };
        let pause = pause_after(&state, &mut failures);
        if !say(state).await {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => break,
        }
    }
    if failures == 0 {
        // Best effort: the server forgets us by itself when the time granted is over.
        let _state = attempt(&mut registration, &server, 0).await;
    }
    say(RegistrationState::Unregistered).await;
}

fn pause_after(state: &RegistrationState, failures: &mut u32) -> Duration {
    match state {
        RegistrationState::Registered { expires } => {
            *failures = 0;
            refresh_interval(*expires)
        }
        RegistrationState::Failed(_)
        | RegistrationState::Registering
        | RegistrationState::Unregistered => {
            *failures += 1;
            backoff_interval(*failures - 1)
        }
    }
}

async fn attempt(registration: &mut Registration, server: &Uri, expires: u32) -> RegistrationState {
    let answer = registration.register(server.clone(), Some(expires));
    match tokio::time::timeout(deadlines::REGISTER, answer).await {
        Ok(Ok(answer)) if answer.status_code.kind() == StatusCodeKind::Successful => {
            RegistrationState::Registered {
                expires: registration.expires(),
            }
        }
        Ok(Ok(answer)) => RegistrationState::Failed(match answer.status_code.code() {
            401 | 403 | 407 => "the server refused the user name or password".to_owned(),
            404 => "the server does not know this user".to_owned(),
            code => format!("the server refused (SIP {code})"),
        }),
        Ok(Err(error)) => RegistrationState::Failed(format!("the server: {error}")),
        Err(_elapsed) => RegistrationState::Failed("the server does not answer".to_owned()),
    }
}

fn server_uri(account: &Account) -> Result<Uri, String> {
    let mut uri =
        Uri::try_from(format!("sip:{}", account.server)).map_err(|error| error.to_string())?;
    if account.transport == Transport::Tcp {
        uri.params
            .push(Param::Transport(rsipstack::sip::Transport::Tcp));
    }
    Ok(uri)
}
