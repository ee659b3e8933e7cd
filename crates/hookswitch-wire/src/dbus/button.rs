//! The buttons an app adds to its calls.

use hookswitch_model::{ActionButton, ButtonError, ButtonIcon, TextError};

use super::account::taken;
use super::argument::{ArgumentError, Problem};
use super::dict::{Dict, Reader, put, required};

/// Reads the key `buttons`: a list of dictionaries with `id`, `label`, `icon` (default `plain`),
/// `needs_unlock` and `while_ringing` (default false).
pub(super) fn buttons_from(read: &Reader<'_>) -> Result<Vec<ActionButton>, ArgumentError> {
    let mut buttons: Vec<ActionButton> = Vec::new();
    for (index, dict) in read.dicts("buttons")?.iter().enumerate() {
        let button = button(dict).map_err(|error| error.within("buttons", index))?;
        if buttons.iter().any(|known| known.id == button.id) {
            return Err(taken().within("buttons", index));
        }
        buttons.push(button);
    }
    Ok(buttons)
}

fn button(dict: &Dict) -> Result<ActionButton, ArgumentError> {
    let read = Reader(dict);
    let id = required("id", read.string("id")?)?;
    let label = required("label", read.string("label")?)?;
    let icon = match read.string("icon")? {
        None => ButtonIcon::default(),
        Some(word) => ButtonIcon::from_name(word).ok_or_else(|| {
            let known = "plain, door, gate, light, camera, note, transfer, record";
            ArgumentError::new("icon", Problem::UnknownWord { known })
        })?,
    };
    let button = ActionButton::new(id, label).map_err(problem)?;
    Ok(ActionButton {
        icon,
        needs_unlock: read.boolean("needs_unlock")?.unwrap_or(false),
        while_ringing: read.boolean("while_ringing")?.unwrap_or(false),
        ..button
    })
}

fn problem(error: ButtonError) -> ArgumentError {
    let max = ActionButton::LABEL_MAX;
    match error {
        ButtonError::Id => {
            let wanted = "1 to 32 of a-z 0-9 -";
            ArgumentError::new("id", Problem::Malformed { wanted })
        }
        ButtonError::Label(TextError::Empty) => ArgumentError::new("label", Problem::Empty),
        ButtonError::Label(TextError::TooLong { .. }) | ButtonError::LongLabel => {
            ArgumentError::new("label", Problem::TooLong { max })
        }
    }
}

/// Writes the key, if there are any.
pub(super) fn put_buttons(dict: &mut Dict, buttons: &[ActionButton]) {
    let list: Vec<Dict> = buttons.iter().map(button_dict).collect();
    if !list.is_empty() {
        put(dict, "buttons", list);
    }
}

fn button_dict(button: &ActionButton) -> Dict {
    let mut dict = Dict::new();
    put(&mut dict, "id", button.id.as_str());
    put(&mut dict, "label", button.label.as_str());
    put(&mut dict, "icon", button.icon.name());
    put(&mut dict, "needs_unlock", button.needs_unlock);
    put(&mut dict, "while_ringing", button.while_ringing);
    dict
}
