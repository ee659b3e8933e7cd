//! A calling app that need not run: a push for a call starts it, it reports the call, and it ends
//! with the call.
//!
//! Needs a daemon with a push gateway (`docs/push.md`) and a D-Bus service file, so that it can be
//! started. The payload names the caller: `{"call": "7", "from": "ana@example.org"}`. It says on
//! standard output what happens; a real app sends its token to its server.

use hookswitch::{
    Action, CallUpdate, Configuration, Handle, IncomingPush, Provider, ProviderEvent, PushEvent,
    PushService, PushStyle,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), hookswitch::Error> {
    let app = "org.hookswitch.example.Push";
    let (provider, mut events) = Provider::connect(app, Configuration::new("Example")).await?;
    let services = [PushService::Voip];
    let registered = provider.push_registry(&services, PushStyle::Metadata);
    let (_registry, mut pushes) = registered.await?;
    loop {
        tokio::select! {
            push = pushes.next() => match push {
                Some(PushEvent::Incoming(push)) => incoming(&provider, push).await?,
                Some(PushEvent::TokenUpdated { token, .. }) => println!("token {token}"),
                Some(PushEvent::TokenInvalidated(_)) => println!("token dead"),
                Some(_) => {}
                None => return Ok(()),
            },
            event = events.next() => match event {
                Some(ProviderEvent::Perform(ask)) => {
                    let ends = matches!(ask.action(), Action::End { .. });
                    if let Err(late) = ask.fulfill().await {
                        println!("{late}"); // The system has gone on without it.
                    }
                    if ends {
                        return provider.invalidate().await;
                    }
                }
                Some(ProviderEvent::CallEnded { reason, .. }) => {
                    println!("ended: {}", reason.name());
                    return provider.invalidate().await;
                }
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

/// Reports the call first, and completes the push then.
async fn incoming(provider: &Provider, push: IncomingPush) -> Result<(), hookswitch::Error> {
    println!("push {} must-report={}", push.id(), push.must_report());
    if push.must_report() {
        let payload: serde_json::Value = serde_json::from_slice(push.payload()).unwrap_or_default();
        let key = payload["call"].as_str().unwrap_or("push").to_owned();
        let from = payload["from"].as_str().unwrap_or("unknown@example.org");
        let update = CallUpdate::new().handle(Handle::email_address(from));
        match provider.report_incoming(&key, &update).await {
            Ok(call) => println!("ringing {}", call.id()),
            Err(refused) => println!("not shown: {refused}"),
        }
    }
    push.complete().await
}
