//! Frames over a stream of bytes.

use std::io;

use hookswitch_push_core::codec::{self, Frame};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::WRITE_MAX;

/// Reads the next frame; `buffer` holds what came after the last one, never more than a frame
/// and one read.
pub(crate) async fn read<F, R>(reader: &mut R, buffer: &mut Vec<u8>) -> io::Result<F>
where
    F: Frame,
    R: AsyncRead + Unpin,
{
    loop {
        let decoded = codec::decode::<F>(buffer);
        let decoded = decoded.map_err(|why| io::Error::other(format!("{why:?}")))?;
        if let Some((frame, used)) = decoded {
            buffer.drain(..used);
            return Ok(frame);
        }
        if reader.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Writes one frame within [`WRITE_MAX`].
pub(crate) async fn write<W>(writer: &mut W, frame: &impl Frame) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut bytes = Vec::new();
    codec::encode(frame, &mut bytes);
    let write = async {
        writer.write_all(&bytes).await?;
        writer.flush().await
    };
    timeout(WRITE_MAX, write).await?
}
