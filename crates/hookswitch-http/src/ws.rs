//! The WebSocket: the latest view at once, and again after every change.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use hookswitch_wire::view::{Frame, View};

use crate::reply::ApiError;
use crate::serve::Shared;

/// A client has nothing to send here but control frames.
const INBOUND_MAX: usize = 1024;

/// `GET /api/v1/ws`
pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let message = "This address speaks WebSocket. Use /api/v1/view for a single view.";
        return ApiError::new(StatusCode::UPGRADE_REQUIRED, "NotAWebSocket", message)
            .into_response();
    };
    let Ok(permit) = Arc::clone(&shared.sockets).try_acquire_owned() else {
        return ApiError::busy().into_response();
    };
    upgrade
        .max_message_size(INBOUND_MAX)
        .max_frame_size(INBOUND_MAX)
        .on_upgrade(move |socket| async move {
            serve(socket, &shared).await;
            drop(permit);
        })
}

async fn serve(socket: WebSocket, shared: &Shared) {
    let (mut sink, mut inbound) = socket.split();
    let mut views = shared.views.clone();
    let mut stopped = shared.stopped.clone();
    views.mark_changed();
    loop {
        tokio::select! {
            changed = views.changed() => {
                // While a slow client takes its view, newer ones replace each other in the watch.
                let latest = changed.ok().map(|()| Arc::clone(&views.borrow_and_update()));
                let Some(view) = latest else { break };
                if !send_view(&mut sink, &view, shared).await {
                    return;
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

/// Sends one view; says whether the client took it in time.
async fn send_view(sink: &mut SplitSink<WebSocket, Message>, view: &View, shared: &Shared) -> bool {
    let frame = Frame::View {
        view: Box::new(view.clone()),
    };
    let Ok(text) = serde_json::to_string(&frame) else {
        return false;
    };
    let sent = tokio::time::timeout(shared.limits.send, sink.send(Message::text(text))).await;
    matches!(sent, Ok(Ok(())))
}
