//! The side of devices: one TLS connection each, framed by the core's codec.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hookswitch_push_core::codec::{self, Frame};
use hookswitch_push_core::frame::{Close, Down, Up, VERSION};
use hookswitch_push_core::gateway::{Event, LinkId};
use hookswitch_push_core::push::{Address, DeviceId, Service};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::bounds;
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::shard::{Inbox, Shards};

/// What each connection uses.
pub struct Devices {
    /// The way to the shards.
    pub shards: Arc<Shards>,
    /// Tokens and devices.
    pub registry: Arc<Registry>,
    /// The counters.
    pub metrics: Arc<Metrics>,
}

/// Accepts devices until the gateway stops.
pub async fn listen(
    listener: TcpListener,
    tls: TlsAcceptor,
    devices: Arc<Devices>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(bounds::DEVICES));
    let handshakes = Arc::new(Semaphore::new(bounds::HANDSHAKES));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await; // Out of descriptors.
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue; // Full: the device comes again, here or elsewhere.
        };
        let (tls, devices) = (tls.clone(), Arc::clone(&devices));
        let handshakes = Arc::clone(&handshakes);
        tokio::spawn(async move {
            let Ok(turn) = handshakes.acquire_owned().await else {
                return;
            };
            let greeted = greet(stream, &tls, &devices);
            let greeted = timeout(bounds::HANDSHAKE, greeted).await;
            drop(turn);
            if let Ok(Ok(Some(greeted))) = greeted {
                devices.metrics.device(1);
                serve(greeted, &devices).await;
                devices.metrics.device(-1);
            }
            drop(place);
        });
    }
}

/// A device that proved who it is.
struct Greeted<S> {
    stream: S,
    buffer: Vec<u8>,
    device: DeviceId,
    beat: u32,
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

/// The handshake and the greeting.
async fn greet(
    stream: TcpStream,
    tls: &TlsAcceptor,
    devices: &Devices,
) -> io::Result<Option<Greeted<Stream>>> {
    stream.set_nodelay(true)?;
    let mut stream = tls.accept(stream).await?;
    let mut buffer = Vec::new();
    let first = read::<Up, _>(&mut stream, &mut buffer).await?;
    let (device, beat, why) = match first {
        Up::Hello {
            version: VERSION,
            device,
            secret,
            beat,
        } => match devices.registry.admit(device, &secret).await {
            Ok(true) => (device, beat, None),
            Ok(false) => (device, beat, Some(Close::Refused)),
            Err(_) => (device, beat, Some(Close::Busy)),
        },
        Up::Hello { .. }
        | Up::Beat { .. }
        | Up::Register { .. }
        | Up::Unregister { .. }
        | Up::Claim { .. }
        | Up::Ack { .. } => (DeviceId([0; 16]), 0, Some(Close::Protocol)),
    };
    if let Some(why) = why {
        write(&mut stream, &Down::Close { why }).await?;
        stream.shutdown().await?;
        return Ok(None);
    }
    Ok(Some(Greeted {
        stream,
        buffer,
        device,
        beat,
    }))
}

/// A link from its greeting to its end.
async fn serve(greeted: Greeted<Stream>, devices: &Devices) {
    let Greeted {
        stream,
        mut buffer,
        device,
        beat,
    } = greeted;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (frames, mut to_write) = mpsc::channel::<Down>(bounds::FRAMES);
    let link = devices.shards.next_link();
    let inbox = devices.shards.of(device).clone();
    let tokens = frames.downgrade();
    let linked = Inbox::Link {
        link,
        device,
        beat,
        frames,
    };
    if inbox.send(linked).await.is_err() {
        return;
    }
    let writing = async {
        while let Some(frame) = to_write.recv().await {
            let ends = matches!(frame, Down::Close { .. });
            if write(&mut writer, &frame).await.is_err() || ends {
                break;
            }
        }
        let _ = timeout(bounds::WRITE, writer.shutdown()).await;
    };
    let reading = async {
        while let Ok(frame) = read::<Up, _>(&mut reader, &mut buffer).await {
            match frame {
                Up::Register { app, service } => {
                    register(devices, device, app, service, &tokens).await;
                }
                Up::Unregister { app, service } => {
                    let address = Address {
                        device,
                        app,
                        service,
                    };
                    if devices.registry.unregister(&address).await.is_err() {
                        break; // The device says it again on its next link.
                    }
                }
                frame
                @ (Up::Hello { .. } | Up::Beat { .. } | Up::Claim { .. } | Up::Ack { .. }) => {
                    let event = Inbox::Core(Event::Frame { link, frame });
                    if inbox.send(event).await.is_err() {
                        break;
                    }
                }
            }
        }
    };
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
    end(&inbox, link).await;
}

async fn end(inbox: &mpsc::Sender<Inbox>, link: LinkId) {
    let _ = inbox.send(Inbox::Core(Event::Unlinked { link })).await;
}

/// Tells an app's token once it is kept; on failure the device asks again with its next link.
async fn register(
    devices: &Devices,
    device: DeviceId,
    app: String,
    service: Service,
    frames: &mpsc::WeakSender<Down>,
) {
    let address = Address {
        device,
        app: app.clone(),
        service,
    };
    let token = devices.registry.register(&address).await;
    if let (Ok(token), Some(frames)) = (token, frames.upgrade()) {
        let told = Down::Token {
            app,
            service,
            token,
        };
        let _ = frames.send(told).await;
    }
}

/// Reads the next frame.
async fn read<F: Frame, R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
) -> io::Result<F> {
    loop {
        let decoded = codec::decode::<F>(buffer);
        let decoded = decoded.map_err(|why| io::Error::other(format!("{why:?}")))?;
        if let Some((frame, used)) = decoded {
            buffer.drain(..used);
            if buffer.is_empty() {
                *buffer = Vec::new(); // An idle link keeps no buffer.
            }
            return Ok(frame);
        }
        buffer.reserve(256);
        if reader.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Writes one frame in time.
async fn write<W: AsyncWrite + Unpin>(writer: &mut W, frame: &Down) -> io::Result<()> {
    let mut bytes = Vec::new();
    codec::encode(frame, &mut bytes);
    let write = async {
        writer.write_all(&bytes).await?;
        writer.flush().await
    };
    timeout(bounds::WRITE, write).await?
}
