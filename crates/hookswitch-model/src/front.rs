//! Whether answering brings the app's own window to the front.

/// What an answer does to the app's window.
///
/// CallKit has no such setting, and what its systems do depends on version, lock and video (forum
/// threads on banners that push a navigation app away; element-ios issue 5366).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnAnswer {
    /// What is in front stays there.
    Stay,
    /// The app comes to the front.
    OpenApp,
    /// The app comes to the front if the call has video.
    #[default]
    OpenIfVideo,
}

impl OnAnswer {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Stay, Self::OpenApp, Self::OpenIfVideo];

    /// The name used on every wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::OpenApp => "open-app",
            Self::OpenIfVideo => "open-if-video",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// What decides about the front, besides the call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FrontRules {
    /// The user's own wish, which goes before that of the app; `None` leaves it to the app.
    pub on_answer: Option<OnAnswer>,
    /// The user drives, or a navigation app is in front: nothing comes to the front by itself.
    pub driving: bool,
}

impl FrontRules {
    /// Whether answering a call brings its app to the front.
    #[must_use]
    pub fn opens(self, of_app: OnAnswer, video: bool) -> bool {
        match self.on_answer.unwrap_or(of_app) {
            _ if self.driving => false,
            OnAnswer::Stay => false,
            OnAnswer::OpenApp => true,
            OnAnswer::OpenIfVideo => video,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_wish_goes_first_and_driving_before_all() {
        use OnAnswer::{OpenApp, OpenIfVideo, Stay};
        for (user, app, driving, video, want) in [
            (None, OpenIfVideo, false, false, false),
            (None, OpenIfVideo, false, true, true),
            (None, OpenApp, false, false, true),
            (None, Stay, false, true, false),
            (Some(Stay), OpenApp, false, true, false),
            (Some(OpenApp), Stay, false, false, true),
            (Some(OpenApp), OpenApp, true, true, false),
        ] {
            let rules = FrontRules {
                on_answer: user,
                driving,
            };
            assert_eq!(rules.opens(app, video), want, "{user:?} {app:?} {driving}");
        }
    }

    #[test]
    fn names_read_back() {
        for policy in OnAnswer::ALL {
            assert_eq!(OnAnswer::from_name(policy.name()), Some(policy));
        }
    }
}
