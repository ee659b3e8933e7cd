//! What a peer hears, said back by it: sipp echoes our packets, by the A-law, over a hold.

use hookswitch_phone::sip::HoldWish;
use hookswitch_phone::system::Action;
use hookswitch_testbed::EchoPeer;

use super::phone::{PHONE_DBFS, PHONE_HZ, TestPhone};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_resumed_call_is_heard_by_the_peer_again() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut echo = EchoPeer::start();
    let key = phone.call(&echo.address()).await;
    phone.hears(PHONE_HZ, PHONE_DBFS).await;
    assert_eq!(phone.ask(&key, Action::Hold(HoldWish::Hold)).await, Ok(()));
    let held = phone.until("held", |status| status.calls[0].held).await;
    assert_eq!(
        phone.ask(&key, Action::Hold(HoldWish::Resume)).await,
        Ok(())
    );
    phone.hears(PHONE_HZ, PHONE_DBFS).await;
    let resumed = phone.handle.status();
    assert!(resumed.calls[0].audio.received > held.calls[0].audio.received);
    assert_eq!(phone.ask(&key, Action::End).await, Ok(()));
    let status = echo.wait();
    assert!(status.success(), "sipp failed: {}", echo.log());
}
