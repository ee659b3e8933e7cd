//! A calling app: "Ana" calls, and whatever the user does with her call is done.
//!
//! Run it beside `hookswitchd` with `cargo run -p hookswitch --example provider`, and answer in the
//! calling UI or with `hookswitch answer`. It ends when the call has ended.

use hookswitch::{Action, CallUpdate, Configuration, Handle, Provider, ProviderEvent};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), hookswitch::Error> {
    let app = "org.hookswitch.example.Provider";
    let (provider, mut events) = Provider::connect(app, Configuration::new("Example")).await?;

    let ana = CallUpdate::new()
        .handle(Handle::email_address("ana@example.org"))
        .name("Ana Kowalska");
    let call = provider.report_incoming("example-call-1", &ana).await?;
    println!("ringing {}", call.id());

    while let Some(event) = events.next().await {
        if let ProviderEvent::Perform(ask) = event {
            // A real app would speak its protocol here, and fail what does not work.
            let ends = matches!(ask.action(), Action::End { .. });
            println!("{:?}", ask.action());
            if let Err(late) = ask.fulfill().await {
                println!("{late}"); // The system has gone on without it, and says how by events.
            }
            if ends {
                break;
            }
        } else if let ProviderEvent::CallEnded { reason, .. } = event {
            println!("ended: {}", reason.name());
            break;
        } else if let ProviderEvent::AudioActivated(_) = event {
            println!("audio on"); // The only right moment to open the microphone.
        } else if let ProviderEvent::AudioDeactivated(_) = event {
            println!("audio off");
        }
    }
    provider.invalidate().await
}
