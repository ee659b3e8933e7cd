//! The running phone: reads the configuration, starts every part, stops them all again.
//!
//! Input: [`Options`]. Output: a [`Running`] phone.
//!
//! # Promises
//!
//! - **R1** it works without a configuration, an account, a daemon, a sound card or a browser.
//! - **R2** stopping ends calls, unregisters accounts and takes [`STOP_MAX`] at most.
//! - **R3** the address of the page, with its token, is in a file only its user can read.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hookswitch::BusAddress;
use hookswitch_audio::Backend;
use serde::{Deserialize, Serialize};

use crate::app::{self, AppConfig, Numbers};
use crate::browser::BrowserAudio;
use crate::config::Config;
use crate::ends::{AudioEnd, DeviceEnd};
use crate::media::{Endpoint, OpenEnd};
use crate::page::{self, Page};
use crate::phone::{self, PhoneHandle, PhoneParts};
use crate::sip::{self, SipConfig};

/// The SIP port tried first.
pub const SIP_PORT: u16 = 5060;
/// How long stopping may take.
pub const STOP_MAX: Duration = Duration::from_secs(2);

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the configuration file says.
    pub config: Config,
    /// Where audio comes from.
    pub backend: Backend,
    /// Which bus the daemon is on.
    pub bus: BusAddress,
    /// Where the page's address is written; none writes it nowhere.
    pub runtime_dir: Option<PathBuf>,
}

/// Where a running phone is, as written to the runtime directory.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Address {
    /// The page without its token.
    pub url: String,
    /// The token of the page and of its JSON addresses.
    pub token: String,
    /// Where SIP listens.
    pub sip: SocketAddr,
}

impl Address {
    /// The address to open in a browser.
    pub fn entry(&self) -> String {
        format!("{}/?token={}", self.url, self.token)
    }
}

/// A running phone.
pub struct Running {
    /// Where it is.
    pub address: Address,
    /// The phone itself.
    pub phone: PhoneHandle,
    /// The browser's audio.
    pub browser: BrowserAudio,
    page: Page,
    file: Option<PathBuf>,
}

/// Starts every part.
pub async fn start(options: Options) -> Result<Running, Box<dyn std::error::Error + Send + Sync>> {
    let Options {
        config,
        backend,
        bus,
        runtime_dir,
    } = options;
    let listener = page::bind(config.page_port.unwrap_or(page::PORT)).await?;
    let sip = sip::start(SipConfig {
        listen: config.listen,
        port: config.port.unwrap_or(SIP_PORT),
        accounts: config.accounts.clone(),
    })
    .await?;
    let sip_address = sip.address;
    let browser = BrowserAudio::start();
    let entrance = page::Access::new(listener.1);
    let numbers = if config.accounts.is_empty() {
        Numbers::NotDialable
    } else {
        Numbers::Dialable
    };
    let system = app::start(AppConfig {
        bus,
        page: entrance.entry(),
        numbers,
    });
    let phone = phone::start(PhoneParts {
        sip,
        accounts: config.accounts,
        display_name: config.display_name,
        open: opener(backend, browser.clone()),
        system: system.commands,
        system_events: system.events,
    });
    let page = page::serve(listener, entrance, phone.clone(), browser.clone());
    let address = Address {
        url: page.url.clone(),
        token: page.token.clone(),
        sip: sip_address,
    };
    let file = match runtime_dir {
        Some(folder) => Some(write(&folder, &address)?),
        None => None,
    };
    Ok(Running {
        address,
        phone,
        browser,
        page,
        file,
    })
}

impl Running {
    /// Ends calls, unregisters, stops.
    pub async fn stop(self) {
        if tokio::time::timeout(STOP_MAX, self.phone.shut_down())
            .await
            .is_err()
        {
            tracing::warn!("the phone did not stop in time");
        }
        self.page.stop();
        if let Some(file) = self.file
            && let Err(error) = std::fs::remove_file(file)
        {
            tracing::debug!(%error, "the address file was gone already");
        }
    }
}

/// Where a phone of this user is running, as far as its file says.
pub fn find(runtime_dir: &Path) -> Option<Address> {
    serde_json::from_slice(&std::fs::read(runtime_dir.join("phone")).ok()?).ok()
}

fn opener(backend: Backend, browser: BrowserAudio) -> OpenEnd {
    Arc::new(move |endpoint| -> Result<Box<dyn AudioEnd>, String> {
        match endpoint {
            Endpoint::Computer => Ok(Box::new(DeviceEnd::open(backend)?)),
            Endpoint::Browser => Ok(Box::new(browser.end())),
        }
    })
}

fn write(folder: &Path, address: &Address) -> std::io::Result<PathBuf> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let (path, fresh) = (folder.join("phone"), folder.join("phone.new"));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(&serde_json::to_vec(address)?)?;
    std::fs::rename(fresh, &path)?;
    Ok(path)
}
