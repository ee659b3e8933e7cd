//! Finds the session bus.
//!
//! Input: the environment. Output: the first bus on which the daemon is, or else the first that
//! answers. Order: the session's own variable, the socket of the user's session, and the address
//! file of the daemon's private bus.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookswitch_wire::dbus::{BUS_FILE, BUS_NAME};
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::RequestNameFlags;

use crate::error::{Error, NoBus};

/// How long a bus may take to let us in.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// The longest address file that is read.
const ADDRESS_MAX: u64 = 4096;

/// How a bus is found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum BusAddress {
    /// By the environment: `DBUS_SESSION_BUS_ADDRESS`, then `$XDG_RUNTIME_DIR/bus`, then the
    /// private bus of the daemon.
    #[default]
    Session,
    /// At this D-Bus address.
    At(String),
}

/// The daemon's directory: `$XDG_RUNTIME_DIR/hookswitch`, or `/tmp/hookswitch-<uid>`.
#[must_use]
pub fn runtime_dir() -> PathBuf {
    let xdg = std::env::var_os("XDG_RUNTIME_DIR");
    hookswitch_wire::dbus::runtime_dir(xdg.as_deref(), rustix::process::getuid().as_raw())
}

/// A bus, and who is on it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BusProbe {
    /// Where it was found, such as `DBUS_SESSION_BUS_ADDRESS`.
    pub place: String,
    names: Vec<String>,
}

impl BusProbe {
    /// Looks at the bus that [`Provider`](crate::Provider), [`Controller`](crate::Controller) and
    /// [`Observer`](crate::Observer) would use, and changes nothing: no daemon is started.
    ///
    /// # Errors
    ///
    /// [`Error::NoBus`] with all places where a bus was looked for.
    pub async fn look(address: &BusAddress) -> Result<Self, Error> {
        let (place, connection) = find(address, None, |builder| builder).await?;
        let names = names_on(&connection).await.unwrap_or_default();
        Ok(Self { place, names })
    }

    /// Whether somebody serves this well-known name now.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Whether the daemon is there.
    #[must_use]
    pub fn has_daemon(&self) -> bool {
        self.has(BUS_NAME)
    }
}

/// Connects to a bus, and takes the well-known `name` there. `prepare` adds what the connection
/// serves; it is called once per place that is tried.
pub(crate) async fn connect(
    address: &BusAddress,
    name: Option<&str>,
    prepare: impl Fn(Builder<'static>) -> Builder<'static>,
) -> Result<Connection, Error> {
    let (_, connection) = find(address, name, prepare).await?;
    Ok(connection)
}

/// A bus and the place where it was found: the first with the daemon on it, else the first.
async fn find(
    address: &BusAddress,
    name: Option<&str>,
    prepare: impl Fn(Builder<'static>) -> Builder<'static>,
) -> Result<(String, Connection), Error> {
    let mut tried = NoBus::default();
    let mut first = None;
    for (place, address) in candidates(address) {
        let address = match address {
            Ok(address) => address,
            Err(problem) => {
                tried.tried.push(format!("{place}: {problem}"));
                continue;
            }
        };
        let builder = prepare(Builder::address(address.as_str()));
        match tokio::time::timeout(CONNECT_MAX, enter(builder, name)).await {
            Ok(Ok(connection)) => {
                if has_daemon(&connection).await {
                    return Ok((place, connection));
                }
                first.get_or_insert((place, connection));
            }
            Ok(Err(zbus::Error::NameTaken)) => return Err(Error::NameTaken(String::new())),
            Ok(Err(zbus::Error::FDO(error))) if is_denied(&error) => {
                return Err(Error::NameRefused(String::new()));
            }
            Ok(Err(error)) => tried.tried.push(format!("{place}: {error}")),
            Err(_) => tried.tried.push(format!("{place}: no answer")),
        }
    }
    first.ok_or(Error::NoBus(tried))
}

/// Connects, and takes the name or fails: the builder's own way would wait in the name's queue.
async fn enter(builder: Builder<'static>, name: Option<&str>) -> zbus::Result<Connection> {
    let connection = builder.build().await?;
    if let Some(name) = name {
        let flags = RequestNameFlags::DO_NOT_QUEUE;
        connection.request_name_with_flags(name, flags).await?;
    }
    Ok(connection)
}

async fn has_daemon(connection: &Connection) -> bool {
    let names = names_on(connection).await.unwrap_or_default();
    names.iter().any(|name| name == BUS_NAME)
}

async fn names_on(connection: &Connection) -> zbus::Result<Vec<String>> {
    let dbus = zbus::fdo::DBusProxy::new(connection).await?;
    let names = tokio::time::timeout(CONNECT_MAX, dbus.list_names()).await;
    let names = names.map_err(|_| zbus::Error::InvalidReply)??;
    Ok(names.iter().map(ToString::to_string).collect())
}

fn is_denied(error: &zbus::fdo::Error) -> bool {
    matches!(error, zbus::fdo::Error::AccessDenied(_))
}

/// The places to look at, each with its address or what is wrong with it.
fn candidates(address: &BusAddress) -> Vec<(String, Result<String, String>)> {
    match address {
        BusAddress::At(address) => vec![("the given address".into(), Ok(address.clone()))],
        BusAddress::Session => session_candidates(
            std::env::var_os("DBUS_SESSION_BUS_ADDRESS"),
            std::env::var_os("XDG_RUNTIME_DIR"),
            &runtime_dir(),
        ),
    }
}

fn session_candidates(
    variable: Option<OsString>,
    xdg_runtime_dir: Option<OsString>,
    daemon_dir: &Path,
) -> Vec<(String, Result<String, String>)> {
    let variable = match variable.map(OsString::into_string) {
        Some(Ok(address)) if !address.is_empty() => Ok(address),
        Some(Err(_)) => Err("not text".into()),
        Some(Ok(_)) | None => Err("not set".into()),
    };
    let mut places = vec![("DBUS_SESSION_BUS_ADDRESS".to_owned(), variable)];
    if let Some(dir) = xdg_runtime_dir.filter(|dir| Path::new(dir).is_absolute()) {
        let socket = Path::new(&dir).join("bus");
        let found = socket_address(&socket);
        places.push((socket.display().to_string(), found));
    }
    let file = daemon_dir.join(BUS_FILE);
    places.push((file.display().to_string(), address_in(&file)));
    places
}

fn socket_address(socket: &Path) -> Result<String, String> {
    let metadata = fs::metadata(socket).map_err(|error| reason(&error))?;
    if metadata.file_type().is_socket() {
        Ok(format!("unix:path={}", escaped(socket)))
    } else {
        Err("not a socket".into())
    }
}

/// D-Bus specification, "Server Addresses": other bytes than `[-0-9A-Za-z_/.\*]` as `%XX`.
fn escaped(path: &Path) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/.\\*".contains(&byte);
    let mut text = String::new();
    for byte in std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()) {
        if keep(*byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02x}"));
        }
    }
    text
}

/// Reads the address file, if it and its directory belong to this user alone.
fn address_in(file: &Path) -> Result<String, String> {
    let dir = file.parent().unwrap_or(file);
    let folder = fs::symlink_metadata(dir).map_err(|error| reason(&error))?;
    if !folder.is_dir() || !is_mine(&folder) {
        return Err("its directory belongs to someone else".into());
    }
    let metadata = fs::symlink_metadata(file).map_err(|error| reason(&error))?;
    if !metadata.is_file() || !is_mine(&metadata) {
        return Err("it belongs to someone else".into());
    }
    let mut text = String::new();
    fs::File::open(file)
        .and_then(|file| file.take(ADDRESS_MAX).read_to_string(&mut text))
        .map_err(|error| reason(&error))?;
    match text.trim() {
        "" => Err("it is empty".into()),
        address => Ok(address.to_owned()),
    }
}

/// Owned by this user and writable for nobody else.
fn is_mine(metadata: &fs::Metadata) -> bool {
    metadata.uid() == rustix::process::getuid().as_raw() && metadata.mode() & 0o022 == 0
}

fn reason(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        "not there".into()
    } else {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn private_dir() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn the_variable_goes_first_then_the_socket_then_the_file() {
        let dir = private_dir();
        let _listener = UnixListener::bind(dir.path().join("bus")).unwrap();
        let daemon = dir.path().join("hookswitch");
        fs::create_dir(&daemon).unwrap();
        fs::write(daemon.join("bus"), "unix:path=/private\n").unwrap();
        let xdg = Some(dir.path().as_os_str().to_owned());
        let found = session_candidates(Some("unix:path=/mine".into()), xdg, &daemon);
        let addresses: Vec<_> = found.into_iter().map(|(_, a)| a.unwrap()).collect();
        let socket = format!("unix:path={}", escaped(&dir.path().join("bus")));
        assert_eq!(
            addresses,
            ["unix:path=/mine", &socket, "unix:path=/private"]
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        let dir = private_dir();
        let found = session_candidates(None, None, &dir.path().join("hookswitch"));
        let problems: Vec<_> = found.into_iter().map(|(_, a)| a.unwrap_err()).collect();
        assert_eq!(problems, ["not set", "not there"]);
    }

    #[test]
    fn a_file_that_others_could_write_is_not_believed() {
        let dir = private_dir();
        let file = dir.path().join("bus");
        fs::write(&file, "unix:path=/evil").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(
            address_in(&file),
            Err("it belongs to someone else".to_owned())
        );
    }

    #[test]
    fn paths_are_escaped() {
        assert_eq!(escaped(Path::new("/run/a b,c")), "/run/a%20b%2cc");
    }
}
