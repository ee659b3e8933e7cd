//! The WebSocket: the latest view at once, and after every change the view again, or with
//! `?changes=1` what is other than in the one before.
//!
//! # Promises
//!
//! - **W1** nothing queues up for a client: while it takes one message, newer views replace each
//!   other, and one change leads to the newest.
//! - **W2** a client that takes no message within the limit `send` is disconnected, and told why if
//!   it still reads.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use hookswitch_wire::view::{Frame, View, ViewChange};

use crate::reply::ApiError;
use crate::serve::Shared;

/// A client has nothing to send here but control frames.
const INBOUND_MAX: usize = 1024;

/// Longest wait for a client to take the reason why it is disconnected.
const GOODBYE_MAX: Duration = Duration::from_millis(100);
/// What a client adds to the address that wants changes.
const CHANGES: &str = "changes=1";

/// `GET /api/v1/ws`
pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let message = "This address speaks WebSocket. Use /api/v1/view for a single view.";
        return ApiError::new(StatusCode::UPGRADE_REQUIRED, "NotAWebSocket", message)
            .into_response();
    };
    let wants_changes = query.is_some_and(|query| query.split('&').any(|pair| pair == CHANGES));
    let Ok(permit) = Arc::clone(&shared.sockets).try_acquire_owned() else {
        return ApiError::busy().into_response();
    };
    upgrade
        .max_message_size(INBOUND_MAX)
        .max_frame_size(INBOUND_MAX)
        .on_upgrade(move |socket| async move {
            serve(socket, &shared, wants_changes).await;
            drop(permit);
        })
}

async fn serve(socket: WebSocket, shared: &Shared, wants_changes: bool) {
    let (mut sink, mut inbound) = socket.split();
    let mut told: Option<Arc<View>> = None;
    let mut views = shared.views.clone();
    let mut stopped = shared.stopped.clone();
    views.mark_changed();
    loop {
        tokio::select! {
            changed = views.changed() => {
                // While a slow client takes its view, newer ones replace each other in the watch.
                let latest = changed.ok().map(|()| Arc::clone(&views.borrow_and_update()));
                let Some(view) = latest else { break };
                let before = told.replace(view.clone()).filter(|_| wants_changes);
                if !send(&mut sink, frame(before.as_deref(), &view), shared).await {
                    return give_up(&mut sink).await;
                }
            }
            message = inbound.next() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(
                    Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_),
                )) => {}
            },
            _ = stopped.changed() => break,
        }
    }
    let goodbye = Message::Close(Some(CloseFrame {
        code: close_code::RESTART,
        reason: Utf8Bytes::from_static("Hookswitch is stopping"),
    }));
    let _ = tokio::time::timeout(shared.limits.send, sink.send(goodbye)).await;
}

/// The view, or what is other than in the one that the client has.
fn frame(before: Option<&View>, view: &View) -> Frame {
    match before {
        Some(before) => Frame::Change {
            change: Box::new(ViewChange::between(before, view)),
        },
        None => Frame::View {
            view: Box::new(view.clone()),
        },
    }
}

/// Sends one frame; says whether the client took it in time.
async fn send(sink: &mut SplitSink<WebSocket, Message>, frame: Frame, shared: &Shared) -> bool {
    let Ok(text) = serde_json::to_string(&frame) else {
        return false;
    };
    let sent = tokio::time::timeout(shared.limits.send, sink.send(Message::text(text))).await;
    matches!(sent, Ok(Ok(())))
}

/// A client that does not read: it is told so, should it look again within a moment.
async fn give_up(sink: &mut SplitSink<WebSocket, Message>) {
    let reason = Message::Close(Some(CloseFrame {
        code: close_code::POLICY,
        reason: Utf8Bytes::from_static("too slow; connect again for the newest view"),
    }));
    let _ = tokio::time::timeout(GOODBYE_MAX, sink.send(reason)).await;
    tracing::info!("a page took no view in time and was disconnected");
}
