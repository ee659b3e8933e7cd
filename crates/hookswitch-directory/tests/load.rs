//! Each rule of a load, and the code that breaking it has.

use hookswitch_directory::load::{Code, Entry, Limits, List, Load, LoadError, Mode, Why};
use hookswitch_model::{Limits as Table, Profile};

const LIMITS: Limits = Limits {
    entries: 4,
    entries_in_all: 6,
};

fn take(load: &mut Load, list: List, numbers: &[i64]) -> Result<(), LoadError> {
    for (number, line) in numbers.iter().zip(1..) {
        let entry = Entry {
            first: *number,
            last: *number,
            line: Some(line),
        };
        load.take(list, entry)?;
    }
    Ok(())
}

#[track_caller]
fn refused(list: List, numbers: &[i64], why: Why, code: Code) {
    let mut load = Load::new(false, LIMITS);
    let error = take(&mut load, list, numbers).expect_err("it breaks a rule");
    let index = numbers.len() as u64 - 1;
    assert_eq!((error.why, error.code()), (why, code));
    assert_eq!((error.list, error.index), (Some(list), index));
    assert_eq!(
        (error.number, error.line),
        (numbers[index as usize], Some(index + 1))
    );
    assert_eq!(load.take(List::Blocking, Entry::number(99)), Err(error));
    assert_eq!(load.finish(0, 0), Err(error));
}

#[test]
fn each_broken_rule_has_its_code_and_its_place() {
    use List::{Blocking, BlockingRemovals, Identification, IdentificationRemovals};
    refused(
        Blocking,
        &[5, 9, 8],
        Why::Smaller(9),
        Code::EntriesOutOfOrder,
    );
    refused(Blocking, &[5, 5], Why::Same, Code::DuplicateEntries);
    refused(
        Identification,
        &[5, 4],
        Why::Smaller(5),
        Code::EntriesOutOfOrder,
    );
    refused(Blocking, &[0], Why::NotPositive, Code::Unknown);
    refused(Identification, &[7, -1], Why::NotPositive, Code::Unknown);
    refused(
        Blocking,
        &[1, 2, 3, 4, 5],
        Why::TooMany(4),
        Code::MaximumEntriesExceeded,
    );
    let removal = (Why::RemovalInFull, Code::UnexpectedIncrementalRemoval);
    refused(BlockingRemovals, &[5], removal.0, removal.1);
    refused(IdentificationRemovals, &[5], removal.0, removal.1);
}

#[test]
fn numbers_do_not_reach_a_log() {
    let mut load = Load::new(false, LIMITS);
    let numbers = [493_012_345_678, 493_012_345_670];
    let error = take(&mut load, List::Blocking, &numbers).expect_err("smaller");
    assert!(!format!("{error:?}").contains("49301"), "{error:?}");
    let words = "line 2, number 493012345670: smaller than 493012345678 before it: sort by number";
    assert_eq!(error.to_string(), words);
}

#[test]
fn the_codes_are_apples() {
    for (number, code) in Code::ALL.into_iter().enumerate() {
        assert_eq!(code as usize, number, "{}", code.name());
    }
    let code = |why| LoadError::of(why).code() as u8;
    assert_eq!(code(Why::Interrupted), 2);
    assert_eq!(code(Why::NoExtension), 1);
    assert_eq!(code(Why::Disabled), 6);
    assert_eq!(code(Why::Loading), 7);
    assert_eq!(code(Why::SameLabel), 4);
    assert_eq!(code(Why::Storage), 0);
}

#[test]
fn a_load_is_incremental_only_if_asked_first_and_with_data() {
    let mut load = Load::new(true, LIMITS);
    assert!(load.ask_incremental());
    assert!(take(&mut load, List::BlockingRemovals, &[3, 4]).is_ok());
    assert!(load.remove_all(List::Identification).is_ok());
    assert_eq!(load.removed_all(), (false, true));
    let mut load = Load::new(true, LIMITS);
    assert!(take(&mut load, List::Blocking, &[3]).is_ok());
    assert!(!load.ask_incremental(), "it was asked too late");
    let mut load = Load::new(false, LIMITS);
    assert!(!load.ask_incremental(), "there is nothing to add to");
    assert_eq!(load.mode(), Mode::Full);
    let error = load.remove_all(List::Blocking).expect_err("a full load");
    assert_eq!(error.code(), Code::UnexpectedIncrementalRemoval);
}

#[test]
fn a_number_may_come_again_for_another_label_and_lists_are_apart() {
    let mut load = Load::new(false, LIMITS);
    assert!(take(&mut load, List::Identification, &[5, 5, 6]).is_ok());
    assert!(take(&mut load, List::Blocking, &[1]).is_ok());
    let error = load.fail(List::Identification, Why::SameLabel, &Entry::number(6));
    assert_eq!((error.index, error.code()), (2, Code::DuplicateEntries));
}

#[test]
fn ranges_ascend_too() {
    let mut load = Load::new(false, LIMITS);
    let range = |first, last| Entry {
        first,
        last,
        line: None,
    };
    assert_eq!(load.take(List::Blocking, range(10, 19)), Ok((10, 19)));
    assert_eq!(load.take(List::Blocking, range(20, 29)), Ok((20, 29)));
    let error = load
        .take(List::Blocking, range(25, 40))
        .expect_err("overlap");
    assert_eq!(error.why, Why::Smaller(29));
    let mut load = Load::new(false, LIMITS);
    assert!(load.take(List::Blocking, range(9, 8)).is_err());
}

#[test]
fn what_there_would_be_in_all_is_limited() {
    let load = Load::new(false, LIMITS);
    assert_eq!(load.finish(4, 2), Ok(()));
    let why = |result: Result<(), LoadError>| result.expect_err("too many").why;
    assert_eq!(why(load.finish(5, 0)), Why::TooMany(4));
    assert_eq!(why(load.finish(4, 3)), Why::TooManyInAll(6));
    let native = Limits::of(&Table::of(Profile::Native));
    assert_eq!(
        (native.entries, native.entries_in_all),
        (50_000_000, 100_000_000)
    );
    assert_eq!(Limits::of(&Table::of(Profile::CallKit)).entries, 1_999_999);
}
