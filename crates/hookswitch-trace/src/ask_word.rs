//! What an app was asked for, in one word.

/// What an app was asked for, in one word.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum AskWord {
    /// Start a call.
    Start,
    /// Answer.
    Answer,
    /// End.
    End,
    /// Hold.
    Hold,
    /// Resume.
    Resume,
    /// Mute.
    Mute,
    /// Unmute.
    Unmute,
    /// Join a group.
    Group,
    /// Leave a group.
    Ungroup,
    /// Send digits.
    Digits,
    /// Switch video on.
    VideoOn,
    /// Switch video off.
    VideoOff,
    /// Turn an offer of video down.
    VideoDeclined,
    /// Translate.
    Translate,
    /// Stop translating.
    StopTranslating,
    /// One of the app's own buttons.
    Press,
}

impl AskWord {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Start,
        Self::Answer,
        Self::End,
        Self::Hold,
        Self::Resume,
        Self::Mute,
        Self::Unmute,
        Self::Group,
        Self::Ungroup,
        Self::Digits,
        Self::VideoOn,
        Self::VideoOff,
        Self::VideoDeclined,
        Self::Translate,
        Self::StopTranslating,
        Self::Press,
    ];

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Answer => "answer",
            Self::End => "end",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Group => "group",
            Self::Ungroup => "ungroup",
            Self::Digits => "digits",
            Self::VideoOn => "video-on",
            Self::VideoOff => "video-off",
            Self::VideoDeclined => "video-declined",
            Self::Translate => "translate",
            Self::StopTranslating => "stop-translating",
            Self::Press => "press",
        }
    }
}
