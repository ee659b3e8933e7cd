//! Names that are promises to the outside; see `interfaces/`.

/// The well-known name of the daemon.
pub const BUS_NAME: &str = "org.hookswitch.Calls1";
/// The object the daemon serves.
pub const OBJECT_PATH: &str = "/org/hookswitch/Calls1";
/// The daemon's interface for apps.
pub const PROVIDER_INTERFACE: &str = "org.hookswitch.Calls1.Provider";
/// The daemon's interface for what apps bring along.
pub const MATERIALS_INTERFACE: &str = "org.hookswitch.Calls1.Materials";
/// The daemon's interface for the user's hand.
pub const CONTROLLER_INTERFACE: &str = "org.hookswitch.Calls1.Controller";
/// The daemon's interface for those who only watch.
pub const OBSERVER_INTERFACE: &str = "org.hookswitch.Calls1.Observer";
/// The daemon's interface for lists of numbers, and for asking what they decide.
pub const DIRECTORY_INTERFACE: &str = "org.hookswitch.Calls1.Directory";
/// The daemon's interface for pushes.
pub const PUSH_INTERFACE: &str = "org.hookswitch.Calls1.Push";
/// The object each app exports that takes pushes.
pub const PUSH_PATH: &str = "/org/hookswitch/Push1";
/// The interface each app exports that takes pushes.
pub const PUSH_APP_INTERFACE: &str = "org.hookswitch.Push1";
/// The object each directory extension exports.
pub const EXTENSION_PATH: &str = "/org/hookswitch/Extension1";
/// The interface each directory extension exports.
pub const EXTENSION_INTERFACE: &str = "org.hookswitch.Extension1";
/// The object each app exports.
pub const APP_PATH: &str = "/org/hookswitch/App1";
/// The interface each app exports.
pub const APP_INTERFACE: &str = "org.hookswitch.App1";
/// What every error name begins with.
pub const ERROR_PREFIX: &str = "org.hookswitch.Calls1.Error.";
/// The longest ring time an app may ask for, in milliseconds: ten minutes.
pub const RING_MS_MAX: u64 = 600_000;
