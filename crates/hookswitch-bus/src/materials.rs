//! `org.hookswitch.Calls1.Materials`: what an app brings along, a ringtone and an icon.
//!
//! Input: file descriptors of registered apps. Output: their bytes for the daemon's [`Keeper`]; the
//! ringtone's name for the shell.
//!
//! # Promises
//!
//! - **MA1** a sandboxed app shares no path with the daemon, so it hands over an open file; what
//!   is behind it is read from its beginning, up to the limit and no further.
//! - **MA2** each call has a task of its own, and a file that does not answer holds up no other
//!   app: reading ends after [`READ_MAX`], and at most [`READERS_MAX`] files are read at once.
//! - **MA3** what is refused changes nothing: the app keeps what it had.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use hookswitch_core::Environment;
use hookswitch_model::{AppId, MaterialId, MaterialKind, Rejection};
use hookswitch_wire::dbus::ErrorCode;
use tokio::sync::Semaphore;
use zbus::message::Header;
use zbus::{OwnedFd, interface};

use crate::clients::{Client, Clients};
use crate::error::BusError;
use crate::port::{Inbox, Input};
use crate::provider::sender;

/// Longest wait for a file of an app.
pub const READ_MAX: Duration = Duration::from_secs(3);
/// Most files that are read at once.
pub const READERS_MAX: usize = 8;

/// Keeps what apps bring along. May wait for the disk.
pub trait Keeper: std::fmt::Debug + Send + Sync {
    /// Most bytes of this kind.
    fn bytes_max(&self, kind: MaterialKind) -> usize;

    /// Keeps it in place of what the app had; no bytes take it away.
    ///
    /// # Errors
    ///
    /// Why it is not kept, as a sentence for the app's developer.
    fn keep(
        &self,
        app: &AppId,
        kind: MaterialKind,
        bytes: &[u8],
    ) -> Result<Option<MaterialId>, String>;
}

/// Serves the interface.
#[derive(Debug)]
pub struct Materials {
    inbox: Inbox,
    clients: Clients,
    keeper: Arc<dyn Keeper>,
    readers: Arc<Semaphore>,
}

#[interface(name = "org.hookswitch.Calls1.Materials", introspection_docs = false)]
impl Materials {
    async fn set_ringtone(
        &self,
        sound: OwnedFd,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let client = self.client(&header)?;
        let kept = self.keep(&client, MaterialKind::Ringtone, Some(sound));
        let kept = kept.await?;
        self.tell_ringtone(client.app, kept)
    }

    async fn clear_ringtone(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        let client = self.client(&header)?;
        let kept = self.keep(&client, MaterialKind::Ringtone, None).await?;
        self.tell_ringtone(client.app, kept)
    }

    async fn clear_icon(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        let client = self.client(&header)?;
        let kept = self.keep(&client, MaterialKind::Icon, None).await;
        kept.map(drop)
    }

    async fn set_icon(
        &self,
        picture: OwnedFd,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        let client = self.client(&header)?;
        let kept = self.keep(&client, MaterialKind::Icon, Some(picture)).await;
        kept.map(drop)
    }
}

impl Materials {
    pub(crate) fn new(inbox: Inbox, clients: Clients, keeper: Arc<dyn Keeper>) -> Self {
        Self {
            inbox,
            clients,
            keeper,
            readers: Arc::new(Semaphore::new(READERS_MAX)),
        }
    }

    fn tell_ringtone(&self, app: AppId, ringtone: Option<MaterialId>) -> Result<(), BusError> {
        let change = Environment::Ringtone { app, ringtone };
        Ok(self.inbox.put(Input::Environment(change))?)
    }

    fn client(&self, header: &Header<'_>) -> Result<Client, BusError> {
        let sender = sender(header)?;
        let client = self.clients.find(sender.as_str());
        client.ok_or_else(|| Rejection::UnknownProvider.into())
    }

    async fn keep(
        &self,
        client: &Client,
        kind: MaterialKind,
        file: Option<OwnedFd>,
    ) -> Result<Option<MaterialId>, BusError> {
        let place = Arc::clone(&self.readers).try_acquire_owned();
        let place = place.map_err(|_| {
            let text = "too many files are being read; try again in a moment";
            BusError::new(ErrorCode::Busy, text)
        })?;
        let (keeper, app) = (Arc::clone(&self.keeper), client.app.clone());
        let reading = tokio::task::spawn_blocking(move || {
            // The place is held until the file has answered, also when nobody waits any more.
            let _place = place;
            let file = file.map(|file| File::from(std::os::fd::OwnedFd::from(file)));
            let bytes = match file {
                Some(file) => read(&file, keeper.bytes_max(kind))?,
                None => Vec::new(),
            };
            keeper.keep(&app, kind, &bytes)
        });
        match tokio::time::timeout(READ_MAX, reading).await {
            Ok(Ok(kept)) => kept.map_err(|text| BusError::new(ErrorCode::InvalidArgument, text)),
            Ok(Err(defect)) => Err(BusError::new(ErrorCode::Internal, defect.to_string())),
            Err(_) => {
                let text = format!("the file was not read within {} s", READ_MAX.as_secs());
                Err(BusError::new(ErrorCode::TimedOut, text))
            }
        }
    }
}

/// Reads a regular file from its beginning, wherever the app has read it to.
fn read(file: &File, max: usize) -> Result<Vec<u8>, String> {
    let unreadable = |error: io::Error| {
        format!("the file cannot be read: {error}; open it for reading and hand it over")
    };
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err("hand over a regular file, not a pipe, socket or device".to_owned());
    }
    let too_large = || format!("the file is larger than {max} bytes");
    if usize::try_from(about.len()).map_or(true, |length| length > max) {
        return Err(too_large());
    }
    let mut bytes = vec![0; max + 1];
    let mut length = 0;
    while length < bytes.len() {
        let at = u64::try_from(length).unwrap_or(u64::MAX);
        match file.read_at(&mut bytes[length..], at) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    // It may have grown meanwhile.
    if length > max {
        return Err(too_large());
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn a_file_is_read_from_its_beginning_up_to_the_limit_and_a_pipe_is_refused() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"12345678").expect("written");
        assert_eq!(read(&file, 8).as_deref(), Ok(b"12345678".as_slice()));
        assert!(read(&file, 7).expect_err("too large").contains("7 bytes"));
        let mut rest = Vec::new();
        file.read_to_end(&mut rest).expect("read");
        assert!(rest.is_empty(), "the app's own place in the file is kept");
        let (reader, _writer) = std::io::pipe().expect("a pipe");
        let pipe = File::from(std::os::fd::OwnedFd::from(reader));
        assert!(read(&pipe, 8).expect_err("a pipe").contains("regular"));
    }
}
