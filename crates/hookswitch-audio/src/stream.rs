//! One PipeWire stream that moves samples between a [`Port`] and an endpoint.
//!
//! Input: a port and what it is for.
//! Output: samples at the endpoint, and [`News::Flowing`] when that begins or ceases.
//!
//! # Promises
//!
//! - **U1** samples are moved on the audio thread's loop, so a port needs no lock.
//! - **U2** a buffer is filled with what the server asks for and no more: latency stays low.

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::Rc;

use pipewire::buffer::Buffer;
use pipewire::core::CoreRc;
use pipewire::properties::PropertiesBox;
use pipewire::spa::param::ParamType;
use pipewire::spa::param::audio::{AudioFormat, AudioInfoRaw};
use pipewire::spa::pod::serialize::PodSerializer;
use pipewire::spa::pod::{Object, Pod, Value};
use pipewire::spa::utils::{Direction, SpaTypes};
use pipewire::stream::{StreamFlags, StreamListener, StreamRc, StreamState};

use crate::port::{Port, StreamSpec};
use crate::server::{News, NewsQueue};

const SAMPLE_BYTES: usize = size_of::<i16>();
/// The share of a second that one device buffer should hold.
const BUFFERS_PER_SECOND: u32 = 100;

/// A stream; dropping it closes it. The listener goes before the stream.
pub(crate) struct DeviceStream {
    _listener: StreamListener<Scratch>,
    _stream: StreamRc,
}

impl DeviceStream {
    /// Opens a stream and lets the session manager choose the endpoint.
    pub(crate) fn open(
        core: &CoreRc,
        id: u64,
        spec: &StreamSpec,
        port: &Rc<RefCell<Port>>,
        news: &NewsQueue,
    ) -> Result<Self, pipewire::Error> {
        let direction = match &*port.borrow() {
            Port::Play(_) => Direction::Output,
            Port::Capture(_) => Direction::Input,
        };
        let name = spec.name.replace('\0', "");
        let stream = StreamRc::new(core.clone(), &name, properties(spec, direction))?;
        let (port, news) = (port.clone(), news.clone());
        let listener = stream
            .add_local_listener_with_user_data(Scratch::default())
            .state_changed(move |_, _, _, state| {
                if let StreamState::Error(reason) = &state {
                    tracing::warn!(%reason, "the audio server refused a stream");
                }
                let flowing = state == StreamState::Streaming;
                news.push(News::Flowing(id, flowing));
            })
            .process(move |stream, scratch| {
                // The loop calls this, and a turn that holds the port is not inside the loop's
                // call of a stream; a held port is left alone all the same.
                let Ok(mut port) = port.try_borrow_mut() else {
                    return;
                };
                if let Some(mut buffer) = stream.dequeue_buffer() {
                    move_samples(&mut buffer, &mut port, scratch);
                }
            })
            .register()?;
        let format = format(spec.rate_hz)?;
        let pod = Pod::from_bytes(&format).ok_or(pipewire::Error::CreationFailed)?;
        let flags = StreamFlags::AUTOCONNECT | StreamFlags::MAP_BUFFERS;
        stream.connect(direction, None, flags, &mut [pod])?;
        Ok(Self {
            _listener: listener,
            _stream: stream,
        })
    }
}

/// Samples on their way between bytes and a port; kept to avoid allocating per buffer.
#[derive(Default)]
struct Scratch(Vec<i16>);

fn move_samples(buffer: &mut Buffer<'_>, port: &mut Port, scratch: &mut Scratch) {
    let requested = usize::try_from(buffer.requested()).unwrap_or(usize::MAX);
    let Some(data) = buffer.datas_mut().first_mut() else {
        return;
    };
    match port {
        Port::Play(feed) => {
            let Some(bytes) = data.data() else { return };
            let room = bytes.len() / SAMPLE_BYTES;
            let count = if requested == 0 {
                room
            } else {
                requested.min(room)
            };
            scratch.0.resize(count, 0);
            feed.fill(&mut scratch.0);
            for (cell, sample) in bytes.chunks_exact_mut(SAMPLE_BYTES).zip(&scratch.0) {
                cell.copy_from_slice(&sample.to_le_bytes());
            }
            let chunk = data.chunk_mut();
            *chunk.offset_mut() = 0;
            *chunk.stride_mut() = 2;
            *chunk.size_mut() = u32::try_from(count * SAMPLE_BYTES).unwrap_or(0);
        }
        Port::Capture(drain) => {
            let (from, size) = (data.chunk().offset() as usize, data.chunk().size() as usize);
            let Some(bytes) = data.data() else { return };
            let Some(bytes) = bytes.get(from..(from + size).min(bytes.len())) else {
                return;
            };
            scratch.0.clear();
            let pairs = bytes.chunks_exact(SAMPLE_BYTES);
            scratch
                .0
                .extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
            drain.take(&scratch.0);
        }
    }
}

fn properties(spec: &StreamSpec, direction: Direction) -> PropertiesBox {
    let category = if direction == Direction::Output {
        "Playback"
    } else {
        "Capture"
    };
    let mut props = PropertiesBox::new();
    props.insert("media.type", "Audio");
    props.insert("media.category", category);
    props.insert("media.role", spec.role.media_role());
    props.insert("application.name", "Hookswitch");
    props.insert("application.id", "org.hookswitch.Hookswitch");
    if let Some(target) = &spec.target {
        props.insert("target.object", target.replace('\0', ""));
    }
    let quantum = spec.rate_hz / BUFFERS_PER_SECOND;
    props.insert("node.latency", format!("{quantum}/{}", spec.rate_hz));
    props
}

/// The only format a stream offers: mono, 16 bit, at its own rate.
fn format(rate_hz: u32) -> Result<Vec<u8>, pipewire::Error> {
    let mut info = AudioInfoRaw::new();
    info.set_format(AudioFormat::S16LE);
    info.set_rate(rate_hz);
    info.set_channels(1);
    let object = Value::Object(Object {
        type_: SpaTypes::ObjectParamFormat.as_raw(),
        id: ParamType::EnumFormat.as_raw(),
        properties: info.into(),
    });
    let written = PodSerializer::serialize(Cursor::new(Vec::new()), &object);
    let (cursor, _) = written.map_err(|_| pipewire::Error::CreationFailed)?;
    Ok(cursor.into_inner())
}
