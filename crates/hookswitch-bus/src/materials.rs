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
//!   app: reading ends after [`READ_MAX`]; one file of an app is read at a time, and at most
//!   [`READERS_MAX`] in all.
//! - **MA3** what is refused changes nothing: the app keeps what it had.
//! - **MA4** the core is told of everything that is kept, in the order in which it was.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookswitch_core::Environment;
use hookswitch_model::{AppId, MaterialId, MaterialKind, Rejection};
use hookswitch_wire::dbus::ErrorCode;
use zbus::message::Header;
use zbus::{OwnedFd, interface};

use crate::clients::{Client, Clients};
use crate::error::BusError;
use crate::port::Inbox;
use crate::provider::sender;

/// Longest wait for a file of an app.
pub const READ_MAX: Duration = Duration::from_secs(3);
/// Most files that are read at once.
pub const READERS_MAX: usize = 8;

/// What was kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Its name; none if it was taken away.
    pub id: Option<MaterialId>,
    /// The app that gave way and has nothing any more.
    pub gone: Option<AppId>,
}

/// Why something is not kept, as a sentence for the app's developer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeepError {
    /// It is not as it should be.
    Refused(String),
    /// It is fine, but there is no place for it.
    Disk(String),
}

impl From<KeepError> for BusError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Refused(text) => Self::new(ErrorCode::InvalidArgument, text),
            KeepError::Disk(text) => Self::new(ErrorCode::Internal, text),
        }
    }
}

/// Keeps what apps bring along. May wait for the disk.
pub trait Keeper: std::fmt::Debug + Send + Sync {
    /// Most bytes of this kind.
    fn bytes_max(&self, kind: MaterialKind) -> usize;

    /// Keeps it in place of what the app had; no bytes take it away.
    ///
    /// # Errors
    ///
    /// [`KeepError`]; what the app had is kept then.
    fn keep(&self, app: &AppId, kind: MaterialKind, bytes: &[u8]) -> Result<Kept, KeepError>;
}

/// The apps of which something is under way.
#[derive(Clone, Debug, Default)]
struct Readers(Arc<Mutex<BTreeSet<AppId>>>);

impl Readers {
    fn apps(&self) -> MutexGuard<'_, BTreeSet<AppId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, app: &AppId) -> Result<Place, BusError> {
        let mut apps = self.apps();
        if apps.len() >= READERS_MAX || !apps.insert(app.clone()) {
            let text = "another file is being read; try again in a moment";
            return Err(BusError::new(ErrorCode::Busy, text));
        }
        let (readers, app) = (self.clone(), app.clone());
        Ok(Place { readers, app })
    }
}

/// Held until a file has answered and the core was told, also when nobody waits any more.
#[derive(Debug)]
struct Place {
    readers: Readers,
    app: AppId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.readers.apps().remove(&self.app);
    }
}

/// Serves the interface.
#[derive(Debug)]
pub struct Materials {
    inbox: Inbox,
    clients: Clients,
    keeper: Arc<dyn Keeper>,
    readers: Readers,
}

#[interface(name = "org.hookswitch.Calls1.Materials", introspection_docs = false)]
impl Materials {
    async fn set_ringtone(
        &self,
        sound: OwnedFd,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.take(&header, MaterialKind::Ringtone, Some(sound))
            .await
    }

    async fn clear_ringtone(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        self.take(&header, MaterialKind::Ringtone, None).await
    }

    async fn set_icon(
        &self,
        picture: OwnedFd,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), BusError> {
        self.take(&header, MaterialKind::Icon, Some(picture)).await
    }

    async fn clear_icon(&self, #[zbus(header)] header: Header<'_>) -> Result<(), BusError> {
        self.take(&header, MaterialKind::Icon, None).await
    }
}

impl Materials {
    pub(crate) fn new(inbox: Inbox, clients: Clients, keeper: Arc<dyn Keeper>) -> Self {
        Self {
            inbox,
            clients,
            keeper,
            readers: Readers::default(),
        }
    }

    fn client(&self, header: &Header<'_>) -> Result<Client, BusError> {
        let sender = sender(header)?;
        let client = self.clients.find(sender.as_str());
        client.ok_or_else(|| Rejection::UnknownProvider.into())
    }

    /// Reads, keeps and tells. Only reading has a bound: what is kept has to be told.
    async fn take(
        &self,
        header: &Header<'_>,
        kind: MaterialKind,
        file: Option<OwnedFd>,
    ) -> Result<(), BusError> {
        let app = self.client(header)?.app;
        let place = self.readers.enter(&app)?;
        let (bytes, _place) = match file {
            Some(file) => self.read(file, kind, place).await?,
            None => (Vec::new(), place),
        };
        let (keeper, of) = (Arc::clone(&self.keeper), app.clone());
        let kept = tokio::task::spawn_blocking(move || keeper.keep(&of, kind, &bytes)).await;
        let kept = kept.map_err(defect)??;
        if let Some(app) = kept.gone {
            self.tell_ringtone(app, None).await;
        }
        match kind {
            MaterialKind::Ringtone => self.tell_ringtone(app, kept.id).await,
            MaterialKind::Icon => {}
        }
        Ok(())
    }

    async fn read(
        &self,
        file: OwnedFd,
        kind: MaterialKind,
        place: Place,
    ) -> Result<(Vec<u8>, Place), BusError> {
        let max = self.keeper.bytes_max(kind);
        let reading = tokio::task::spawn_blocking(move || {
            let file = File::from(std::os::fd::OwnedFd::from(file));
            (read(&file, max), place)
        });
        let Ok(read) = tokio::time::timeout(READ_MAX, reading).await else {
            let text = format!("the file was not read within {} s", READ_MAX.as_secs());
            return Err(BusError::new(ErrorCode::TimedOut, text));
        };
        let (bytes, place) = read.map_err(defect)?;
        let bytes = bytes.map_err(|text| BusError::new(ErrorCode::InvalidArgument, text))?;
        Ok((bytes, place))
    }

    async fn tell_ringtone(&self, app: AppId, ringtone: Option<MaterialId>) {
        let change = Environment::Ringtone { app, ringtone };
        self.inbox.tell(change).await;
    }
}

fn defect(error: tokio::task::JoinError) -> BusError {
    BusError::new(ErrorCode::Internal, error.to_string())
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
    if length == 0 {
        return Err("the file is empty".to_owned());
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn one_file_of_an_app_is_read_at_a_time_and_a_few_in_all() {
        let readers = Readers::default();
        let app = |number: usize| AppId::new(&format!("org.example.A{number}")).expect("valid");
        let first = readers.enter(&app(0)).expect("a place");
        assert!(readers.enter(&app(0)).is_err(), "its own is under way");
        let more: Vec<_> = (1..READERS_MAX)
            .map(|number| readers.enter(&app(number)).expect("a place"))
            .collect();
        assert!(readers.enter(&app(READERS_MAX)).is_err(), "there are many");
        drop(first);
        readers.enter(&app(0)).expect("a place again");
        drop(more);
    }

    #[test]
    fn a_file_is_read_from_its_beginning_up_to_the_limit_and_a_pipe_is_refused() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"12345678").expect("written");
        assert_eq!(read(&file, 8).as_deref(), Ok(b"12345678".as_slice()));
        assert!(read(&file, 7).expect_err("too large").contains("7 bytes"));
        let mut rest = Vec::new();
        file.read_to_end(&mut rest).expect("read");
        assert!(rest.is_empty(), "the app's own place in the file is kept");
        let empty = tempfile::tempfile().expect("a file");
        assert!(read(&empty, 8).expect_err("empty").contains("empty"));
        let (reader, _writer) = std::io::pipe().expect("a pipe");
        let pipe = File::from(std::os::fd::OwnedFd::from(reader));
        assert!(read(&pipe, 8).expect_err("a pipe").contains("regular"));
    }
}
