//! The user's hand: waits for a ringing call, answers it, and ends it.
//!
//! Run it beside `hookswitchd` and a calling app with `cargo run -p hookswitch --example
//! controller`.

use std::time::Duration;

use hookswitch::document::Phase;
use hookswitch::{AnswerMode, Controller};

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), hookswitch::Error> {
    let controller = Controller::connect().await?;
    let mut states = controller.watch();
    while let Some(state) = states.next().await {
        let ringing = state
            .calls
            .iter()
            .find(|call| matches!(call.phase, Phase::Ringing { .. }));
        let Some(call) = ringing else {
            continue;
        };
        println!("{} rings", call.name.as_deref().unwrap_or("Someone"));

        // Accepted is not done: the app answers, and the outcome follows.
        let answering = controller.answer(&call.id, AnswerMode::Auto).await?;
        let answered = controller.wait_finished(&answering, PATIENCE).await?;
        println!("answered: {answered}");

        let ending = controller.end(&call.id).await?;
        let ended = controller.wait_finished(&ending, PATIENCE).await?;
        println!("ended: {ended}");
        break;
    }
    Ok(())
}
