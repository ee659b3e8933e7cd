//! Words about accounts, buttons, video, translation and the front.

use hookswitch_model::{
    Account, AccountId, ActionButton, ButtonId, HandleKinds, Language, OnAnswer, Text, Translation,
    TranslationEngine,
};

use super::verbs::{Cursor, Read, unknown};
use super::{AppAction, AppDecl, ExtraAct, Scenario};

/// What the user can do about these.
pub const EXTRA_VERBS: [&str; 12] = [
    "starts-video",
    "stops-video",
    "declines-video",
    "translates",
    "stops-translating",
    "presses",
    "prefers",
    "drives",
    "redials",
    "sends-rest",
    "drops-rest",
    "rings-on",
];

/// Reads one of these verbs.
pub(super) fn read_user(
    scenario: &mut Scenario,
    cursor: &mut Cursor<'_>,
    verb: &str,
) -> Read<ExtraAct> {
    Ok(match verb {
        "starts-video" => ExtraAct::SetVideo(cursor.call(scenario)?, true),
        "stops-video" => ExtraAct::SetVideo(cursor.call(scenario)?, false),
        "declines-video" => ExtraAct::DeclineVideo(cursor.call(scenario)?),
        "translates" => {
            let call = cursor.call(scenario)?;
            ExtraAct::Translate(call, Some(languages(cursor)?))
        }
        "stops-translating" => ExtraAct::Translate(cursor.call(scenario)?, None),
        "presses" => {
            let button = button(cursor)?;
            ExtraAct::Press(button, cursor.call(scenario)?)
        }
        "prefers" => ExtraAct::Prefer(rule(cursor)?),
        "redials" => read_redial(scenario, cursor)?,
        "sends-rest" => ExtraAct::SendRest(cursor.call(scenario)?),
        "drops-rest" => ExtraAct::DropRest(cursor.call(scenario)?),
        "rings-on" => ExtraAct::RingOn(super::audio::read_ring_on(cursor)?),
        "drives" => ExtraAct::Drive(!cursor.take("no-more")),
        other => return Err(cursor.error(unknown("verb of the user", other, EXTRA_VERBS))),
    })
}

fn read_redial(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<ExtraAct> {
    let former = cursor.call(scenario)?;
    if !cursor.take("as") {
        cursor.word("\"as\" and a name for the call")?;
        return Err(cursor.error("\"as\" and a name for the call should follow".to_owned()));
    }
    let call = cursor.new_call(scenario)?;
    Ok(ExtraAct::Redial { former, call })
}

/// Reads the action `translate CALL LOCAL REMOTE`.
pub(super) fn read_translate(scenario: &Scenario, cursor: &mut Cursor<'_>) -> Read<AppAction> {
    let call = cursor.call(scenario)?;
    Ok(AppAction::Translate(call, Some(languages(cursor)?)))
}

/// Reads `account NAME`, if it follows.
pub(super) fn account_word(cursor: &mut Cursor<'_>) -> Read<Option<AccountId>> {
    if !cursor.take("account") {
        return Ok(None);
    }
    let word = cursor.word("the name of an account")?;
    let id = AccountId::new(&word.text);
    id.map(Some)
        .map_err(|_| cursor.error("not the name of an account".to_owned()))
}

/// Reads `contact NAME`, if it follows.
pub(super) fn contact_word(cursor: &mut Cursor<'_>) -> Read<Option<Text>> {
    if !cursor.take("contact") {
        return Ok(None);
    }
    let word = cursor.word("the name of a contact")?;
    let text = Text::new(&word.text);
    text.map(Some).map_err(|why| cursor.error(why.to_string()))
}

/// Reads `using ENGINE`, if it follows.
pub(super) fn engine_word(cursor: &mut Cursor<'_>) -> Read<Option<TranslationEngine>> {
    if !cursor.take("using") {
        return Ok(None);
    }
    let word = cursor.word("default or custom")?;
    let engine = TranslationEngine::from_name(&word.text);
    let known = ["default", "custom"];
    engine
        .map(Some)
        .ok_or_else(|| cursor.error(unknown("engine", &word.text, known)))
}

/// Reads names of buttons joined by `+`.
pub(super) fn button_list(text: &str) -> Result<Vec<ButtonId>, String> {
    let one = |id: &str| ButtonId::new(id).map_err(|_| format!("{id:?} is not a button"));
    text.split('+').map(one).collect()
}

fn button(cursor: &mut Cursor<'_>) -> Read<ButtonId> {
    let word = cursor.word("the name of a button")?;
    ButtonId::new(&word.text).map_err(|_| cursor.error("not the name of a button".to_owned()))
}

fn languages(cursor: &mut Cursor<'_>) -> Read<Translation> {
    Ok(Translation {
        local: language(cursor)?,
        remote: language(cursor)?,
    })
}

fn language(cursor: &mut Cursor<'_>) -> Read<Language> {
    let word = cursor.word("a language such as en")?;
    Language::new(&word.text).map_err(|_| cursor.error("not a language such as en".to_owned()))
}

/// A rule for the front, or `app` to leave it to the apps.
pub(super) fn rule(cursor: &mut Cursor<'_>) -> Read<Option<OnAnswer>> {
    let word = cursor.word("a rule for the front")?;
    if word.is("app") {
        return Ok(None);
    }
    rule_named(&word.text)
        .map(Some)
        .map_err(|why| cursor.error(why))
}

/// The rule with this name.
pub(super) fn rule_named(name: &str) -> Result<OnAnswer, String> {
    OnAnswer::from_name(name)
        .ok_or_else(|| unknown("rule", name, OnAnswer::ALL.map(OnAnswer::name)))
}

/// Reads `work` or `work:phone+generic`, or `work:none` for one that cannot dial; `+audio` at the
/// end for one without video.
pub(super) fn read_account(
    app: &mut AppDecl,
    value: &str,
    dials: impl Fn(&str) -> Result<HandleKinds, String>,
) -> Result<(), String> {
    let (id, kinds) = value.split_once(':').unwrap_or((value, ""));
    let sound = kinds.strip_suffix("+audio").or(kinds.strip_suffix("audio"));
    let (kinds, video) = (sound.unwrap_or(kinds), sound.is_none());
    let account = Account {
        id: AccountId::new(id).map_err(|_| "account needs a name".to_owned())?,
        label: Text::new(&titled(id)).map_err(|why| why.to_string())?,
        handle_kinds: if kinds.is_empty() {
            app.dials
        } else {
            dials(kinds)?
        },
        dials: kinds != "none",
        video,
    };
    app.accounts.push(account);
    Ok(())
}

/// Reads `door`, `door:unlock`, `door:ringing` or `door:unlock+ringing`.
pub(super) fn read_button(app: &mut AppDecl, value: &str) -> Result<(), String> {
    let (id, flags) = value.split_once(':').unwrap_or((value, ""));
    let mut button = ActionButton::new(id, &titled(id)).map_err(|why| why.to_string())?;
    for flag in flags.split('+').filter(|flag| !flag.is_empty()) {
        match flag {
            "unlock" => button.needs_unlock = true,
            "ringing" => button.while_ringing = true,
            other => return Err(unknown("flag of a button", other, ["unlock", "ringing"])),
        }
    }
    app.buttons.push(button);
    Ok(())
}

/// `open-door` is shown as "Open door".
fn titled(id: &str) -> String {
    let mut letters = id.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let words = letters.map(|c| if c == '-' { ' ' } else { c });
    first.into_iter().chain(words).collect()
}
