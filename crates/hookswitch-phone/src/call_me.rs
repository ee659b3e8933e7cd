//! "Call me": a SIP peer that places a real call, plays a tone and tells what it hears.
//!
//! Input: whom to call and which tone. Output: a [`Line`] for everything that happens, and an
//! [`Outcome`]. It is a peer like any other: it speaks SIP and RTP to the phone and knows
//! nothing of the daemon.
//!
//! # Promises
//!
//! - **M1** it ends by itself: after [`RING_MAX`] unanswered, after the wished time answered.
//! - **M2** what it says it heard was measured: frequency and level of the received audio.
//!
//! # Not here
//!
//! A microphone: this peer only knows tones.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::ends::{FRAME, RATE_HZ, ToneEnd};
use crate::media::{self, Gate, MediaCommand, MediaEvent, MediaHandle, OpenEnd};
use crate::sdp::Agreed;
use crate::sip::{self, EndedBy, LegId, SipCommand, SipConfig, SipEvent, SipStack};
use crate::tone::{self, Tone};

/// How long it lets the other side ring.
pub const RING_MAX: Duration = Duration::from_secs(60);
/// Level of the tone it plays.
pub const TONE_DBFS: f64 = -12.0;
/// Below this, what it hears counts as silence.
const SILENCE_DBFS: f64 = -55.0;
/// How much audio one measurement takes (400 ms).
const MEASURED: usize = 20 * FRAME;
/// How far a frequency may wander before it is told again.
const NEWS_HZ: f64 = 15.0;
/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// What to do.
#[derive(Clone, Debug)]
pub struct CallMe {
    /// Whom to call, such as `127.0.0.1:5060`.
    pub to: String,
    /// The tone to play, in Hz.
    pub tone_hz: f64,
    /// How long to talk.
    pub talk: Duration,
    /// The name to call under.
    pub name: String,
    /// The address to call from.
    pub listen: IpAddr,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Line {
    /// The call was placed.
    Calling {
        /// Whom.
        to: String,
        /// From where.
        from: String,
    },
    /// The other side rings.
    Ringing,
    /// The other side answered.
    Answered {
        /// How long it rang.
        after_ms: u64,
    },
    /// What is heard changed to a tone.
    Hears {
        /// Its frequency.
        hz: f64,
        /// Its level.
        dbfs: f64,
    },
    /// What is heard changed to silence.
    HearsSilence,
    /// The other side holds the call.
    OnHold,
    /// The other side took the call back.
    Resumed,
    /// The other side sent a digit.
    Digit {
        /// Which.
        digit: char,
    },
    /// The call is over.
    Ended {
        /// Why, as a sentence.
        why: String,
        /// How long it was connected.
        talked_ms: u64,
    },
}

impl Line {
    /// The line for a person.
    pub fn sentence(&self) -> String {
        match self {
            Line::Calling { to, from } => format!("Calling {to} from {from}."),
            Line::Ringing => "It rings. Answer the call in the calling UI.".to_owned(),
            Line::Answered { after_ms } => {
                format!(
                    "Answered after {:.1} s. You should hear a tone.",
                    seconds(*after_ms)
                )
            }
            Line::Hears { hz, dbfs } => format!("Hears a tone of {hz:.0} Hz at {dbfs:.0} dBFS."),
            Line::HearsSilence => "Hears silence.".to_owned(),
            Line::OnHold => "You put the call on hold.".to_owned(),
            Line::Resumed => "You took the call back.".to_owned(),
            Line::Digit { digit } => format!("You pressed {digit}."),
            Line::Ended { why, talked_ms } => {
                format!("{why} Connected for {:.1} s.", seconds(*talked_ms))
            }
        }
    }
}

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// True if the other side rang.
    pub rang: bool,
    /// True if the other side answered.
    pub answered: bool,
    /// The loudest tone heard, in Hz.
    pub heard_hz: Option<f64>,
    /// Its level.
    pub heard_dbfs: Option<f64>,
    /// How often the call was put on hold.
    pub holds: u32,
    /// The digits that came.
    pub digits: String,
    /// Why it ended, as a sentence.
    pub ended: String,
}

/// Why no call could be placed.
#[derive(Debug, Error)]
pub enum CallMeError {
    /// The SIP stack did not start.
    #[error("{0}")]
    Sip(String),
    /// No port for audio.
    #[error("no port for audio on {0}: {1}")]
    Audio(IpAddr, std::io::Error),
}

/// Places the call and follows it to its end; `stop` ends it early.
pub async fn run(
    what: CallMe,
    mut say: impl FnMut(&Line),
    stop: impl Future<Output = ()>,
) -> Result<Outcome, CallMeError> {
    let config = SipConfig {
        listen: Some(what.listen),
        port: 0,
        accounts: Vec::new(),
    };
    let sip = sip::start(config)
        .await
        .map_err(|error| CallMeError::Sip(error.to_string()))?;
    let leg = sip.handle.new_leg();
    let (ears_outbox, ears) = mpsc::channel(4);
    let (media_outbox, media_events) = mpsc::channel(64);
    let open = tone_opener(what.tone_hz, ears_outbox);
    let media = media::start(leg, what.listen, open, media_outbox)
        .await
        .map_err(|error| CallMeError::Audio(what.listen, error))?;
    say(&Line::Calling {
        to: what.to.clone(),
        from: sip.address.to_string(),
    });
    let dial = SipCommand::Dial {
        leg,
        to: what.to,
        account: None,
        display_name: Some(what.name),
        rtp: media.address,
    };
    sip.handle
        .send(dial)
        .map_err(|error| CallMeError::Sip(error.to_string()))?;
    let mut call = Peer::new(sip, leg, media, what.talk, &mut say);
    call.follow(media_events, ears, stop).await;
    Ok(call.outcome)
}

fn tone_opener(hz: f64, ears: mpsc::Sender<mpsc::Receiver<Vec<i16>>>) -> OpenEnd {
    Arc::new(move |_endpoint| {
        let (end, ear) = ToneEnd::new(Some(Tone::new(hz, TONE_DBFS, RATE_HZ)));
        // The listener is gone only when the call is over.
        ears.blocking_send(ear).ok();
        Ok(Box::new(end))
    })
}

struct Peer<'a, S: FnMut(&Line)> {
    sip: SipStack,
    leg: LegId,
    media: MediaHandle,
    talk: Duration,
    say: &'a mut S,
    placed: Instant,
    answered: Option<Instant>,
    held: bool,
    ear: Option<mpsc::Receiver<Vec<i16>>>,
    heard: Vec<i16>,
    hears: Option<f64>,
    candidate: Option<f64>,
    outcome: Outcome,
}

impl<'a, S: FnMut(&Line)> Peer<'a, S> {
    fn new(sip: SipStack, leg: LegId, media: MediaHandle, talk: Duration, say: &'a mut S) -> Self {
        Self {
            sip,
            leg,
            media,
            talk,
            say,
            placed: Instant::now(),
            answered: None,
            held: false,
            ear: None,
            heard: Vec::new(),
            hears: None,
            candidate: None,
            outcome: Outcome::default(),
        }
    }

    async fn follow(
        &mut self,
        mut media_events: mpsc::Receiver<MediaEvent>,
        mut ears: mpsc::Receiver<mpsc::Receiver<Vec<i16>>>,
        stop: impl Future<Output = ()>,
    ) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let until = self
                .answered
                .map_or(self.placed + RING_MAX, |at| at + self.talk);
            tokio::select! {
                event = self.sip.events.recv() => match event {
                    Some(event) => if self.sip_event(event) { break },
                    None => break,
                },
                Some(event) = media_events.recv() => self.media_event(event),
                Some(ear) = ears.recv() => self.ear = Some(ear),
                Some(frame) = hear(&mut self.ear) => self.measure(&frame),
                () = tokio::time::sleep_until(until) => {
                    let unanswered = self.answered.is_none();
                    self.ended(if unanswered { "Nobody answered." } else { "The time is over." });
                    break;
                }
                () = &mut stop => {
                    self.ended("Stopped here.");
                    break;
                }
            }
        }
        self.goodbye().await;
    }

    /// True if the call is over.
    fn sip_event(&mut self, event: SipEvent) -> bool {
        match event {
            SipEvent::Ringing(leg) if leg == self.leg => {
                self.outcome.rang = true;
                self.tell(Line::Ringing);
            }
            SipEvent::Connected(leg, agreed) if leg == self.leg => {
                self.answered = Some(Instant::now());
                self.outcome.answered = true;
                let after_ms = millis(self.placed.elapsed());
                self.tell(Line::Answered { after_ms });
                self.use_audio(agreed);
                self.media.send(MediaCommand::Gate(Gate::Open));
            }
            SipEvent::MediaChanged(leg, agreed) if leg == self.leg => self.use_audio(agreed),
            SipEvent::Digit(leg, digit) if leg == self.leg => self.digit(digit),
            SipEvent::Ended(leg, by) if leg == self.leg => {
                let why = sentence_of(&by);
                self.ended(&why);
                return true;
            }
            SipEvent::Incoming { leg, .. } => {
                // This peer takes no calls. Stopped signalling refuses by itself.
                self.sip
                    .handle
                    .send(SipCommand::Refuse(leg, sip::Refusal::Busy))
                    .ok();
            }
            SipEvent::Ringing(_)
            | SipEvent::Connected(..)
            | SipEvent::HoldDone(..)
            | SipEvent::HoldFailed(..)
            | SipEvent::MediaChanged(..)
            | SipEvent::Digit(..)
            | SipEvent::Ended(..)
            | SipEvent::Registration { .. } => {}
        }
        false
    }

    fn use_audio(&mut self, agreed: Agreed) {
        self.media.send(MediaCommand::Agreed(agreed));
        if agreed.remote_hold != self.held {
            self.held = agreed.remote_hold;
            self.outcome.holds += u32::from(self.held);
            self.tell(if self.held {
                Line::OnHold
            } else {
                Line::Resumed
            });
        }
    }

    fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Digit(_, digit) => self.digit(digit),
            MediaEvent::DeviceFailed(_, why) => tracing::debug!(why, "no tone"),
        }
    }

    fn digit(&mut self, digit: char) {
        if self.outcome.digits.len() < crate::dtmf::DIGITS_MAX {
            self.outcome.digits.push(digit);
        }
        self.tell(Line::Digit { digit });
    }

    fn measure(&mut self, frame: &[i16]) {
        self.heard.extend_from_slice(frame);
        if self.heard.len() < MEASURED {
            return;
        }
        let found = tone::dominant(&self.heard, RATE_HZ).filter(|found| found.1 > SILENCE_DBFS);
        self.heard.clear();
        // The first window after a change is half old and half new: wait for a second one.
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= NEWS_HZ,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let now = found.map(|found| found.0);
        if !near(std::mem::replace(&mut self.candidate, now), now) {
            return;
        }
        match (found, self.hears) {
            (Some((hz, dbfs)), last) if last.is_none_or(|last| (last - hz).abs() > NEWS_HZ) => {
                self.hears = Some(hz);
                if self.outcome.heard_dbfs.is_none_or(|loudest| dbfs > loudest) {
                    self.outcome.heard_hz = Some(hz);
                    self.outcome.heard_dbfs = Some(dbfs);
                }
                self.tell(Line::Hears { hz, dbfs });
            }
            (None, Some(_)) => {
                self.hears = None;
                self.tell(Line::HearsSilence);
            }
            (Some(_), _) | (None, None) => {}
        }
    }

    fn ended(&mut self, why: &str) {
        self.outcome.ended = why.to_owned();
        let talked_ms = self.answered.map_or(0, |at| millis(at.elapsed()));
        self.tell(Line::Ended {
            why: why.to_owned(),
            talked_ms,
        });
    }

    fn tell(&mut self, line: Line) {
        (self.say)(&line);
    }

    async fn goodbye(&mut self) {
        // Either fails only if signalling has stopped already.
        self.sip.handle.send(SipCommand::End(self.leg)).ok();
        self.sip.handle.send(SipCommand::Shutdown).ok();
        let stopped = async { while self.sip.events.recv().await.is_some() {} };
        tokio::time::timeout(GOODBYE, stopped).await.ok();
    }
}

async fn hear(ear: &mut Option<mpsc::Receiver<Vec<i16>>>) -> Option<Vec<i16>> {
    let open = ear.as_mut()?;
    let frame = open.recv().await;
    if frame.is_none() {
        *ear = None;
    }
    frame
}

fn sentence_of(by: &EndedBy) -> String {
    match by {
        EndedBy::Us => "Ended here.".to_owned(),
        EndedBy::Peer => "You hung up.".to_owned(),
        EndedBy::CanceledByCaller => "Canceled.".to_owned(),
        EndedBy::Busy => "Busy.".to_owned(),
        EndedBy::Declined => "You declined the call.".to_owned(),
        EndedBy::Unanswered => "Nobody answered.".to_owned(),
        EndedBy::Failed(why) => format!("The call failed: {why}."),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
