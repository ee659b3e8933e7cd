//! HTTP edge: the calling UI and its control API, on loopback only.
//!
//! Layer 3. Input: HTTP requests and WebSockets of the user's own clients. Output: parsed wishes
//! for the shell ([`HttpCommand`]), and views to every client. The contract is `docs/http.md`; the
//! daemon serves it as `/api/v1/openapi.json`.
//!
//! # Promises
//!
//! - **H1** without the token nothing is told and nothing is done; the token is compared in
//!   constant time and never logged.
//! - **H2** a foreign `Host` or `Origin` is refused, also for WebSockets (DNS rebinding).
//! - **H3** no call state lives here: views and refusals come from the shell.
//! - **H4** every queue, body and number of clients has a bound; every wait has a deadline
//!   ([`HttpLimits`]). A full inbox is the error `Busy`.
//! - **H5** a slow WebSocket client gets the latest view only, and is dropped after a deadline.
//!
//! # How the daemon uses this
//!
//! ```no_run
//! use std::sync::Arc;
//! use hookswitch_http::{DEFAULT_PORT, HttpEdge, HttpLimits, PORT_TRIES, Token, bind};
//! use hookswitch_wire::view::View;
//! use tokio::sync::{mpsc, watch};
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = bind(DEFAULT_PORT, PORT_TRIES).await?;       // 8733, else the next free one
//! let token = Token::generate()?;
//! let url = hookswitch_http::url(&listener)?;                 // http://127.0.0.1:8733
//! // The runtime file holds {"url": url, "token": token.as_str()}, mode 0600.
//! let login = token.login_url(&url);                          // http://127.0.0.1:8733/?token=…
//!
//! let (commands, mut inbox) = mpsc::channel(hookswitch_http::COMMANDS_MAX);
//! let (recents, mut queries) = mpsc::channel(hookswitch_http::QUERIES_MAX);
//! let (directory, mut asked) = mpsc::channel(hookswitch_http::QUERIES_MAX);
//! let (publish, views) = watch::channel(Arc::new(View::default()));
//! let (_icons, icons) = watch::channel(Arc::default());     // what apps brought along, checked
//! let (limits, rates) = (HttpLimits::default(), hookswitch_model::Limits::default());
//! let edge = HttpEdge {
//!     listener, token, commands, views, recents, directory, icons, limits, rates,
//! };
//! tokio::spawn(edge.serve(std::future::pending()));
//!
//! // For each HttpCommand { wish, reply } of `inbox`:
//! //   Event::Request { from: Requester::User, request: next_id, wish }
//! // and later, at Effect::Reply { request, result }: reply.send(result).
//! // For each RecentsQuery { filter, limit, before, reply } of `queries`: ask the store (off the
//! // runtime's threads), map with `hookswitch_wire::view::recents_entry`, reply.send(Ok(entries)).
//! // For each DirectoryQuery of `asked`: ask whoever keeps the lists.
//! // At Effect::Publish: publish.send_replace(Arc::new(hookswitch_wire::view::view(&input))).
//! # Ok(())
//! # }
//! ```
//!
//! # Not here
//!
//! Decisions, words for people (`hookswitch_wire::view`), the runtime file, the recents store.

mod api;
mod bind;
mod directory;
mod edge;
mod flood;
mod guard;
mod reply;
mod serve;
mod token;
mod ui;
mod wish;
mod ws;

pub use bind::{BindError, DEFAULT_PORT, PORT_TRIES, bind, url};
pub use directory::{
    DirectoryQuery, DirectoryRefusal, DirectoryReply, FileImport, ImportOptions, RefusalKind,
};
pub use edge::{
    COMMANDS_MAX, HttpCommand, HttpEdge, HttpLimits, Icon, Icons, QUERIES_MAX, RecentsFault,
    RecentsQuery,
};
pub use token::{Token, TokenError};
