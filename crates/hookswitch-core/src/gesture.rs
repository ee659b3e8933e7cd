//! The compound gestures: one press that acts on more than one conversation, as data.
//!
//! A row says who gives up the line, who takes it, and in which order. Planning carries out these
//! rows and nothing else, so the buttons, which are planned presses, show the same table.
//! `docs/gestures.md` is this table for readers; a test compares the two.
//!
//! # Not here
//!
//! What a press does to its own conversation alone (hold, mute, decline), and what the system does
//! without a press: a ring time that is over, whoever rings in vain beside an emergency call, a
//! hold that an app does not make.
//!
//! # Promises
//!
//! - **GE1** in every row those who give up the line (end, hold) come before those who take it.
//! - **GE2** a row names each conversation as a whole: all members of a group go together, but for
//!   the one call that a split takes out.

/// What is done to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Deed {
    /// End it.
    End,
    /// Put it on hold.
    Hold,
    /// Put it on hold, or end it if it cannot be held.
    HoldOrEnd,
    /// End it, unless there is room for one more conversation by now.
    EndForRoom,
    /// Send its caller to the voicemail.
    Divert,
    /// Take it off hold.
    Resume,
    /// Answer it.
    Answer,
    /// Start it.
    Start,
    /// Join it with the other call of the gesture, each member by an ask of its own.
    Group,
    /// Take it out of its group.
    Ungroup,
}

impl Deed {
    /// The word in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Hold => "hold",
            Self::HoldOrEnd => "hold or end",
            Self::EndForRoom => "end for room",
            Self::Divert => "divert",
            Self::Resume => "resume",
            Self::Answer => "answer",
            Self::Start => "start",
            Self::Group => "group",
            Self::Ungroup => "ungroup",
        }
    }

    /// Gives up the line.
    #[must_use]
    pub fn is_giver(self) -> bool {
        match self {
            Self::End | Self::Hold | Self::HoldOrEnd | Self::EndForRoom | Self::Divert => true,
            Self::Resume | Self::Answer | Self::Start | Self::Group | Self::Ungroup => false,
        }
    }
}

/// To whom. All are found before the first move.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Who {
    /// The call that the gesture is about.
    This,
    /// That call with its group.
    Group,
    /// The other members of its group, as far as they are on the line.
    Rest,
    /// Everyone on the line, save this call and its group.
    Line,
    /// Those who were put on hold last, with their group.
    Held,
    /// All others: those on hold, the longest first, then those on the line.
    Others,
    /// The side of a merge that is on hold while the other side is on the line.
    HeldSide,
}

impl Who {
    /// The words in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::Group => "this and its group",
            Self::Rest => "the rest of its group",
            Self::Line => "the line",
            Self::Held => "the held",
            Self::Others => "the others",
            Self::HeldSide => "the held side",
        }
    }
}

/// One row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gesture {
    /// Its name, as the button and the documentation say it.
    pub name: &'static str,
    /// The moves, in the order in which the asks go out.
    pub moves: &'static [(Deed, Who)],
    /// The takers wait for the givers even inside one app. (Across apps they always do.)
    pub waits: bool,
}

impl Gesture {
    /// If the taker fails before it had the line, those who were held for it resume.
    #[must_use]
    pub fn undoes_holds(&self) -> bool {
        self.moves.last().is_some_and(|(deed, _)| match deed {
            Deed::Answer | Deed::Start | Deed::Ungroup | Deed::Resume => true,
            Deed::End
            | Deed::Hold
            | Deed::HoldOrEnd
            | Deed::EndForRoom
            | Deed::Divert
            | Deed::Group => false,
        })
    }
}

/// Answer when the line is free.
pub const ANSWER: Gesture = Gesture {
    name: "Answer",
    moves: &[(Deed::Answer, Who::This)],
    waits: false,
};
/// End the talking, answer.
pub const END_AND_ANSWER: Gesture = Gesture {
    name: "End & Answer",
    moves: &[(Deed::End, Who::Line), (Deed::Answer, Who::This)],
    waits: false,
};
/// Hold the talking, answer.
pub const HOLD_AND_ANSWER: Gesture = Gesture {
    name: "Hold & Answer",
    moves: &[(Deed::Hold, Who::Line), (Deed::Answer, Who::This)],
    waits: false,
};
/// End the held, hold the talking, answer.
pub const END_HELD_AND_ANSWER: Gesture = Gesture {
    name: "End Held & Answer",
    moves: &[
        (Deed::End, Who::Held),
        (Deed::Hold, Who::Line),
        (Deed::Answer, Who::This),
    ],
    waits: false,
};
/// Hold the talking, resume the held.
pub const SWAP: Gesture = Gesture {
    name: "Swap",
    moves: &[(Deed::Hold, Who::Line), (Deed::Resume, Who::Held)],
    waits: false,
};
/// Resume a chosen conversation; what talks is held, never ended.
pub const RESUME: Gesture = Gesture {
    name: "Resume",
    moves: &[(Deed::Hold, Who::Line), (Deed::Resume, Who::Group)],
    waits: false,
};
/// Join two conversations of one app.
pub const MERGE: Gesture = Gesture {
    name: "Merge",
    moves: &[(Deed::Resume, Who::HeldSide), (Deed::Group, Who::Group)],
    waits: false,
};
/// Talk to one member alone.
pub const SPLIT: Gesture = Gesture {
    name: "Private",
    moves: &[(Deed::Hold, Who::Rest), (Deed::Ungroup, Who::This)],
    waits: false,
};
/// Call someone else.
pub const DIAL: Gesture = Gesture {
    name: "New call",
    moves: &[(Deed::Hold, Who::Line), (Deed::Start, Who::This)],
    waits: false,
};
/// Call for help: nothing keeps it from the line.
pub const DIAL_EMERGENCY: Gesture = Gesture {
    name: "Emergency call",
    moves: &[
        (Deed::HoldOrEnd, Who::Line),
        (Deed::EndForRoom, Who::Others),
        (Deed::Start, Who::This),
    ],
    waits: false,
};
/// Decline a call whose app has a voicemail.
pub const DECLINE_TO_VOICEMAIL: Gesture = Gesture {
    name: "Decline to voicemail",
    moves: &[(Deed::Divert, Who::This)],
    waits: false,
};
/// Hang up; the one held conversation comes back if the line is free then.
pub const END: Gesture = Gesture {
    name: "End",
    moves: &[(Deed::End, Who::This), (Deed::Resume, Who::Held)],
    waits: true,
};
/// Hang up on everyone in the conversation.
pub const END_GROUP: Gesture = Gesture {
    name: "End all",
    moves: &[(Deed::End, Who::Group), (Deed::Resume, Who::Held)],
    waits: true,
};

/// The table.
pub const TABLE: [Gesture; 13] = [
    ANSWER,
    END_AND_ANSWER,
    HOLD_AND_ANSWER,
    END_HELD_AND_ANSWER,
    SWAP,
    RESUME,
    MERGE,
    SPLIT,
    DIAL,
    DIAL_EMERGENCY,
    DECLINE_TO_VOICEMAIL,
    END,
    END_GROUP,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_up_the_line_comes_before_who_takes_it() {
        for gesture in TABLE {
            let givers = gesture.moves.iter().map(|(deed, _)| deed.is_giver());
            assert!(
                givers.clone().is_sorted_by_key(|giver| !giver),
                "{}",
                gesture.name
            );
            assert!(!gesture.waits || givers.clone().any(|giver| giver));
        }
    }
}
