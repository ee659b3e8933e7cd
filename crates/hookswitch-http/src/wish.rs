//! From a parsed body to the core's request, one to one; changes of lists go elsewhere.

use hookswitch_core::Request;
use hookswitch_model::CallId;
use hookswitch_wire::json::{ListChange, Wish};

/// Who is to do it.
pub(crate) enum Wished {
    /// The core.
    Calls(Request),
    /// Whoever keeps the lists of the call directory.
    Lists(ListChange),
}

/// Makes the core's request; a dialed call gets its id here.
pub(crate) fn request(wish: Wish, new_call: CallId) -> Wished {
    Wished::Calls(match wish {
        Wish::Answer { call, mode } => Request::Answer { call, mode },
        Wish::Decline(call) => Request::Decline(call),
        Wish::End(call) => Request::End(call),
        Wish::Silence(call) => Request::Silence(call),
        Wish::OpenApp(call) => Request::Open(call),
        Wish::SetHeld(call, on) => Request::SetHeld(call, on),
        Wish::SetMuted(call, on) => Request::SetMuted(call, on),
        Wish::Swap => Request::Swap,
        Wish::Merge(call, with) => Request::Merge(call, with),
        Wish::Split(call) => Request::Split(call),
        Wish::EndGroup(call) => Request::EndGroup(call),
        Wish::Digits(call, digits) => Request::Digits(call, digits),
        Wish::SendRest(call) => Request::SendRest(call),
        Wish::DropRest(call) => Request::DropRest(call),
        Wish::Dial { app, to } => Request::Dial {
            call: new_call,
            app,
            to,
        },
        Wish::Route(endpoint) => Request::Route(endpoint),
        Wish::SetVideo(call, on) => Request::SetVideo(call, on),
        Wish::DeclineVideo(call) => Request::DeclineVideo(call),
        Wish::SetTranslating(call, to) => Request::SetTranslating(call, to),
        Wish::Press(call, button) => Request::Custom(call, button),
        Wish::OnAnswer(rule) => Request::SetOnAnswer(rule),
        Wish::RingOn(on) => Request::SetRingOn(on),
        Wish::Driving(on) => Request::SetDriving(on),
        Wish::Rule(change) => Request::ChangeRule(change),
        Wish::List(change) => return Wished::Lists(change),
        Wish::Headset { gesture, endpoint } => Request::Headset { gesture, endpoint },
    })
}

/// A random call id (UUID version 4, RFC 9562 section 5.4).
pub(crate) fn new_call_id() -> Result<CallId, getrandom::Error> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Ok(CallId(u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_calls_have_random_version_4_ids() {
        let text = new_call_id().unwrap().to_string();
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&text.as_bytes()[19]), "{text}");
        assert_ne!(new_call_id(), new_call_id());
    }
}
