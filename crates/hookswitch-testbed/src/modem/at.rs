//! The AT commands of a simulated modem: a pure machine from lines to lines.
//!
//! Input: command lines as a terminal sends them, and what the network does. Output: the lines that
//! the modem says. Syntax after ITU-T V.250, commands after 3GPP TS 27.007: `D` 6.2, `A` V.250
//! 6.3.5, `+CHUP` 6.5, `+CREG` 7.2, `+CLIP` 7.6, `+CCWA` 7.12, `+CHLD` 7.13, `+CLCC` 7.18, `+CPIN`
//! 8.3, `+CSQ` 8.5, `+CRSM` 8.18, `+VTS` C.2.11. Call waiting is on.
//!
//! # Promises
//!
//! - **T1** every command line gets exactly one final result, unless [`Fault::SaysNothing`] is on.
//! - **T2** what it cannot do is refused with `ERROR` or `+CME ERROR`, never ignored.

use super::card;
use super::line::{CallState, ServiceCode, SimulatedCall, SubscriberLine};

/// `+CME ERROR: 3`, operation not allowed (TS 27.007 section 9.2).
const NOT_ALLOWED: &str = "+CME ERROR: 3";
const OK: &str = "OK";
const ERROR: &str = "ERROR";

/// What is wrong with a modem.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    /// It takes commands about calls and never answers them.
    SaysNothing,
    /// The network does not provide hold and waiting: every service code fails.
    RefusesHold,
    /// `AT+CHLD=1X` means active calls only, as TS 22.030 6.5.5.1 can be read.
    EndsOnlyActiveByIndex,
    /// It cannot answer: `ATA` fails.
    RefusesAnswer,
    /// It cannot dial: `ATD` fails.
    RefusesDial,
}

/// What the other sides and the network do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Network {
    /// Someone calls; an empty number is withheld.
    Calls(String),
    /// The called side rings.
    Rings,
    /// The called side answers.
    Answers,
    /// This other side hangs up.
    HangsUp(String),
    /// The called side is busy.
    Busy(String),
    /// Radio contact is lost, and every call with it.
    SignalLost,
    /// Radio contact is back.
    SignalBack,
}

/// A simulated modem without its wires.
#[derive(Clone, Debug, Default)]
pub struct AtModem {
    line: SubscriberLine,
    faults: Vec<Fault>,
    out_of_reach: bool,
    /// `+CRC=1`: rings are told with their kind.
    extended_ring: bool,
    digits: String,
}

impl AtModem {
    /// Its calls.
    pub fn calls(&self) -> &[SimulatedCall] {
        self.line.calls()
    }

    /// The digits that it has played.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Something is wrong from now on.
    pub fn break_with(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Nothing is wrong any more.
    pub fn repair(&mut self) {
        self.faults.clear();
    }

    /// Takes a command line and says the answer, final result included.
    pub fn command(&mut self, line: &str) -> Vec<String> {
        let line = line.trim();
        let Some(body) = line.strip_prefix("AT").or_else(|| line.strip_prefix("at")) else {
            return said(&[ERROR]);
        };
        if self.has(Fault::SaysNothing) && is_about_calls(body) {
            return Vec::new();
        }
        if let Some(number) = body.strip_prefix('D') {
            return said(&[self.dial(number)]);
        }
        let mut all = Vec::new();
        for part in body.split(';').filter(|part| !part.is_empty()) {
            match self.one(part) {
                Ok(lines) => all.extend(lines),
                Err(refused) => {
                    all.push(refused.to_owned());
                    return all;
                }
            }
        }
        all.push(OK.to_owned());
        all
    }

    /// Something happens outside; says what the modem tells of it.
    pub fn network(&mut self, event: &Network) -> Vec<String> {
        match event {
            Network::Calls(number) => self.arrives(number),
            Network::Rings => {
                self.line.remote_rings();
                Vec::new()
            }
            Network::Answers => {
                self.line.remote_answers();
                Vec::new()
            }
            Network::HangsUp(number) => self.ends(number, "NO CARRIER"),
            Network::Busy(number) => self.ends(number, "BUSY"),
            Network::SignalLost => {
                self.out_of_reach = true;
                let lost = self.line.lose_all();
                // The end of the calls comes last: ModemManager 1.20 hears it only at the end of
                // what it reads at once.
                let mut lines = said(&["+CREG: 0", "+CGREG: 0"]);
                lines.extend(vec!["NO CARRIER".to_owned(); lost]);
                lines
            }
            Network::SignalBack => {
                self.out_of_reach = false;
                said(&[
                    "+CREG: 1,\"00C3\",\"0001A2B3\",7",
                    "+CGREG: 1,\"00C3\",\"0001A2B3\",7",
                ])
            }
        }
    }

    /// What is said every few seconds while a call rings.
    pub fn ring_again(&self) -> Vec<String> {
        let Some(call) = self.line.incoming() else {
            return Vec::new();
        };
        let ring = if self.extended_ring {
            "+CRING: VOICE"
        } else {
            "RING"
        };
        said(&[ring, &clip(&call.number)])
    }

    fn arrives(&mut self, number: &str) -> Vec<String> {
        if self.out_of_reach || !self.line.call_arrives(number) {
            return Vec::new();
        }
        if self.line.incoming().is_some() {
            return self.ring_again();
        }
        vec![format!("+CCWA: \"{number}\",{},1", kind_of(number))]
    }

    fn ends(&mut self, number: &str, result: &str) -> Vec<String> {
        if !self.line.remote_ends(number) {
            return Vec::new();
        }
        // A call that waited rings from the next repetition on.
        said(&[result])
    }

    fn dial(&mut self, number: &str) -> &'static str {
        // Only voice calls: the semicolon of TS 27.007 section 6.2.
        let Some(number) = number.strip_suffix(';') else {
            return "NO CARRIER";
        };
        let number: String = number
            .chars()
            .filter(|c| !matches!(c, 'i' | 'I' | 'g' | 'G'))
            .collect();
        if self.has(Fault::RefusesDial) || self.out_of_reach {
            return "NO CARRIER";
        }
        match self.line.dial(&number) {
            Ok(()) => OK,
            Err(_) => NOT_ALLOWED,
        }
    }

    fn one(&mut self, part: &str) -> Result<Vec<String>, &'static str> {
        let Some(extended) = part.strip_prefix('+') else {
            return self.basic(part);
        };
        if let Some((name, value)) = extended.split_once('=') {
            return if value == "?" {
                test(name)
            } else {
                self.set(name, value)
            };
        }
        match extended.strip_suffix('?') {
            Some(name) => self.get(name),
            None => self.execute(extended),
        }
    }

    /// Commands of one letter: answer, hang up, and settings that change nothing here.
    fn basic(&mut self, part: &str) -> Result<Vec<String>, &'static str> {
        match part.trim() {
            "A" if self.has(Fault::RefusesAnswer) => Err("NO CARRIER"),
            "A" => self.line.answer().map(|()| Vec::new()).map_err(|_| ERROR),
            "H" | "H0" => {
                self.line.hang_up();
                Ok(self.ring_again())
            }
            "I" => Ok(said(&["Hookswitch simulated modem"])),
            settings if settings.starts_with(['E', 'V', 'Z', '&', 'X', 'Q', 'S', 'L', 'M']) => {
                Ok(Vec::new())
            }
            _ => Err(ERROR),
        }
    }

    fn execute(&mut self, name: &str) -> Result<Vec<String>, &'static str> {
        match name {
            "CHUP" => {
                self.line.hang_up();
                Ok(self.ring_again())
            }
            "CLCC" => Ok(self.line.calls().iter().map(clcc).collect()),
            "CGMI" | "GMI" => Ok(said(&["Hookswitch"])),
            "CGMM" | "GMM" => Ok(said(&["Simulated Modem"])),
            "CGMR" | "GMR" => Ok(said(&["1"])),
            "CGSN" | "GSN" => Ok(said(&["490154203237518"])),
            "CIMI" => Ok(said(&[card::IMSI])),
            "GCAP" => Ok(said(&["+GCAP: +CGSM,+DS"])),
            "CSQ" => Ok(said(&["+CSQ: 20,99"])),
            "CNUM" => Ok(said(&["+CNUM: ,\"+12025550100\",145"])),
            _ => Err(ERROR),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<Vec<String>, &'static str> {
        match name {
            "CHLD" => self.service(value),
            "VTS" => {
                // One tone a command, as many modems want it; its length may follow.
                let tone = value
                    .trim_matches('"')
                    .split(',')
                    .next()
                    .unwrap_or_default();
                self.play(tone.trim_matches('"'))
            }
            "CRSM" => Ok(vec![card::read(value)]),
            "CRC" => {
                self.extended_ring = value == "1";
                Ok(Vec::new())
            }
            "CLCK" if value.ends_with(",2") => Ok(said(&["+CLCK: 0"])),
            "CCWA" if value.starts_with("1,2") => Ok(said(&["+CCWA: 1,1"])),
            "CCWA" | "CFUN" | "CMEE" | "CREG" | "CGREG" | "COPS" | "CLIP" | "CLIR" | "COLP"
            | "CSCS" | "CMGF" | "CNMI" | "CPMS" | "CSSN" | "CUSD" | "CGEREP" | "CMER" | "CTZU"
            | "CTZR" | "CGACT" | "CSMS" | "CMOD" | "VTD" | "CNAP" | "CSDH" | "CIND" | "CDIP"
            | "CRLP" | "CVHU" | "CPWD" | "CLVL" | "CMUT" | "CSTA" | "CSCB" => Ok(Vec::new()),
            _ => Err(ERROR),
        }
    }

    fn get(&mut self, name: &str) -> Result<Vec<String>, &'static str> {
        let reach = if self.out_of_reach {
            "2,0"
        } else {
            "2,1,\"00C3\",\"0001A2B3\",7"
        };
        match name {
            "CPIN" => Ok(said(&["+CPIN: READY"])),
            "CFUN" => Ok(said(&["+CFUN: 1"])),
            "CREG" | "CGREG" => Ok(vec![format!("+{name}: {reach}")]),
            "COPS" => Ok(said(&["+COPS: 0,2,\"00101\",7"])),
            "CSCS" => Ok(said(&["+CSCS: \"GSM\""])),
            "CLIP" => Ok(said(&["+CLIP: 1,1"])),
            "CCWA" => Ok(said(&["+CCWA: 1"])),
            "CPMS" => Ok(said(&["+CPMS: \"ME\",0,20,\"ME\",0,20,\"ME\",0,20"])),
            "CSMS" => Ok(said(&["+CSMS: 0,1,1,1"])),
            "CNMI" => Ok(said(&["+CNMI: 2,1,0,0,0"])),
            _ => Err(ERROR),
        }
    }

    fn service(&mut self, value: &str) -> Result<Vec<String>, &'static str> {
        if self.has(Fault::RefusesHold) {
            return Err(NOT_ALLOWED);
        }
        let code = ServiceCode::parse(value).ok_or(ERROR)?;
        let active = |call: &SimulatedCall| call.state == CallState::Active;
        if let ServiceCode::Release(index) = code
            && self.has(Fault::EndsOnlyActiveByIndex)
            && !self.calls().iter().any(|c| c.index == index && active(c))
        {
            return Err(NOT_ALLOWED);
        }
        self.line.enter(code).map_err(|_| NOT_ALLOWED)?;
        Ok(self.ring_again())
    }

    fn play(&mut self, tone: &str) -> Result<Vec<String>, &'static str> {
        let valid = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'A'..='D');
        let talking = self
            .calls()
            .iter()
            .any(|call| call.state == CallState::Active);
        if !talking || tone.chars().count() != 1 || !tone.chars().all(valid) {
            return Err(NOT_ALLOWED);
        }
        self.digits.push_str(tone);
        Ok(Vec::new())
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

/// What a modem says of what it could be told.
fn test(name: &str) -> Result<Vec<String>, &'static str> {
    let line = match name {
        "CHLD" => "+CHLD: (0,1,1x,2,2x,3)",
        "CLCC" => return Ok(Vec::new()),
        "CMGF" => "+CMGF: (0,1)",
        "CSCS" => "+CSCS: (\"GSM\",\"IRA\",\"UCS2\")",
        "CPMS" => "+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")",
        "CNMI" => "+CNMI: (0-2),(0-3),(0,2),(0,1),(0,1)",
        "CSMS" => "+CSMS: (0,1)",
        "CFUN" => "+CFUN: (0,1,4),(0,1)",
        "CREG" => "+CREG: (0-2)",
        "CGREG" => "+CGREG: (0-2)",
        "CLCK" => "+CLCK: (\"SC\",\"AO\",\"OI\",\"OX\",\"AI\",\"IR\")",
        "CMER" => "+CMER: (0-3),0,0,(0,1),0",
        "VTD" => "+VTD: (1-10)",
        "VTS" => "+VTS: (0-9,*,#,A,B,C,D)",
        "CCWA" => "+CCWA: (0,1)",
        "CLIP" => "+CLIP: (0,1)",
        _ => return Err(ERROR),
    };
    Ok(said(&[line]))
}

fn is_about_calls(body: &str) -> bool {
    ["D", "A", "H", "+CHLD=", "+CHUP", "+VTS"]
        .iter()
        .any(|start| body.starts_with(start))
        && body != "+CHLD=?"
}

fn clcc(call: &SimulatedCall) -> String {
    format!(
        "+CLCC: {},{},{},0,{},\"{}\",{}",
        call.index,
        u8::from(!call.outgoing),
        call.state.code(),
        u8::from(call.multiparty),
        call.number,
        kind_of(&call.number)
    )
}

/// A withheld number is empty and of kind 128, with validity 1 (TS 27.007 section 7.6).
fn clip(number: &str) -> String {
    let validity = u8::from(number.is_empty());
    format!("+CLIP: \"{number}\",{},,,,{validity}", kind_of(number))
}

/// Type of address: 145 is international, 129 is not known, 128 is none (TS 24.008 10.5.4.7).
fn kind_of(number: &str) -> u8 {
    match number.chars().next() {
        Some('+') => 145,
        Some(_) => 129,
        None => 128,
    }
}

fn said(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps and checks what the last one said, joined with `|`. A step is a command, or what
    /// the network does.
    #[track_caller]
    fn check(steps: &[&str], want: &str) {
        let mut modem = AtModem::default();
        let mut last = Vec::new();
        for step in steps {
            last = match step.split_once(' ') {
                Some(("rings", number)) => modem.network(&Network::Calls(number.into())),
                Some(("ends", number)) => modem.network(&Network::HangsUp(number.into())),
                Some(("busy", number)) => modem.network(&Network::Busy(number.into())),
                _ => match *step {
                    "lost" => modem.network(&Network::SignalLost),
                    "answers" => modem.network(&Network::Answers),
                    command => modem.command(command),
                },
            };
        }
        assert_eq!(last.join("|"), want, "{steps:?}");
    }

    #[test]
    fn commands_have_one_result() {
        check(&["AT"], "OK");
        check(&["ATE0 V1"], "OK");
        check(&["AT+CPIN?;+CSQ"], "+CPIN: READY|+CSQ: 20,99|OK");
        check(&["AT+NOSUCH"], "ERROR");
        check(&["AT+CSQ;+NOSUCH;+CSQ"], "+CSQ: 20,99|ERROR");
        check(&["BT"], "ERROR");
        check(&["AT+CHLD=?"], "+CHLD: (0,1,1x,2,2x,3)|OK");
        check(&["AT+CHLD=9"], "ERROR");
        check(&["AT+CHLD=2"], NOT_ALLOWED);
    }

    #[test]
    fn calls_are_told_and_listed() {
        check(&["rings +15550100"], "RING|+CLIP: \"+15550100\",145,,,,0");
        check(
            &["AT+CRC=1", "rings 112"],
            "+CRING: VOICE|+CLIP: \"112\",129,,,,0",
        );
        check(&["rings "], "RING|+CLIP: \"\",128,,,,1");
        check(
            &["rings +15550100", "AT+CLCC"],
            "+CLCC: 1,1,4,0,0,\"+15550100\",145|OK",
        );
        check(&["rings 1", "ATA", "rings 2"], "+CCWA: \"2\",129,1");
        check(
            &["ATD112;", "answers", "AT+CLCC"],
            "+CLCC: 1,0,0,0,0,\"112\",129|OK",
        );
        check(&["ATD112"], "NO CARRIER");
    }

    #[test]
    fn ends_are_told() {
        check(&["rings 1", "ATA", "ends 1"], "NO CARRIER");
        check(&["ATD1;", "busy 1"], "BUSY");
        check(&["rings 1", "ATA", "rings 2", "ends 1"], "NO CARRIER");
        check(
            &["rings 1", "ATA", "rings 2", "AT+CHUP"],
            "RING|+CLIP: \"2\",129,,,,0|OK",
        );
        check(&["rings 1", "ATA", "lost"], "+CREG: 0|+CGREG: 0|NO CARRIER");
        check(&["lost", "ATD1;"], "NO CARRIER");
    }

    #[test]
    fn digits_need_a_call() {
        check(&["AT+VTS=5"], NOT_ALLOWED);
        check(&["rings 1", "ATA", "AT+VTS=#"], "OK");
        check(&["rings 1", "ATA", "AT+VTS=x"], NOT_ALLOWED);
        let mut modem = AtModem::default();
        modem.network(&Network::Calls("1".into()));
        modem.command("ATA");
        modem.command("AT+VTS=1;+VTS=2");
        modem.command("AT+VTS=\"3\"");
        assert_eq!(modem.digits(), "123");
    }

    #[test]
    fn a_broken_modem_refuses_or_says_nothing() {
        for (fault, command, want) in [
            (Fault::SaysNothing, "ATA", ""),
            (
                Fault::SaysNothing,
                "AT+CLCC",
                "+CLCC: 1,1,4,0,0,\"1\",129|OK",
            ),
            (Fault::RefusesAnswer, "ATA", "NO CARRIER"),
            (Fault::RefusesHold, "AT+CHLD=0", NOT_ALLOWED),
            (Fault::RefusesDial, "ATD2;", "NO CARRIER"),
        ] {
            let mut modem = AtModem::default();
            modem.network(&Network::Calls("1".into()));
            modem.break_with(fault);
            assert_eq!(modem.command(command).join("|"), want, "{fault:?}");
            modem.repair();
            assert_eq!(modem.command("ATA"), ["OK"]);
        }
    }
}
