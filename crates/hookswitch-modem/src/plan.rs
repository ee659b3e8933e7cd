//! From the asks of one transaction to the verbs that a modem has.
//!
//! Input: what each call is asked to become, and the line as it is. Output: the moves, in order,
//! each with the asks that it settles; or that more asks may follow; or why it cannot be done.
//!
//! A modem has only verbs for the whole line (3GPP TS 22.030 section 6.5.5.1, codes 1 and 2), and
//! they mean the waiting call where one waits. So "hold" and "answer" of one transaction have to
//! become one verb, and a lone hold works only while nothing else is there.
//!
//! # Promises
//!
//! - **M1** no move ends, answers or holds a call that no ask names, but for parties of one group,
//!   which hold together.
//! - **M2** what cannot be done is refused as a whole, before anything is done.

use crate::words::{AskNumber, CallKey, Number, Wish};

/// The line as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Picture {
    /// The active call, or the parties of the active group.
    pub active: Vec<CallKey>,
    /// The active ones are parties of one group. Several that are not: the daemon has told of one
    /// that talks, and not yet of the other one that does so no longer.
    pub is_group: bool,
    /// The held ones.
    pub held: Vec<CallKey>,
    /// The call that waits while another is there.
    pub waiting: Option<CallKey>,
}

/// An ask, as far as planning is concerned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Its number.
    pub ask: AskNumber,
    /// The call.
    pub key: CallKey,
    /// What it shall become.
    pub wish: Wish,
}

/// One thing that a modem does at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Act {
    /// Answer a call that rings alone.
    Answer(CallKey),
    /// End or decline one call.
    HangUp(CallKey),
    /// Hold what is active, answer what waits.
    HoldAndAnswer,
    /// End what is active, answer what waits.
    EndAndAnswer,
    /// What is active becomes held, what is held becomes active.
    Swap,
    /// The held calls, of which this is one, join the active ones.
    Join(CallKey),
    /// This call stays active, the rest of its group is held.
    Part(CallKey),
    /// Dial.
    Dial(CallKey, Number),
}

/// An act and the asks that it settles.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Move {
    /// What to do.
    pub act: Act,
    /// Whose goals it reaches.
    pub settles: Vec<AskNumber>,
}

/// What planning says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Plan {
    /// Do this.
    Go(Vec<Move>),
    /// It cannot be done as it is; another ask of the same transaction may change that.
    More,
    /// It cannot be done.
    Refuse(&'static str),
}

/// Whether all asks of the transaction have come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gathered {
    /// More may follow.
    Some,
    /// These are all.
    All,
}

/// Plans a transaction.
pub fn plan(line: &Picture, wanted: &[Wanted], gathered: Gathered) -> Plan {
    let mut planner = Planner {
        line: line.clone(),
        moves: Vec::new(),
    };
    match planner.run(wanted, gathered) {
        Ok(()) => Plan::Go(planner.moves),
        Err(Stop::More) => Plan::More,
        Err(Stop::Refuse(why)) => Plan::Refuse(why),
    }
}

const NO_PLACE: &str = "a modem holds one call or group at a time";
const WOULD_ANSWER: &str = "a modem cannot hold or resume while a call waits, but by answering it";
const NOTHING_HELD: &str = "a modem joins a held call to the active one";
const PARTS_ACTIVE: &str = "a modem takes a call out of the active group only, with none on hold";
const NOT_KNOWN: &str = "the modem has not told yet which of its calls is held";
const NEEDS_CHOICE: &str = "a waiting call is answered by holding or ending the active one";

/// Why planning stops.
enum Stop {
    More,
    Refuse(&'static str),
}

struct Planner {
    line: Picture,
    moves: Vec<Move>,
}

/// The asks of one kind.
struct Asks<'a>(Vec<&'a Wanted>);

impl Asks<'_> {
    fn numbers(&self) -> Vec<AskNumber> {
        self.0.iter().map(|wanted| wanted.ask).collect()
    }

    fn name_all(&self, keys: &[CallKey]) -> bool {
        keys.iter()
            .all(|key| self.0.iter().any(|wanted| wanted.key == *key))
    }
}

impl Planner {
    fn run(&mut self, wanted: &[Wanted], gathered: Gathered) -> Result<(), Stop> {
        let of = |wish: &Wish| Asks(wanted.iter().filter(|one| one.wish == *wish).collect());
        let (answers, holds, resumes) = (of(&Wish::Answer), of(&Wish::Hold), of(&Wish::Resume));
        let ends = self.end_what_is_not_active(&of(&Wish::End));
        let mut answer = answers.0.first().copied();
        if !ends.0.is_empty() {
            self.end_active(&ends, &mut answer, gathered)?;
        }
        let (joins, parts) = (of(&Wish::Join), of(&Wish::Part));
        if !joins.0.is_empty() {
            self.join(&joins, &resumes, gathered)?;
        } else if let [part] = parts.0[..] {
            self.part(part, &holds, gathered)?;
        } else if !holds.0.is_empty() {
            self.hold(&holds, &resumes, &mut answer, gathered)?;
        } else if !resumes.0.is_empty() {
            self.resume(&resumes, gathered)?;
        }
        if let Some(answer) = answer {
            self.answer(answer, gathered)?;
        }
        let starts = wanted.iter().filter_map(|one| match &one.wish {
            Wish::Start(number) => Some((one, number)),
            Wish::Answer
            | Wish::End
            | Wish::Hold
            | Wish::Resume
            | Wish::Join
            | Wish::Part
            | Wish::Digits(_) => None,
        });
        for (start, number) in starts {
            self.start(start, number, gathered)?;
        }
        Ok(())
    }

    /// Ends calls that ring, dial or are held, one by one; returns the asks that are left.
    fn end_what_is_not_active<'a>(&mut self, ends: &Asks<'a>) -> Asks<'a> {
        let mut left = Vec::new();
        for end in &ends.0 {
            if self.line.active.contains(&end.key) {
                left.push(*end);
                continue;
            }
            self.line.held.retain(|key| *key != end.key);
            self.line.waiting.take_if(|key| *key == end.key);
            self.push(Act::HangUp(end.key.clone()), vec![end.ask]);
        }
        Asks(left)
    }

    fn end_active(
        &mut self,
        ends: &Asks<'_>,
        answer: &mut Option<&Wanted>,
        gathered: Gathered,
    ) -> Result<(), Stop> {
        let ended = |key: &CallKey| ends.0.iter().any(|end| end.key == *key);
        let all = self.line.active.iter().all(ended);
        match answer.take_if(|answer| Some(&answer.key) == self.line.waiting.as_ref()) {
            Some(answer) if all => {
                let mut settles = ends.numbers();
                settles.push(answer.ask);
                self.push(Act::EndAndAnswer, settles);
                self.line.active = vec![answer.key.clone()];
                self.line.waiting = None;
                return Ok(());
            }
            other => *answer = other,
        }
        if self.line.waiting.is_some() && gathered == Gathered::Some {
            return Err(Stop::More);
        }
        for end in &ends.0 {
            self.push(Act::HangUp(end.key.clone()), vec![end.ask]);
        }
        self.line.active.retain(|key| !ended(key));
        Ok(())
    }

    fn hold(
        &mut self,
        holds: &Asks<'_>,
        resumes: &Asks<'_>,
        answer: &mut Option<&Wanted>,
        gathered: Gathered,
    ) -> Result<(), Stop> {
        let mut settles = holds.numbers();
        if let Some(answer) = answer.take_if(|a| Some(&a.key) == self.line.waiting.as_ref()) {
            if !self.line.held.is_empty() {
                return Err(Stop::Refuse(NO_PLACE));
            }
            settles.push(answer.ask);
            self.push(Act::HoldAndAnswer, settles);
            self.line.held = std::mem::take(&mut self.line.active);
            self.line.active = vec![answer.key.clone()];
            self.line.waiting = None;
            return Ok(());
        }
        if self.line.waiting.is_some() {
            return Err(stop(gathered, WOULD_ANSWER));
        }
        if !self.line.held.is_empty() && resumes.0.is_empty() {
            return Err(stop(gathered, NO_PLACE));
        }
        if !holds.name_all(&self.line.active) {
            match (gathered, self.line.is_group) {
                (Gathered::Some, _) => return Err(Stop::More),
                (Gathered::All, false) => return Err(Stop::Refuse(NOT_KNOWN)),
                (Gathered::All, true) => {}
            }
        }
        settles.extend(resumes.numbers());
        self.push(Act::Swap, settles);
        std::mem::swap(&mut self.line.active, &mut self.line.held);
        Ok(())
    }

    fn resume(&mut self, resumes: &Asks<'_>, gathered: Gathered) -> Result<(), Stop> {
        if !self.line.active.is_empty() {
            return Err(stop(gathered, NO_PLACE));
        }
        if self.line.waiting.is_some() {
            return Err(stop(gathered, WOULD_ANSWER));
        }
        if gathered == Gathered::Some && !resumes.name_all(&self.line.held) {
            return Err(Stop::More);
        }
        self.push(Act::Swap, resumes.numbers());
        std::mem::swap(&mut self.line.active, &mut self.line.held);
        Ok(())
    }

    fn join(
        &mut self,
        joins: &Asks<'_>,
        resumes: &Asks<'_>,
        gathered: Gathered,
    ) -> Result<(), Stop> {
        let Some(held) = self.line.held.first().cloned() else {
            return Err(stop(gathered, NOTHING_HELD));
        };
        if self.line.active.is_empty() {
            return Err(stop(gathered, NOTHING_HELD));
        }
        let mut settles = resumes.numbers();
        settles.extend(joins.numbers());
        self.push(Act::Join(held), settles);
        self.line.active.append(&mut self.line.held);
        Ok(())
    }

    fn part(&mut self, part: &Wanted, holds: &Asks<'_>, gathered: Gathered) -> Result<(), Stop> {
        if !self.line.active.contains(&part.key) || !self.line.held.is_empty() {
            return Err(stop(gathered, PARTS_ACTIVE));
        }
        let mut settles = holds.numbers();
        settles.push(part.ask);
        self.push(Act::Part(part.key.clone()), settles);
        let all = std::mem::replace(&mut self.line.active, vec![part.key.clone()]);
        self.line.held = all.into_iter().filter(|key| *key != part.key).collect();
        Ok(())
    }

    fn answer(&mut self, answer: &Wanted, gathered: Gathered) -> Result<(), Stop> {
        let waits = self.line.waiting.as_ref() == Some(&answer.key);
        let act = if !waits {
            Act::Answer(answer.key.clone())
        } else if !self.line.active.is_empty() {
            return Err(stop(gathered, NEEDS_CHOICE));
        } else {
            // Only a held call is there, and it stays so.
            Act::HoldAndAnswer
        };
        self.push(act, vec![answer.ask]);
        self.line.active = vec![answer.key.clone()];
        self.line.waiting.take_if(|_| waits);
        Ok(())
    }

    fn start(&mut self, start: &Wanted, number: &Number, gathered: Gathered) -> Result<(), Stop> {
        if !self.line.active.is_empty() {
            return Err(stop(gathered, NO_PLACE));
        }
        if self.line.waiting.is_some() {
            return Err(stop(gathered, WOULD_ANSWER));
        }
        let act = Act::Dial(start.key.clone(), number.clone());
        self.push(act, vec![start.ask]);
        self.line.active = vec![start.key.clone()];
        Ok(())
    }

    fn push(&mut self, act: Act, settles: Vec<AskNumber>) {
        self.moves.push(Move { act, settles });
    }
}

fn stop(gathered: Gathered, why: &'static str) -> Stop {
    match gathered {
        Gathered::Some => Stop::More,
        Gathered::All => Stop::Refuse(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line such as `a* b- c?`: a is active, b is held, c waits; `a! b!` are two that both are
    /// said to be active, and are no group.
    fn picture(text: &str) -> Picture {
        let mut line = Picture::default();
        for word in text.split_whitespace() {
            let (key, mark) = word.split_at(1);
            let key = CallKey(key.to_owned());
            match mark {
                "*" | "!" => line.active.push(key),
                "-" => line.held.push(key),
                "?" => line.waiting = Some(key),
                _ => panic!("no such mark: {mark}"),
            }
        }
        line.is_group = !text.contains('!');
        line
    }

    /// Asks such as `hold a, answer c`, numbered from 1.
    fn wanted(text: &str) -> Vec<Wanted> {
        let one = |(index, text): (usize, &str)| {
            let (verb, key) = text.split_once(' ').expect("a verb and a call");
            let wish = match verb {
                "start" => Wish::Start(Number("1".into())),
                "answer" => Wish::Answer,
                "end" => Wish::End,
                "hold" => Wish::Hold,
                "resume" => Wish::Resume,
                "join" => Wish::Join,
                "part" => Wish::Part,
                _ => panic!("no such wish: {verb}"),
            };
            let ask = AskNumber(index as u64 + 1);
            let key = CallKey(key.to_owned());
            Wanted { ask, key, wish }
        };
        text.split(", ").enumerate().map(one).collect()
    }

    /// Moves in short, each with the asks it settles.
    fn short(plan: &Plan) -> String {
        let moves = match plan {
            Plan::More => return "more".into(),
            Plan::Refuse(_) => return "no".into(),
            Plan::Go(moves) => moves,
        };
        let word = |one: &Move| {
            let act = match &one.act {
                Act::Answer(key) => format!("answer {}", key.0),
                Act::HangUp(key) => format!("hang-up {}", key.0),
                Act::HoldAndAnswer => "hold-and-answer".into(),
                Act::EndAndAnswer => "end-and-answer".into(),
                Act::Swap => "swap".into(),
                Act::Join(key) => format!("join {}", key.0),
                Act::Part(key) => format!("part {}", key.0),
                Act::Dial(key, _) => format!("dial {}", key.0),
            };
            let asks: Vec<_> = one.settles.iter().map(|ask| ask.0.to_string()).collect();
            format!("{act}={}", asks.join("+"))
        };
        moves.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// Rows of `line: asks: plan`. Two plans are what comes out with more asks possible, and with
    /// all of them there; one is the same either way.
    #[track_caller]
    fn check(rows: &[&str]) {
        for row in rows {
            let parts: Vec<&str> = row.split(':').map(str::trim).collect();
            let (first, last) = match parts[2..] {
                [both] => (both, both),
                [first, last] => (first, last),
                _ => panic!("no such row: {row}"),
            };
            let (line, wanted) = (picture(parts[0]), wanted(parts[1]));
            let some = short(&plan(&line, &wanted, Gathered::Some));
            let all = short(&plan(&line, &wanted, Gathered::All));
            assert_eq!((&*some, &*all), (first, last), "{row}");
        }
    }

    #[test]
    fn one_call_alone() {
        check(&[
            ": answer a: answer a=1",
            ": end a: hang-up a=1",
            ": start a: dial a=1",
            "a*: end a: hang-up a=1",
            "a*: hold a: swap=1",
            "a-: resume a: swap=1",
            "a-: end a: hang-up a=1",
        ]);
    }

    #[test]
    fn a_waiting_call_is_answered_by_one_verb() {
        check(&[
            "a* w?: hold a, answer w: hold-and-answer=1+2",
            "a* w?: end a, answer w: end-and-answer=1+2",
            "a* w?: end w: hang-up w=1",
            "a- w?: answer w: hold-and-answer=1",
            "a* b- w?: end b, hold a, answer w: hang-up b=1, hold-and-answer=2+3",
            "a* b- w?: hold a, answer w: no",
            "a* b- w?: end a, answer w: end-and-answer=1+2",
        ]);
    }

    #[test]
    fn the_first_ask_of_two_waits_for_the_second() {
        check(&[
            "a* w?: hold a: more: no",
            "a* w?: end a: more: hang-up a=1",
            "a* w?: answer w: more: no",
            "a* b-: hold a: more: no",
            "a- w?: resume a: more: no",
            "a*: start b: more: no",
        ]);
    }

    #[test]
    fn two_calls_change_places() {
        check(&[
            "a* b-: hold a, resume b: swap=1+2",
            "a* b-: end a, resume b: hang-up a=1, swap=2",
            "a* b- w?: hold a, resume b: more: no",
            "a* b-: resume b: more: no",
        ]);
    }

    #[test]
    fn dialing_holds_first() {
        check(&[
            "a*: hold a, start b: swap=1, dial b=2",
            "a-: start b: dial b=1",
            "a* b-: hold a, start c: more: no",
            "a- w?: start b: more: no",
        ]);
    }

    #[test]
    fn a_group_holds_together() {
        check(&[
            "a* b*: hold a, hold b: swap=1+2",
            "a- b-: resume a, resume b: swap=1+2",
            "a* b*: hold a: more: swap=1",
            "a- b-: resume a: more: swap=1",
            "a! b!: hold a: more: no",
            "a* b* w?: end a, end b, answer w: end-and-answer=1+2+3",
            "a* b* w?: end a, hold b, answer w: more: hang-up a=1, hold-and-answer=2+3",
        ]);
    }

    #[test]
    fn calls_join_and_part() {
        check(&[
            "a* b-: resume b, join a: join b=1+2",
            "a* b- c-: resume b, resume c, join a: join b=1+2+3",
            "a*: join a: more: no",
            "a* b*: hold b, part a: part a=1+2",
            "a* b* c*: hold b, hold c, part a: part a=1+2+3",
            "a- b-: part a: more: no",
            "a* b* c-: hold b, part a: more: no",
        ]);
    }
}
