//! The accounts an app registers.

use hookswitch_model::{Account, AccountId};

use super::argument::{self, ArgumentError, Problem};
use super::configuration::{handle_kinds, kind_names};
use super::dict::{Dict, Reader, put, required};

/// Reads the key `accounts`: a list of dictionaries with `id`, `label`, `handle_kinds`, `dials`
/// (default true) and `video` (default false).
pub(super) fn accounts_from(read: &Reader<'_>) -> Result<Vec<Account>, ArgumentError> {
    let mut accounts: Vec<Account> = Vec::new();
    for (index, dict) in read.dicts("accounts")?.iter().enumerate() {
        let account = account(dict).map_err(|error| error.within("accounts", index))?;
        if accounts.iter().any(|known| known.id == account.id) {
            return Err(taken().within("accounts", index));
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// Two things of one app have the same id.
pub(super) fn taken() -> ArgumentError {
    let wanted = "another id than those before";
    ArgumentError::new("id", Problem::Malformed { wanted })
}

fn account(dict: &Dict) -> Result<Account, ArgumentError> {
    let read = Reader(dict);
    let id: AccountId = argument::account("id", required("id", read.string("id")?)?)?;
    Ok(Account {
        id,
        label: required("label", read.text("label")?)?,
        handle_kinds: handle_kinds(&read.strings("handle_kinds")?.unwrap_or_default())?,
        dials: read.boolean("dials")?.unwrap_or(true),
        video: read.boolean("video")?.unwrap_or(false),
    })
}

/// Writes the key, if there are any.
pub(super) fn put_accounts(dict: &mut Dict, accounts: &[Account]) {
    let list: Vec<Dict> = accounts.iter().map(account_dict).collect();
    if !list.is_empty() {
        put(dict, "accounts", list);
    }
}

fn account_dict(account: &Account) -> Dict {
    let mut dict = Dict::new();
    put(&mut dict, "id", account.id.as_str());
    put(&mut dict, "label", account.label.as_str());
    put(&mut dict, "handle_kinds", kind_names(account.handle_kinds));
    put(&mut dict, "dials", account.dials);
    put(&mut dict, "video", account.video);
    dict
}
