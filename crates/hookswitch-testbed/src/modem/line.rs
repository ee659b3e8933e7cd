//! The calls of a simulated subscriber: a pure table of states.
//!
//! Input: what the terminal does (dial, answer, hang up, supplementary service codes) and what the
//! other side and the network do. Output: the new states, and which calls ended.
//!
//! The rules are those of 3GPP TS 22.030 section 6.5.5.1 (codes 0, 1, 1X, 2, 2X, 3), of TS 22.083
//! (call waiting and hold: one active and one held party or group of parties, and one call that
//! waits) and of TS 22.084 (multiparty, five remote parties).
//!
//! # Promises
//!
//! - **L1** at most one group is active, one is held, and one call rings or waits.
//! - **L2** a refused code changes nothing.
//! - **L3** where both a held and a waiting call exist, a code means the waiting one.

/// Most calls of a subscriber: five parties of a group, a held one and a waiting one
/// (TS 27.007 section 7.18 numbers calls from 1 to 7).
pub const CALLS_MAX: u8 = 7;
/// Most parties of one group (TS 22.084).
const PARTIES_MAX: usize = 5;

/// The state of a call, with its number in `+CLCC` (TS 27.007 section 7.18).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallState {
    /// Both can talk.
    Active,
    /// On hold.
    Held,
    /// Dialed, nothing heard of it yet.
    Dialing,
    /// The other side rings.
    Alerting,
    /// Rings here.
    Incoming,
    /// Rings here while there is another call.
    Waiting,
}

impl CallState {
    /// The number of the state in `+CLCC`.
    pub fn code(self) -> u8 {
        match self {
            Self::Active => 0,
            Self::Held => 1,
            Self::Dialing => 2,
            Self::Alerting => 3,
            Self::Incoming => 4,
            Self::Waiting => 5,
        }
    }
}

/// One call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SimulatedCall {
    /// Its number from 1 to [`CALLS_MAX`], as in `+CLCC`.
    pub index: u8,
    /// Whether the subscriber placed it.
    pub outgoing: bool,
    /// Its state.
    pub state: CallState,
    /// The other side; empty when it is withheld.
    pub number: String,
    /// Whether it is one of several in a group.
    pub multiparty: bool,
}

/// What a terminal may ask for beyond dialing and answering (TS 22.030 section 6.5.5.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServiceCode {
    /// `0`: reject the waiting call, or end all held ones.
    ReleaseHeld,
    /// `1`: end all active calls and accept the other call.
    ReleaseAndAccept,
    /// `1X`: end the call X. The text says "active call"; modems end any, and so does this one.
    Release(u8),
    /// `2`: hold all active calls and accept the other call.
    HoldAndAccept,
    /// `2X`: hold all active calls but X.
    HoldAllBut(u8),
    /// `3`: join the held calls to the active ones.
    Join,
}

impl ServiceCode {
    /// Reads the argument of `AT+CHLD=`.
    pub fn parse(text: &str) -> Option<Self> {
        let index = |digits: &str| digits.parse().ok().filter(|x| (1..=CALLS_MAX).contains(x));
        match text {
            "0" => Some(Self::ReleaseHeld),
            "1" => Some(Self::ReleaseAndAccept),
            "2" => Some(Self::HoldAndAccept),
            "3" => Some(Self::Join),
            _ => match text.split_at_checked(1)? {
                ("1", rest) => index(rest).map(Self::Release),
                ("2", rest) => index(rest).map(Self::HoldAllBut),
                _ => None,
            },
        }
    }
}

/// The terminal may not do that in this state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAllowed;

/// The calls of a subscriber.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubscriberLine {
    calls: Vec<SimulatedCall>,
}

impl SubscriberLine {
    /// The calls, by index.
    pub fn calls(&self) -> &[SimulatedCall] {
        &self.calls
    }

    /// The call that rings, if nothing else is there.
    pub fn incoming(&self) -> Option<&SimulatedCall> {
        self.calls
            .iter()
            .find(|call| call.state == CallState::Incoming)
    }

    /// The subscriber dials; an active call is held for it.
    ///
    /// # Errors
    ///
    /// While another call is being set up, or an active and a held one are there.
    pub fn dial(&mut self, number: &str) -> Result<(), NotAllowed> {
        let busy = self.has(CallState::Active) && self.has(CallState::Held);
        if busy || self.calls.iter().any(|call| is_setup(call.state)) {
            return Err(NotAllowed);
        }
        self.turn(CallState::Active, CallState::Held);
        self.add(number, CallState::Dialing).ok_or(NotAllowed)
    }

    /// The subscriber answers the ringing call (`ATA`); a waiting call needs a code.
    ///
    /// # Errors
    ///
    /// When none rings.
    pub fn answer(&mut self) -> Result<(), NotAllowed> {
        if !self.has(CallState::Incoming) {
            return Err(NotAllowed);
        }
        self.turn(CallState::Incoming, CallState::Active);
        Ok(())
    }

    /// The subscriber hangs up (`AT+CHUP`, TS 27.007 section 6.5): every call but held and waiting
    /// ones ends.
    pub fn hang_up(&mut self) {
        self.remove(|call| !matches!(call.state, CallState::Held | CallState::Waiting));
    }

    /// The subscriber enters a code.
    ///
    /// # Errors
    ///
    /// When the code means nothing in this state.
    pub fn enter(&mut self, code: ServiceCode) -> Result<(), NotAllowed> {
        match code {
            ServiceCode::ReleaseHeld => self.release_held(),
            ServiceCode::ReleaseAndAccept => self.release_and_accept(),
            ServiceCode::Release(index) => self.release(index),
            ServiceCode::HoldAndAccept => self.hold_and_accept(),
            ServiceCode::HoldAllBut(index) => self.hold_all_but(index),
            ServiceCode::Join => self.join(),
        }
    }

    fn release_held(&mut self) -> Result<(), NotAllowed> {
        let state = [CallState::Waiting, CallState::Incoming, CallState::Held]
            .into_iter()
            .find(|state| self.has(*state));
        let state = state.ok_or(NotAllowed)?;
        self.remove(|call| call.state == state);
        Ok(())
    }

    fn release_and_accept(&mut self) -> Result<(), NotAllowed> {
        let other = self.other().ok_or(NotAllowed)?;
        self.calls.retain(|call| call.state != CallState::Active);
        self.turn(other, CallState::Active);
        self.settle();
        Ok(())
    }

    fn release(&mut self, index: u8) -> Result<(), NotAllowed> {
        let is_it = |call: &SimulatedCall| call.index == index;
        if !self.calls.iter().any(is_it) {
            return Err(NotAllowed);
        }
        self.remove(is_it);
        Ok(())
    }

    fn hold_and_accept(&mut self) -> Result<(), NotAllowed> {
        let active = self.has(CallState::Active);
        match self.other() {
            // There is no place for a second held party.
            Some(CallState::Waiting) if active && self.has(CallState::Held) => Err(NotAllowed),
            None if !active => Err(NotAllowed),
            other => {
                let before: Vec<_> = self.calls.iter().map(|call| call.state).collect();
                for (call, was) in self.calls.iter_mut().zip(before) {
                    if was == CallState::Active {
                        call.state = CallState::Held;
                    } else if Some(was) == other {
                        call.state = CallState::Active;
                    }
                }
                Ok(())
            }
        }
    }

    fn hold_all_but(&mut self, index: u8) -> Result<(), NotAllowed> {
        let active = |call: &SimulatedCall| call.state == CallState::Active;
        let named = self.calls.iter().find(|call| call.index == index);
        if self.has(CallState::Held) || !named.is_some_and(active) {
            return Err(NotAllowed);
        }
        for call in self.calls.iter_mut().filter(|call| active(call)) {
            if call.index != index {
                call.state = CallState::Held;
            }
        }
        self.settle();
        Ok(())
    }

    fn join(&mut self) -> Result<(), NotAllowed> {
        let joined = |call: &&SimulatedCall| is_connected(call.state);
        let parties = self.calls.iter().filter(joined).count();
        if !self.has(CallState::Active) || !self.has(CallState::Held) || parties > PARTIES_MAX {
            return Err(NotAllowed);
        }
        self.turn(CallState::Held, CallState::Active);
        self.settle();
        Ok(())
    }

    /// Someone calls the subscriber. False: the caller hears busy, because another call is being
    /// set up, or there is no place.
    pub fn call_arrives(&mut self, number: &str) -> bool {
        if self.calls.iter().any(|call| is_setup(call.state)) {
            return false;
        }
        let state = if self.calls.is_empty() {
            CallState::Incoming
        } else {
            CallState::Waiting
        };
        self.add(number, state).is_some()
    }

    /// The called side rings.
    pub fn remote_rings(&mut self) {
        self.turn(CallState::Dialing, CallState::Alerting);
    }

    /// The called side answers.
    pub fn remote_answers(&mut self) {
        self.turn(CallState::Dialing, CallState::Active);
        self.turn(CallState::Alerting, CallState::Active);
    }

    /// The other side of a call hangs up, or its network does. False if there is no such call.
    pub fn remote_ends(&mut self, number: &str) -> bool {
        let before = self.calls.len();
        self.remove(|call| call.number == number);
        self.calls.len() < before
    }

    /// The radio is gone: every call ends.
    pub fn lose_all(&mut self) -> usize {
        let lost = self.calls.len();
        self.calls.clear();
        lost
    }

    fn has(&self, state: CallState) -> bool {
        self.calls.iter().any(|call| call.state == state)
    }

    /// The state of "the other call" of the codes 1 and 2 (L3).
    fn other(&self) -> Option<CallState> {
        [CallState::Waiting, CallState::Incoming, CallState::Held]
            .into_iter()
            .find(|state| self.has(*state))
    }

    fn turn(&mut self, from: CallState, to: CallState) {
        for call in self.calls.iter_mut().filter(|call| call.state == from) {
            call.state = to;
        }
    }

    fn add(&mut self, number: &str, state: CallState) -> Option<()> {
        let free = |index: &u8| self.calls.iter().all(|call| call.index != *index);
        let index = (1..=CALLS_MAX).find(free)?;
        self.calls.push(SimulatedCall {
            index,
            outgoing: state == CallState::Dialing,
            state,
            number: number.to_owned(),
            multiparty: false,
        });
        self.calls.sort_by_key(|call| call.index);
        Some(())
    }

    fn remove(&mut self, ends: impl Fn(&SimulatedCall) -> bool) {
        self.calls.retain(|call| !ends(call));
        self.settle();
    }

    /// A waiting call that is alone rings; a group of one is no group.
    fn settle(&mut self) {
        if let [only] = &mut self.calls[..]
            && only.state == CallState::Waiting
        {
            only.state = CallState::Incoming;
        }
        for state in [CallState::Active, CallState::Held] {
            let several = self.calls.iter().filter(|c| c.state == state).count() > 1;
            for call in self.calls.iter_mut().filter(|call| call.state == state) {
                call.multiparty = several;
            }
        }
    }
}

fn is_connected(state: CallState) -> bool {
    matches!(state, CallState::Active | CallState::Held)
}

/// Being set up, in either direction.
fn is_setup(state: CallState) -> bool {
    !is_connected(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calls in short: index, state, and `*` in a group.
    fn short(line: &SubscriberLine) -> String {
        let word = |call: &SimulatedCall| {
            let state = match call.state {
                CallState::Active => "active",
                CallState::Held => "held",
                CallState::Dialing => "dialing",
                CallState::Alerting => "alerting",
                CallState::Incoming => "incoming",
                CallState::Waiting => "waiting",
            };
            let group = if call.multiparty { "*" } else { "" };
            format!("{} {state}{group}", call.index)
        };
        line.calls().iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// One word of a table: what is done to the line.
    fn does(line: &mut SubscriberLine, what: &str) -> bool {
        match what.split_once(' ') {
            Some(("chld", code)) => line
                .enter(ServiceCode::parse(code).expect("a code"))
                .is_ok(),
            Some(("rings", number)) => line.call_arrives(number),
            Some(("dials", number)) => line.dial(number).is_ok(),
            Some(("ends", number)) => line.remote_ends(number),
            _ => match what {
                "ata" => line.answer().is_ok(),
                "chup" => {
                    line.hang_up();
                    true
                }
                "far-rings" => {
                    line.remote_rings();
                    true
                }
                "far-answers" => {
                    line.remote_answers();
                    true
                }
                _ => panic!("no such step: {what}"),
            },
        }
    }

    #[track_caller]
    fn check(steps: &str, want: &str) {
        let mut line = SubscriberLine::default();
        for step in steps.split("; ") {
            let (step, ok) = match step.strip_prefix('!') {
                Some(refused) => (refused, false),
                None => (step, true),
            };
            let before = line.clone();
            assert_eq!(does(&mut line, step), ok, "{step} in {steps}");
            assert!(ok || before == line, "L2: {step} was refused and changed");
        }
        assert_eq!(short(&line), want, "{steps}");
    }

    #[test]
    fn one_call_lives() {
        check("rings 1", "1 incoming");
        check("rings 1; ata", "1 active");
        check("rings 1; ata; !ata", "1 active");
        check("rings 1; ends 1", "");
        check("rings 1; chld 0", "");
        check("rings 1; chup", "");
        check("rings 1; chld 2", "1 active");
        check("dials 1", "1 dialing");
        check("dials 1; far-rings", "1 alerting");
        check("dials 1; far-rings; far-answers; chup", "");
        check("dials 1; !rings 2", "1 dialing");
        check("rings 1; !rings 2", "1 incoming");
        check("!chld 0; !chld 1; !chld 2; !chld 3; !chld 11; !chld 21", "");
    }

    #[test]
    fn a_waiting_call_is_what_the_codes_mean() {
        const TALKING: &str = "rings 1; ata; rings 2";
        let check = |then: &str, want| check(&format!("{TALKING}; {then}"), want);
        check("!ata", "1 active, 2 waiting");
        check("chld 0", "1 active");
        check("chld 1", "2 active");
        check("chld 2", "1 held, 2 active");
        check("chup", "2 incoming");
        check("ends 1", "2 incoming");
        check("ends 2", "1 active");
        check("chld 11", "2 incoming");
        check("chld 12", "1 active");
        check("!dials 3", "1 active, 2 waiting");
    }

    #[test]
    fn a_held_and_a_waiting_call_are_told_apart() {
        const THREE: &str = "rings 1; ata; rings 2; chld 2; rings 3";
        let check = |then: &str, want| check(&format!("{THREE}; {then}"), want);
        check("!chld 2", "1 held, 2 active, 3 waiting");
        check("chld 0", "1 held, 2 active");
        check("chld 1", "1 held, 3 active");
        check("chld 0; chld 0", "2 active");
        check("chld 0; chld 2", "1 active, 2 held");
        check("chld 0; chld 1", "1 active");
        check("chup", "1 held, 3 waiting");
        check("chup; chld 2", "1 held, 3 active");
        check("!dials 4", "1 held, 2 active, 3 waiting");
    }

    #[test]
    fn dialing_holds_the_active_call() {
        check("rings 1; ata; dials 2", "1 held, 2 dialing");
        check("rings 1; ata; dials 2; ends 2; chld 2", "1 active");
        check(
            "rings 1; ata; dials 2; far-answers; !dials 3",
            "1 held, 2 active",
        );
        check("rings 1; ata; chld 2; !chld 3", "1 held");
    }

    #[test]
    fn parties_join_and_part() {
        const JOINED: &str = "rings 1; ata; dials 2; far-answers; chld 3";
        let check = |then: &str, want| check(&format!("{JOINED}{then}"), want);
        check("", "1 active*, 2 active*");
        check("; chld 22", "1 held, 2 active");
        check("; ends 1", "2 active");
        check("; chld 2", "1 held*, 2 held*");
        check("; rings 3; chld 2", "1 held*, 2 held*, 3 active");
        check(
            "; rings 3; chld 2; chld 3",
            "1 active*, 2 active*, 3 active*",
        );
        check("; chld 11", "2 active");
    }
}
