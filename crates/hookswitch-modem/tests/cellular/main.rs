//! The cellular line on the real ModemManager and the real oFono, with the real daemon: each story
//! is told once and runs on both.

mod comes_and_goes;
mod stories;
mod voip;
mod waiting;
mod world;

/// One test for each daemon of the modem.
macro_rules! on_both {
    ($($story:path as $name:ident;)*) => {
        mod on_modem_manager {
            $(#[tokio::test]
            async fn $name() {
                $story(crate::world::World::start(crate::world::Kind::ModemManager).await).await;
            })*
        }
        mod on_ofono {
            $(#[tokio::test]
            async fn $name() {
                $story(crate::world::World::start(crate::world::Kind::Ofono).await).await;
            })*
        }
    };
}

on_both! {
    crate::stories::incoming as an_incoming_call_rings_is_answered_and_ends;
    crate::stories::withheld as a_withheld_number_is_no_one;
    crate::stories::declined as a_declined_call_ends_at_the_network;
    crate::stories::canceled as a_caller_gives_up;
    crate::stories::outgoing as an_outgoing_call_connects;
    crate::stories::busy as a_busy_number_ends_the_call;
    crate::stories::emergency as the_cards_emergency_numbers_are_emergencies;
    crate::stories::hold as one_call_is_held_and_resumed;
    crate::stories::digits as digits_reach_the_network_in_order;
    crate::waiting::hold_and_answer as a_waiting_call_is_answered_by_holding;
    crate::waiting::end_and_answer as a_waiting_call_is_answered_by_ending;
    crate::waiting::decline as declining_the_waiting_call_ends_only_it;
    crate::waiting::first_ends as a_waiting_call_outlives_the_first;
    crate::waiting::merge_and_split as two_calls_are_merged_and_split;
    crate::waiting::second_dialed as dialing_holds_the_active_call;
    crate::voip::cellular_rings as a_voip_call_is_held_before_the_modem_answers;
    crate::voip::voip_rings as ending_the_cellular_call_for_a_voip_call_is_told_before;
    crate::comes_and_goes::daemon_killed as the_modems_daemon_dies_in_a_call;
    crate::comes_and_goes::bridge_killed as the_line_itself_dies_in_a_call;
    crate::comes_and_goes::signal_lost as the_signal_is_lost_in_a_call;
    crate::comes_and_goes::answer_refused as a_modem_that_cannot_answer;
}
