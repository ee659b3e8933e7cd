//! An app as a header line of a story: it does nothing by itself, the recording says it all.

use hookswitch_model::{
    Account, ActionButton, AppId, AppKind, CallTone, CallTones, Configuration, HandleKinds,
    OnAnswer, SecondCalls,
};
use hookswitch_wire::trace::write_span;

use super::alias::Aliases;

/// The header line of an app.
pub(super) fn declaration(
    aliases: &mut Aliases,
    name: &str,
    id: &AppId,
    about: &Configuration,
) -> String {
    let silent = "temper=silent stopped launch=never reconnect=never adopts=no";
    let mut fields = vec![
        format!("id={id} {silent} groups={}", about.groups_max),
        format!("calls-per-group={}", about.calls_per_group_max),
    ];
    let is_cellular = about.kind == AppKind::Cellular && aliases.is_cellular(id);
    let flags = [
        (is_cellular, "cellular"),
        (about.voicemail, "voicemail"),
        (!about.in_recents, "recents=no"),
        (!about.video, "video=no"),
        (about.translation, "translates=yes"),
    ];
    fields.extend(
        flags
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, word)| (*word).to_owned()),
    );
    if let Some(span) = about.ring_for {
        fields.push(format!("ring={}", write_span(span)));
    }
    if about.on_answer != OnAnswer::default() {
        fields.push(format!("front={}", about.on_answer.name()));
    }
    if about.second_calls != SecondCalls::default() {
        fields.push(format!("second-calls={}", about.second_calls.name()));
    }
    if about.tones != CallTones::default() {
        fields.push(format!("tones={}", tones(about.tones)));
    }
    if !about.emergency_numbers.is_empty() {
        let numbers: Vec<&str> = about.emergency_numbers.iter().map(|n| n.as_str()).collect();
        fields.push(format!("emergency={}", numbers.join("+")));
    }
    fields.push(format!("dials={}", kinds(about.handle_kinds)));
    fields.extend(about.accounts.iter().map(|one| account(aliases, one)));
    fields.extend(about.buttons.iter().map(button));
    format!("app {name} {{ {} }}", fields.join(" "))
}

/// All fields of what an app registers with, for a story in which it does so again.
pub(super) fn configuration(aliases: &mut Aliases, about: &Configuration) -> Vec<String> {
    let yes = |on: bool| if on { "yes" } else { "no" };
    let mut fields = vec![
        format!("groups={}", about.groups_max),
        format!("calls-per-group={}", about.calls_per_group_max),
        format!("voicemail={}", yes(about.voicemail)),
        format!("recents={}", yes(about.in_recents)),
        format!("video={}", yes(about.video)),
        format!("translates={}", yes(about.translation)),
        format!("front={}", about.on_answer.name()),
        format!("second-calls={}", about.second_calls.name()),
        format!("tones={}", tones(about.tones)),
        format!("dials={}", kinds(about.handle_kinds)),
    ];
    fields.extend(
        about
            .ring_for
            .map(|span| format!("ring={}", write_span(span))),
    );
    match about.accounts.is_empty() {
        true => fields.push("account=none".to_owned()),
        false => fields.extend(about.accounts.iter().map(|one| account(aliases, one))),
    }
    match about.buttons.is_empty() {
        true => fields.push("button=none".to_owned()),
        false => fields.extend(about.buttons.iter().map(button)),
    }
    fields
}

fn account(aliases: &mut Aliases, account: &Account) -> String {
    let name = aliases.account(&account.id);
    let kinds = match account.dials {
        true => kinds(account.handle_kinds),
        false => "none".to_owned(),
    };
    let sound = if account.video { "" } else { "+audio" };
    format!("account={name}:{kinds}{sound}")
}

fn button(button: &ActionButton) -> String {
    let flags = [
        (button.needs_unlock, "unlock"),
        (button.while_ringing, "ringing"),
    ];
    let flags: Vec<&str> = flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| *word)
        .collect();
    format!("button={}:{}", button.id, flags.join("+"))
}

fn tones(tones: CallTones) -> String {
    let names: Vec<&str> = tones.iter().map(CallTone::name).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join("+"),
    }
}

fn kinds(kinds: HandleKinds) -> String {
    let all = [
        (kinds.phone_number, "phone"),
        (kinds.email_address, "email"),
        (kinds.generic, "generic"),
    ];
    let set: Vec<&str> = all
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, name)| *name)
        .collect();
    match set.is_empty() {
        true => "none".to_owned(),
        false => set.join("+"),
    }
}
