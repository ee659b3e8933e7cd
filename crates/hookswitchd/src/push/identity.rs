//! Who this device is for its gateway: an id and a secret, made once.
//!
//! # Promises
//!
//! - **PI1** the file is on the disk before the device greets a gateway with it, and nobody but the
//!   user may read it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use hookswitch_push_core::frame::Secret;
use hookswitch_push_core::push::DeviceId;

/// The file in the state directory: 16 bytes of id, 32 of secret.
const FILE: &str = "push-device";
/// Its length.
const BYTES: usize = 48;

/// The device of the file; a new one if there is no file. A file that is damaged is set aside, and
/// the apps get new tokens.
pub(super) fn open(dir: &Path) -> Result<(DeviceId, Secret), String> {
    let file = dir.join(FILE);
    let shown = file.display();
    let told = |why: io::Error| format!("{shown}: {why}; check the disk and its permissions");
    match fs::read(&file) {
        Ok(bytes) if bytes.len() == BYTES => return Ok(split(&bytes)),
        Ok(_) => {
            let aside = file.with_extension("damaged");
            fs::rename(&file, &aside).map_err(told)?;
            let kept_as = aside.display();
            tracing::error!(%kept_as, "the push identity is damaged; apps get new tokens");
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(told(error)),
    }
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|why| format!("no random numbers: {why}"))?;
    write(dir, &file, &bytes).map_err(told)?;
    Ok(split(&bytes))
}

fn write(dir: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let fresh = file.with_extension("new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut writer = options.open(&fresh)?;
    writer.write_all(bytes)?;
    writer.sync_all()?;
    fs::rename(&fresh, file)?;
    File::open(dir)?.sync_all()
}

fn split(bytes: &[u8]) -> (DeviceId, Secret) {
    let (id, secret) = bytes.split_at(16);
    let mut device = [0; 16];
    device.copy_from_slice(id);
    (DeviceId(device), Secret(secret.to_vec()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_device_stays_who_it_is_and_a_damaged_one_is_new() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = open(dir.path()).expect("written");
        assert_eq!(open(dir.path()).expect("read"), first);
        let file = dir.path().join(FILE);
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&file, "short").expect("written");
        assert_ne!(open(dir.path()).expect("written"), first);
    }
}
