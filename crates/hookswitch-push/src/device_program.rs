//! A device at the command line: registers apps, begins a callback for each push that is fresh.
//!
//! For trying a gateway out, and the smallest whole example of the device side: the last check
//! of the deadline stands right before the callback. Output: one JSON object for each line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use hookswitch_push_core::device::{Event, Handed, Style};
use hookswitch_push_core::frame::Secret;
use hookswitch_push_core::fresh;
use hookswitch_push_core::limits::Limits;
use hookswitch_push_core::push::{DeviceId, PushId, Service};
use hookswitch_push_link::{Config, Link, Order, Told, boot};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{clock, tls};

/// What the program is told to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// `host:port` of the gateway's device side.
    pub gateway: String,
    /// The name in its certificate.
    pub name: String,
    /// The certificates to trust, PEM.
    pub trust: PathBuf,
    /// The app; both of its services are registered.
    pub app: String,
    /// Where the device's id and secret are kept; nothing means a new device each time.
    pub identity: Option<PathBuf>,
    /// Give both tokens up: senders get 410 from then on.
    pub unregister: bool,
}

/// Runs until the link ends or the reader of the lines goes away.
///
/// # Errors
///
/// When a file cannot be used.
pub async fn run(options: Options, lines: mpsc::Sender<String>) -> Result<()> {
    let (device, secret) = identity(&options)?;
    let config = Config {
        gateway: options.gateway,
        name: options.name,
        trust: tls::certificates(&options.trust)?,
        device,
        secret,
        limits: Limits::DEFAULT,
        remembered: Vec::new(),
        apps: vec![options.app.clone()],
        duties: Vec::new(),
    };
    let (link, mut told) = Link::start(config)?;
    let app = options.app;
    for service in [Service::Voip, Service::App] {
        let app = app.clone();
        let order = match options.unregister {
            false => Order::Register { app, service },
            true => Order::Unregister { app, service },
        };
        link.order(order).await?;
    }
    let style = Style::Metadata;
    let ready = Event::Ready {
        app: app.clone(),
        style,
    };
    link.order(Order::App(ready.clone())).await?;
    while let Some(told) = told.recv().await {
        let line = match told {
            Told::Linked => json!({ "linked": clock::utc().0 }),
            Told::Unreachable => json!({ "unreachable": clock::utc().0 }),
            Told::Unlinked { .. } => json!({ "unlinked": clock::utc().0 }),
            Told::Token { service, token, .. } => {
                json!({ "token": hex(&token.0), "service": word(service) })
            }
            Told::Launch { .. } => {
                link.order(Order::App(ready.clone())).await?; // This process is the app.
                continue;
            }
            Told::Hand(handed) => {
                let (line, event) = callback(&handed);
                if handed.about.must_report {
                    let app = handed.app.clone();
                    link.order(Order::App(Event::Reported { app })).await?;
                }
                link.order(Order::App(event)).await?;
                line
            }
            Told::Remember { .. } | Told::Duty { .. } => continue,
            Told::Record(record) => {
                let what = format!("{:?}", record.what);
                json!({ "record": what, "id": uuid(record.id) })
            }
        };
        if lines.send(line.to_string()).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// The last check, then the callback: here, a line.
fn callback(handed: &Handed) -> (Value, Event) {
    let (app, id) = (handed.app.clone(), handed.id);
    let now = boot();
    if !fresh::may_begin(now, handed.deadline) {
        let line = json!({ "too-late": uuid(id) });
        return (line, Event::TooLate { app, id });
    }
    let about = handed.about;
    let line = json!({
        "callback": uuid(id),
        "at": clock::utc().0,
        "service": word(handed.service),
        "payload": String::from_utf8_lossy(&handed.payload),
        "collapse": handed.collapse,
        "must-report": about.must_report,
        "reason": format!("{:?}", about.reason),
        "age-ms": about.age_ms,
        "expires-in-ms": handed.deadline.since(now),
        "stored": about.stored,
    });
    (line, Event::Completed { app, id })
}

/// The kept identity, or a new one.
fn identity(options: &Options) -> Result<(DeviceId, Secret)> {
    let mut bytes = vec![0_u8; 48];
    getrandom::fill(&mut bytes).context("no random numbers")?;
    if let Some(file) = &options.identity {
        let name = file.display();
        if file.exists() {
            bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
        } else {
            std::fs::write(file, &bytes).with_context(|| format!("cannot write {name}"))?;
        }
    }
    let (id, secret) = bytes.split_first_chunk().context("this is no identity")?;
    Ok((DeviceId(*id), Secret(secret.to_vec())))
}

fn word(service: Service) -> &'static str {
    match service {
        Service::Voip => "voip",
        Service::App => "app",
    }
}

fn uuid(id: PushId) -> String {
    uuid::Uuid::from_bytes(id.0).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
