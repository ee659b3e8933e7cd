//! A phone under test: real signalling and audio, a scripted system, a tone and a meter.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hookswitch_phone::config::Account;
use hookswitch_phone::ends::{FRAME, RATE_HZ, ToneEnd};
use hookswitch_phone::media::{Gate, OpenEnd};
use hookswitch_phone::phone::{self, PhoneHandle, PhoneParts, PhoneStatus};
use hookswitch_phone::sip::{self, EndedBy, Party, SipConfig};
use hookswitch_phone::system::{Action, AskId, CallKey, MESSAGES_MAX, SystemCommand, SystemEvent};
use hookswitch_phone::tone::{Tone, level, level_at};
use hookswitch_testbed::{Baresip, PeerOptions, PeerTransport};
use tokio::sync::mpsc;

/// How long anything may take; generous, because two cores do everything at once.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The tone the phone speaks.
pub const PHONE_HZ: f64 = 700.0;
/// Its level.
pub const PHONE_DBFS: f64 = -10.0;
/// The phone's meters read a full-scale sine as 0 dBFS, the testbed's as its effective value.
const SINE_DB: f64 = -3.01;
/// The phone's level as baresip's ear reads it.
pub const PHONE_AT_PEER_DBFS: f64 = PHONE_DBFS + SINE_DB;
/// The tone baresip speaks.
pub const PEER_HZ: f64 = 1100.0;
/// Its level.
pub const PEER_DBFS: f64 = -8.0;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
type Ear = mpsc::Receiver<Vec<i16>>;

/// A peer that answers at once, or rings until told.
pub fn bob(answers: bool) -> Baresip {
    bob_over(PeerTransport::Udp, answers)
}

/// The same over a transport.
pub fn bob_over(transport: PeerTransport, answers: bool) -> Baresip {
    Baresip::start(PeerOptions {
        name: "Bob",
        user: "bob",
        tone_hz: PEER_HZ,
        tone_dbfs: PEER_DBFS + SINE_DB,
        answers,
        transport,
    })
}

/// The phone and both its scripted ends.
pub struct TestPhone {
    pub handle: PhoneHandle,
    pub address: SocketAddr,
    said: mpsc::Receiver<SystemCommand>,
    unread: VecDeque<SystemCommand>,
    tell: mpsc::Sender<SystemEvent>,
    ears: mpsc::Receiver<Ear>,
    ear: Option<Ear>,
    asks: u32,
}

impl TestPhone {
    /// A phone whose system is there.
    pub async fn start(accounts: Vec<Account>) -> Self {
        let phone = Self::start_alone(accounts).await;
        phone.say(SystemEvent::Ready).await;
        phone
            .until("the system is ready", |status| status.system.ready)
            .await;
        phone
    }

    /// A phone without a system.
    pub async fn start_alone(accounts: Vec<Account>) -> Self {
        let config = SipConfig {
            listen: Some(LOOPBACK),
            port: 0,
            accounts: accounts.clone(),
        };
        let sip = sip::start(config)
            .await
            .expect("signalling starts on loopback");
        let address = sip.address;
        let (system, said) = mpsc::channel(MESSAGES_MAX);
        let (tell, system_events) = mpsc::channel(MESSAGES_MAX);
        let (ear_outbox, ears) = mpsc::channel(64);
        let open: OpenEnd = Arc::new(move |_endpoint| {
            let (end, ear) = ToneEnd::new(Some(Tone::new(PHONE_HZ, PHONE_DBFS, RATE_HZ)));
            ear_outbox.try_send(ear).ok();
            Ok(Box::new(end))
        });
        let display_name = Some("Phone under test".to_owned());
        let handle = phone::start(PhoneParts {
            sip,
            accounts,
            display_name,
            open,
            system,
            system_events,
        });
        let (unread, ear) = (VecDeque::new(), None);
        Self {
            handle,
            address,
            said,
            unread,
            tell,
            ears,
            ear,
            asks: 0,
        }
    }

    /// The system says something.
    pub async fn say(&self, event: SystemEvent) {
        self.tell.send(event).await.expect("the phone runs");
    }

    /// The system asks for something; gives what came of it.
    pub async fn ask(&mut self, key: &CallKey, action: Action) -> Result<(), String> {
        self.asks += 1;
        let ask = AskId(format!("ask-{}", self.asks));
        self.say(SystemEvent::Ask(ask.clone(), key.clone(), action))
            .await;
        self.heard(|said| {
            let SystemCommand::Settle(settled, outcome) = said else {
                return None;
            };
            (*settled == ask).then(|| outcome.clone())
        })
        .await
    }

    /// Waits for the first message that `pick` takes; the others stay for later.
    pub async fn heard<T>(&mut self, pick: impl Fn(&SystemCommand) -> Option<T>) -> T {
        let mut at = 0;
        loop {
            while at < self.unread.len() {
                if let Some(found) = pick(&self.unread[at]) {
                    self.unread.remove(at);
                    return found;
                }
                at += 1;
            }
            let next = tokio::time::timeout(PATIENCE, self.said.recv()).await;
            let next = next.unwrap_or_else(|_| panic!("in vain; the phone said {:?}", self.unread));
            self.unread.push_back(next.expect("the phone runs"));
        }
    }

    /// The next incoming call, as reported.
    pub async fn incoming(&mut self) -> (CallKey, Party) {
        self.heard(|said| {
            let SystemCommand::ReportIncoming(key, party) = said else {
                return None;
            };
            Some((key.clone(), party.clone()))
        })
        .await
    }

    /// The peer calls, and hears that it rings here.
    pub async fn rung_by(&mut self, peer: &mut Baresip) -> (CallKey, Party) {
        peer.call(&format!("phone@{}", self.address));
        let (key, party) = self.incoming().await;
        self.say(SystemEvent::Accepted(key.clone())).await;
        peer.event("CALL_RINGING");
        (key, party)
    }

    /// Who ended a call, as reported.
    pub async fn ended(&mut self, key: &CallKey) -> EndedBy {
        self.heard(|said| {
            let SystemCommand::ReportEnded(ended, by) = said else {
                return None;
            };
            (ended == key).then(|| by.clone())
        })
        .await
    }

    /// Starts a call, waits until it is answered, and gives it the audio.
    pub async fn call(&mut self, to: &str) -> CallKey {
        let key = CallKey(format!("out-{to}"));
        assert_eq!(self.ask(&key, Action::Start(to.to_owned())).await, Ok(()));
        self.heard(|said| (*said == SystemCommand::ReportConnected(key.clone())).then_some(()))
            .await;
        self.say(SystemEvent::Audio(key.clone(), Gate::Open)).await;
        key
    }

    /// Waits for the status that `wanted` describes.
    pub async fn until(&self, what: &str, wanted: impl FnMut(&PhoneStatus) -> bool) -> PhoneStatus {
        let mut watch = self.handle.watch();
        let found = tokio::time::timeout(PATIENCE, watch.wait_for(wanted)).await;
        let found = found.unwrap_or_else(|_| panic!("waited in vain until {what}"));
        found.expect("the phone runs").clone()
    }

    /// Waits until the phone hears this tone at about this level.
    pub async fn hears(&mut self, hz: f64, dbfs: f64) {
        let listening = async {
            loop {
                let samples = self.listen().await;
                let (tone, all) = (level_at(&samples, hz, RATE_HZ), level(&samples));
                if (tone - dbfs).abs() < 1.5 && (all - tone).abs() < 1.0 {
                    return;
                }
            }
        };
        let heard = tokio::time::timeout(PATIENCE, listening).await;
        heard.unwrap_or_else(|_| panic!("the phone never heard {hz} Hz at {dbfs} dBFS"));
    }

    /// 200 ms of what the phone plays.
    async fn listen(&mut self) -> Vec<i16> {
        let mut samples = Vec::new();
        while samples.len() < 10 * FRAME {
            while let Ok(ear) = self.ears.try_recv() {
                (self.ear, samples) = (Some(ear), Vec::new());
            }
            match &mut self.ear {
                Some(ear) => match ear.recv().await {
                    Some(frame) => samples.extend(frame),
                    None => self.ear = None,
                },
                None => self.ear = self.ears.recv().await,
            }
        }
        samples
    }
}
