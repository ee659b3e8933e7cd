//! The bytes of the device link.
//!
//! A frame is three bytes of length, one byte that names it, and its body; numbers are big-endian.
//! Texts and byte strings carry their length in one byte, payloads in two. Input: bytes that any
//! stranger may have sent. Output: a frame, "more bytes are needed", or a named complaint; never
//! a panic, never more memory than the largest frame.

use crate::frame::{Close, Down, Grant, Outcome, Secret, Up};
use crate::fresh::Proof;
use crate::push::{DeviceId, Priority, Push, PushId, Service};

/// The largest body that a device may send, in bytes.
pub const UP_MAX: usize = 1_024;
/// The largest body that a gateway may send, in bytes.
pub const DOWN_MAX: usize = 8_192;
/// Bytes in front of each body: length and name.
pub const HEAD: usize = 4;

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// The length is over the maximum.
    TooLong,
    /// The name is not one of this version.
    UnknownFrame,
    /// The body ends early, has bytes left over, or holds a value that means nothing.
    Body,
}

/// A frame of one direction.
pub trait Frame: Sized {
    /// The largest body, in bytes.
    const MAX: usize;
    /// Writes name and body.
    fn write(&self, out: &mut Vec<u8>) -> u8;
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// When it is not the body of the frame with this name.
    fn read(name: u8, body: &mut Body<'_>) -> Result<Self, Malformed>;
}

/// Appends the bytes of a frame.
pub fn encode<F: Frame>(frame: &F, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend([0; HEAD]);
    let name = frame.write(out);
    let length = out.len() - start - HEAD;
    debug_assert!(length <= F::MAX, "our own frames fit");
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    out[start..start + HEAD].copy_from_slice(&[length[1], length[2], length[3], name]);
}

/// Takes the first frame off `bytes`: it and the number of bytes it used, or `None` when more
/// bytes are needed.
///
/// # Errors
///
/// When the bytes are not a frame of this direction; the link cannot go on then.
pub fn decode<F: Frame>(bytes: &[u8]) -> Result<Option<(F, usize)>, Malformed> {
    let Some((&[a, b, c, name], rest)) = bytes.split_first_chunk::<HEAD>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([0, a, b, c]) as usize;
    if length > F::MAX {
        return Err(Malformed::TooLong);
    }
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let mut body = Body(body);
    let frame = F::read(name, &mut body)?;
    if !body.0.is_empty() {
        return Err(Malformed::Body);
    }
    Ok(Some((frame, HEAD + length)))
}

impl Frame for Up {
    const MAX: usize = UP_MAX;

    fn write(&self, out: &mut Vec<u8>) -> u8 {
        match self {
            Self::Hello {
                version,
                device,
                secret,
                beat,
            } => {
                out.push(*version);
                out.extend(device.0);
                short(out, &secret.0);
                out.extend(beat.to_be_bytes());
                0x01
            }
            Self::Beat { beat } => {
                out.extend(beat.to_be_bytes());
                0x02
            }
            Self::Register { app, service } => {
                address(out, app, *service);
                0x03
            }
            Self::Unregister { app, service } => {
                address(out, app, *service);
                0x04
            }
            Self::Claim { id } => {
                out.extend(id.0);
                0x05
            }
            Self::Ack { id, outcome } => {
                out.extend(id.0);
                out.push(code(OUTCOMES, *outcome));
                0x06
            }
        }
    }

    fn read(name: u8, body: &mut Body<'_>) -> Result<Self, Malformed> {
        Ok(match name {
            0x01 => Self::Hello {
                version: body.byte()?,
                device: DeviceId(body.array()?),
                secret: Secret(body.short()?.to_vec()),
                beat: body.number()?,
            },
            0x02 => Self::Beat {
                beat: body.number()?,
            },
            0x03 => Self::Register {
                app: body.text()?,
                service: body.one_of(SERVICES)?,
            },
            0x04 => Self::Unregister {
                app: body.text()?,
                service: body.one_of(SERVICES)?,
            },
            0x05 => Self::Claim {
                id: PushId(body.array()?),
            },
            0x06 => Self::Ack {
                id: PushId(body.array()?),
                outcome: body.one_of(OUTCOMES)?,
            },
            _ => return Err(Malformed::UnknownFrame),
        })
    }
}

impl Frame for Down {
    const MAX: usize = DOWN_MAX;

    fn write(&self, out: &mut Vec<u8>) -> u8 {
        match self {
            Self::Welcome {
                epoch,
                beat_ms,
                silence_ms,
            } => {
                out.extend(epoch.to_be_bytes());
                out.extend(beat_ms.to_be_bytes());
                out.extend(silence_ms.to_be_bytes());
                0x81
            }
            Self::Beat { beat } => {
                out.extend(beat.to_be_bytes());
                0x82
            }
            Self::Token {
                app,
                service,
                token,
            } => {
                address(out, app, *service);
                short(out, &token.0);
                0x83
            }
            Self::Offer {
                id,
                app,
                service,
                priority,
            } => {
                out.extend(id.0);
                address(out, app, *service);
                out.push(code(PRIORITIES, *priority));
                0x84
            }
            Self::Grant(grant) => {
                write_grant(out, grant);
                0x85
            }
            Self::Gone { id } => {
                out.extend(id.0);
                0x86
            }
            Self::Close { why } => {
                out.push(code(CLOSES, *why));
                0x87
            }
        }
    }

    fn read(name: u8, body: &mut Body<'_>) -> Result<Self, Malformed> {
        Ok(match name {
            0x81 => Self::Welcome {
                epoch: body.long()?,
                beat_ms: body.number()?,
                silence_ms: body.number()?,
            },
            0x82 => Self::Beat {
                beat: body.number()?,
            },
            0x83 => Self::Token {
                app: body.text()?,
                service: body.one_of(SERVICES)?,
                token: Secret(body.short()?.to_vec()),
            },
            0x84 => Self::Offer {
                id: PushId(body.array()?),
                app: body.text()?,
                service: body.one_of(SERVICES)?,
                priority: body.one_of(PRIORITIES)?,
            },
            0x85 => Self::Grant(read_grant(body)?),
            0x86 => Self::Gone {
                id: PushId(body.array()?),
            },
            0x87 => Self::Close {
                why: body.one_of(CLOSES)?,
            },
            _ => return Err(Malformed::UnknownFrame),
        })
    }
}

fn write_grant(out: &mut Vec<u8>, grant: &Grant) {
    out.extend(grant.push.id.0);
    address(out, &grant.app, grant.service);
    out.push(code(PRIORITIES, grant.push.priority));
    out.push(u8::from(grant.stored));
    out.extend(grant.left_ms.to_be_bytes());
    out.extend(grant.age_ms.to_be_bytes());
    match grant.proof {
        Proof::Claim => out.push(0),
        Proof::Beat { beat, ago_ms } => {
            out.push(1);
            out.extend(beat.to_be_bytes());
            out.extend(ago_ms.to_be_bytes());
        }
    }
    short(
        out,
        grant
            .push
            .collapse
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
    );
    let length = u16::try_from(grant.push.payload.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(&grant.push.payload[..length.into()]);
}

fn read_grant(body: &mut Body<'_>) -> Result<Grant, Malformed> {
    let id = PushId(body.array()?);
    let app = body.text()?;
    let service = body.one_of(SERVICES)?;
    let priority = body.one_of(PRIORITIES)?;
    let stored = body.one_of(FLAGS)?;
    let left_ms = body.long()?;
    let age_ms = body.long()?;
    let proof = match body.byte()? {
        0 => Proof::Claim,
        1 => Proof::Beat {
            beat: body.number()?,
            ago_ms: body.long()?,
        },
        _ => return Err(Malformed::Body),
    };
    let collapse = Some(body.text()?).filter(|text| !text.is_empty());
    let length = u16::from_be_bytes(body.array()?);
    let payload = body.take(length.into())?.to_vec();
    let push = Push {
        id,
        priority,
        collapse,
        payload,
    };
    Ok(Grant {
        app,
        service,
        push,
        left_ms,
        age_ms,
        proof,
        stored,
    })
}

/// What is left of a body.
pub struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::Body)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::Body)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    fn long(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    fn short(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.byte()?;
        self.take(length.into())
    }

    fn text(&mut self) -> Result<String, Malformed> {
        let bytes = self.short()?;
        let text = core::str::from_utf8(bytes).map_err(|_| Malformed::Body)?;
        Ok(text.to_owned())
    }

    fn one_of<T: Copy>(&mut self, table: &[T]) -> Result<T, Malformed> {
        let at = usize::from(self.byte()?);
        table.get(at).copied().ok_or(Malformed::Body)
    }
}

const FLAGS: &[bool] = &[false, true];
const SERVICES: &[Service] = &[Service::Voip, Service::App];
const PRIORITIES: &[Priority] = &[Priority::Low, Priority::Power, Priority::Immediate];
const OUTCOMES: &[Outcome] = &[
    Outcome::Taken,
    Outcome::Delivered,
    Outcome::Expired,
    Outcome::Duplicate,
    Outcome::Refused,
];
const CLOSES: &[Close] = &[
    Close::Replaced,
    Close::Silent,
    Close::Stopping,
    Close::Protocol,
    Close::Refused,
    Close::Busy,
];

/// The place of a value in its table, which holds all values: the tests say so.
fn code<T: PartialEq>(table: &[T], value: T) -> u8 {
    let at = table.iter().position(|entry| *entry == value);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

fn address(out: &mut Vec<u8>, app: &str, service: Service) {
    short(out, app.as_bytes());
    out.push(code(SERVICES, service));
}

/// A byte string of at most 255 bytes; what is longer was refused where it came in.
fn short(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend(&bytes[..length.into()]);
}
