//! The audio device and what happened to it.

/// A device whose name is not known any more.
pub const THE_DEVICE: &str = "The audio device";
/// The audio server is gone.
pub const SERVER_LOST: &str =
    "The sound system stopped. The call goes on, and its sound comes back by itself.";
/// The system needs the audio.
pub const EMERGENCY: &str = "Sound is paused for an emergency message. The call goes on.";
/// Another program has the audio.
pub const EXCLUSIVE: &str = "Another program uses the sound alone. The call goes on.";
/// No device is left.
pub const NO_DEVICE: &str = "There is no audio device. Connect one.";

/// "Switching to Headset…"
#[must_use]
pub fn switching(next: &str) -> String {
    format!("Switching to {next}…")
}

/// "Headset was unplugged. Using Speaker."
#[must_use]
pub fn unplugged(lost: &str, in_use: &str) -> String {
    format!("{lost} was unplugged. Using {in_use}.")
}

/// "Headset was connected, and is in use."
#[must_use]
pub fn connected(device: &str) -> String {
    format!("{device} was connected, and is in use.")
}

/// "Another program chose Speaker."
#[must_use]
pub fn elsewhere(in_use: &str) -> String {
    format!("Another program chose {in_use}.")
}

/// "Another program changed the audio device. Back to Headset, as you chose."
#[must_use]
pub fn put_back(in_use: &str) -> String {
    format!("Another program changed the audio device. Back to {in_use}, as you chose.")
}

/// "The sound system was restarted. Using Speaker."
#[must_use]
pub fn restarted(in_use: &str) -> String {
    format!("The sound system was restarted. Using {in_use}.")
}

/// "Headset could not be used. Still using Speaker."
#[must_use]
pub fn refused(wished: &str, in_use: &str) -> String {
    format!("{wished} could not be used. Still using {in_use}.")
}

/// "Headset did not answer. Still using Speaker."
#[must_use]
pub fn silent(wished: &str, in_use: &str) -> String {
    format!("{wished} did not answer. Still using {in_use}.")
}

/// A choice of where it rings: where everything else plays.
pub const RING_DEFAULT: &str = "Where everything plays";
/// The same: on each device at once.
pub const RING_EVERYWHERE: &str = "All devices";
/// The same: one that was chosen and is away.
pub const RING_AWAY: &str = "A device that is away";
/// What happens until it is back.
pub const RING_AWAY_MEANWHILE: &str = "Until it is back, it rings where everything plays";

/// What a device is, and what it does: "Bluetooth, in use".
#[must_use]
pub fn detail(kind: Option<&str>, doing: Option<&str>) -> Option<String> {
    let words: Vec<&str> = [kind, doing].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// After a kind: it is the one in use.
pub const IN_USE: &str = "in use";
/// After a kind: the audio server was asked for it.
pub const SOON: &str = "switching";
/// After a kind: chosen, and not in use.
pub const WANTED: &str = "wanted, not in use";
