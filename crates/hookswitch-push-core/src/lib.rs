//! The push core: what may still be delivered, and who still has to report a call.
//!
//! Decides, on both ends of the push link, whether a push is still fresh; which push a device that
//! was away gets; and what an app owes after it was woken. Input: events with the time of the
//! machine that they happened on. Output: effects, plain data. The two machines share no clock.
//!
//! # Promises
//!
//! *A* is the instant at which the gateway has read the whole request; *E* is its expiry; *D* is
//! the instant at which the app's callback begins. A date in the future gives E; 0 or a date in
//! the past gives E = A + W, the immediate window.
//!
//! - **I1** no callback begins after E: under freeze, suspend, loss of the network, jumps of any
//!   wall clock, a gateway or an engine that fails over.
//! - **I2** at most one push is stored for one app and service of one device.
//! - **I3** the newest accepted push is the one that is stored.
//! - **I4** nothing goes to a session that another one replaced.
//! - **I5** no push begins twice in one process of an app, nor again after it was completed.
//! - **I6** a sender is answered 200 only after its push was offered, stored or dropped.
//! - **I7** a token that is registered again is alive again.
//!
//! I1 holds without synchronized clocks: the device proves freshness by its own boot clock, see
//! [`fresh`]. Only dates lean on the gateway's UTC, see [`time::Wall`].
//!
//! # Not here
//!
//! Sockets, TLS, HTTP, random numbers, storage: `hookswitch-push` and `hookswitch-push-link`.

pub mod apns;
pub mod codec;
pub mod device;
pub mod duty;
pub mod frame;
pub mod fresh;
pub mod gateway;
pub mod limits;
pub mod push;
pub mod time;
pub mod tokens;
