//! The lock of the screen, as the session tells it.
//!
//! Input: `ActiveChanged` of `org.freedesktop.ScreenSaver`, which the desktops send when they lock;
//! orders to show the unlock screen. Output: [`Environment::Locked`].
//!
//! # Promises
//!
//! - **LO1** without such a service the screen counts as unlocked, and nothing waits.
//! - **LO2** nothing is ever unlocked from here: the unlock screen is woken, the person unlocks.

use std::time::Duration;

use futures_util::StreamExt;
use hookswitch_core::Environment;
use tokio::sync::mpsc;
use zbus::Connection;

use crate::port::Inbox;

/// Longest wait for the service.
const SERVICE_MAX: Duration = Duration::from_secs(2);
/// Most orders to show the unlock screen that wait.
pub const UNLOCKS_MAX: usize = 4;

#[zbus::proxy(
    interface = "org.freedesktop.ScreenSaver",
    default_service = "org.freedesktop.ScreenSaver",
    default_path = "/org/freedesktop/ScreenSaver"
)]
trait ScreenSaver {
    fn get_active(&self) -> zbus::Result<bool>;

    fn simulate_user_activity(&self) -> zbus::Result<()>;

    #[zbus(signal)]
    fn active_changed(&self, on: bool) -> zbus::Result<()>;
}

/// Follows the lock and wakes the unlock screen, until the bus goes away.
pub(crate) async fn follow(
    connection: &Connection,
    unlocks: &mut mpsc::Receiver<()>,
    inbox: &Inbox,
) -> zbus::Result<()> {
    let screen = ScreenSaverProxy::new(connection).await?;
    let mut changes = screen.receive_active_changed().await?;
    if let Ok(Ok(true)) = tokio::time::timeout(SERVICE_MAX, screen.get_active()).await {
        inbox.tell(Environment::Locked(true)).await;
    }
    loop {
        tokio::select! {
            change = changes.next() => {
                let Some(change) = change else { return Ok(()) };
                let on = *change.args()?.on();
                inbox.tell(Environment::Locked(on)).await;
            }
            order = unlocks.recv() => {
                let Some(()) = order else { return Ok(()) };
                let woken = tokio::time::timeout(SERVICE_MAX, screen.simulate_user_activity());
                if !matches!(woken.await, Ok(Ok(()))) {
                    tracing::warn!("the unlock screen could not be woken; unlock it by hand");
                }
            }
        }
    }
}
