//! What apps under test bring along: named by its size, and kept nowhere.

use hookswitch_bus::{KeepError, Keeper, Kept};
use hookswitch_model::{AppId, MaterialId, MaterialKind};

/// Most bytes of anything.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Takes everything, and forgets it.
#[derive(Debug)]
pub(crate) struct Forgetful;

impl Keeper for Forgetful {
    fn bytes_max(&self, _: MaterialKind) -> usize {
        BYTES_MAX
    }

    fn keep(&self, _: &AppId, _: MaterialKind, bytes: &[u8]) -> Result<Kept, KeepError> {
        let name = format!("bytes-{}", bytes.len());
        let id = MaterialId::new(&name).expect("letters and digits");
        Ok(Kept {
            id: (!bytes.is_empty()).then_some(id),
            gone: None,
        })
    }
}
