//! Several calls at once, by sipp.

use std::process::Command;

use hookswitch_phone::system::{Action, SystemEvent};
use hookswitch_testbed::Process;

use super::phone::{PATIENCE, TestPhone};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_calls_of_sipp_live_at_once_and_end() {
    let mut phone = TestPhone::start(vec![]).await;
    let mut sipp = sipp(&phone, &["-m", "8", "-l", "8", "-r", "8", "-d", "3000"]);
    for _call in 0..8 {
        let (key, _party) = phone.incoming().await;
        phone.say(SystemEvent::Accepted(key.clone())).await;
        assert_eq!(phone.ask(&key, Action::Answer).await, Ok(()));
    }
    phone
        .until("eight calls live", |status| status.calls.len() == 8)
        .await;
    phone
        .until("no call is left", |status| status.calls.is_empty())
        .await;
    let status = sipp.wait(PATIENCE);
    assert!(status.success(), "sipp failed: {}", sipp.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_seventeenth_call_is_busy_and_disturbs_nobody() {
    let mut phone = TestPhone::start(vec![]).await;
    let _first = sipp(&phone, &["-m", "16", "-l", "16", "-r", "16", "-d", "60000"]);
    for _call in 0..16 {
        let (key, _party) = phone.incoming().await;
        phone.say(SystemEvent::Accepted(key)).await;
    }
    let mut one_more = sipp(&phone, &["-m", "1", "-timeout", "5s"]);
    assert!(
        !one_more.wait(PATIENCE).success(),
        "the call should have been refused"
    );
    assert_eq!(phone.handle.status().calls.len(), 16);
}

fn sipp(phone: &TestPhone, more: &[&str]) -> Process {
    let mut command = Command::new("sipp");
    command
        .args(["-sn", "uac", "-i", "127.0.0.1", "-s", "phone", "-nostdin"])
        .args(more)
        .arg(phone.address.to_string())
        .env("TERM", "dumb")
        .current_dir(std::env::temp_dir());
    Process::spawn("sipp", command)
}
