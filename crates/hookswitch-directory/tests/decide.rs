//! The order of the rules, and that the trace tells the whole story.

use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_directory::decide::{
    Caller, Contact, MemoryList, OwnBlocks, Presented, Source, UserRules, decide,
};
use hookswitch_model::{
    CallerRules, Candidate, Decision, DirectoryRule, Entry, Finding, Formed, NumberPattern, Text,
    Verdict, Wall,
};
use proptest::prelude::*;

const NOW: Wall = Wall::from_millis(1_000_000_000);
const SPAM: u64 = 4_490_123_456;

fn text(text: &str) -> Text {
    Text::new(text).expect("a text")
}

fn list(name: &str, order: u32, blocked: &[u64], labels: &[(u64, &str)]) -> MemoryList {
    let mut list = MemoryList::new(text(name), order);
    let blocked = blocked.iter().map(|n| (*n, *n)).collect();
    let labels = labels.iter().map(|(n, label)| (*n, text(label))).collect();
    list.load(blocked, labels, Wall::from_millis(500));
    list
}

fn caller(number: u64) -> Caller {
    let candidate = Candidate {
        number,
        formed: Formed::International,
    };
    Caller {
        presented: Presented::Number,
        candidates: vec![candidate],
        short: None,
        address: None,
        contact: Contact::Unknown,
        called: None,
    }
}

fn pattern(text: &str) -> BTreeSet<NumberPattern> {
    BTreeSet::from([NumberPattern::parse(text).expect("a pattern")])
}

#[derive(Debug, Default)]
struct World {
    rules: CallerRules,
    blocked: OwnBlocks,
    lists: Vec<MemoryList>,
}

impl World {
    fn decide(&self, caller: &Caller) -> Decision {
        let user = UserRules {
            callers: &self.rules,
            blocked: &self.blocked,
            regions: &[*b"GB"],
        };
        let sources: Vec<&dyn Source> = self.lists.iter().map(|list| list as _).collect();
        let decision = decide(caller, &user, &sources, NOW);
        assert_eq!(decision.replay(), (decision.verdict, decision.decided_by));
        decision
    }

    fn says(&self, caller: &Caller) -> &'static str {
        let decision = self.decide(caller);
        let rule = decision.decisive().map(|step| step.rule);
        assert_eq!(
            decision.verdict,
            rule.map_or(Verdict::Ring, DirectoryRule::verdict)
        );
        rule.map_or("nothing", DirectoryRule::name)
    }
}

/// Every rule matches; one after the other is switched off, and the next one decides.
#[test]
fn the_order_is_the_order_of_the_table() {
    let mut world = World {
        rules: CallerRules {
            blocked: pattern("+4490*"),
            exceptions: pattern("+44901*"),
            block_anonymous: true,
            block_unknown: true,
            trust_contacts: true,
            trust_called: true,
            call_back: Duration::from_secs(600),
        },
        blocked: own_blocks(vec![SPAM]),
        lists: vec![list("fritz", 0, &[SPAM], &[])],
    };
    let mut who = caller(SPAM);
    who.contact = Contact::Known(text("Ana"));
    who.called = Some(Wall::from_millis(NOW.as_millis() - 60_000));
    who.short = Some(text("112"));
    assert_eq!(world.says(&who), "emergency");
    who.short = None;
    assert_eq!(world.says(&who), "trusted-contact");
    world.rules.trust_contacts = false;
    assert_eq!(world.says(&who), "trusted-called");
    world.rules.trust_called = false;
    assert_eq!(world.says(&who), "own-block");
    world.blocked = OwnBlocks::default();
    assert_eq!(world.says(&who), "own-exception");
    world.rules.exceptions.clear();
    assert_eq!(world.says(&who), "called-back");
    world.rules.call_back = Duration::from_secs(59);
    assert_eq!(world.says(&who), "own-pattern");
    world.rules.blocked.clear();
    assert_eq!(world.says(&who), "list");
    world.lists[0].enable(false);
    assert_eq!(world.says(&who), "nothing", "a contact is not unknown");
    who.contact = Contact::Unknown;
    assert_eq!(world.says(&who), "not-in-contacts");
    who.presented = Presented::Withheld;
    who.candidates.clear();
    assert_eq!(world.says(&who), "anonymous");
    who.contact = Contact::NoContacts;
    world.rules.block_anonymous = false;
    assert_eq!(
        world.says(&who),
        "nothing",
        "there are no contacts to be in"
    );
}

#[test]
fn a_contact_or_a_call_made_unblocks_only_if_the_user_says_so() {
    let mut world = World {
        lists: vec![list("fritz", 0, &[SPAM], &[])],
        ..World::default()
    };
    let mut who = caller(SPAM);
    who.contact = Contact::Known(text("Ana"));
    who.called = Some(Wall::from_millis(1));
    assert_eq!(world.says(&who), "list");
    let trace = world.decide(&who);
    let off = trace.steps.iter().filter(|step| !step.in_force);
    let seen: Vec<_> = off.map(|step| (step.rule, step.finding.clone())).collect();
    assert!(seen.contains(&(
        DirectoryRule::TrustedContact,
        Finding::Match(Entry::Contact(text("Ana")))
    )));
    assert!(
        seen.iter()
            .any(|(rule, _)| *rule == DirectoryRule::TrustedCalled)
    );
    for (trust, rule) in [
        ("contacts", "trusted-contact"),
        ("called", "trusted-called"),
    ] {
        world.rules.trust_contacts = trust == "contacts";
        world.rules.trust_called = trust == "called";
        assert_eq!(world.says(&who), rule);
        let overridden = world.decide(&who).overridden().map(|step| step.rule);
        assert_eq!(
            overridden,
            Some(DirectoryRule::List),
            "the log says what was overridden"
        );
    }
}

#[test]
fn one_list_that_blocks_is_enough_whatever_their_order_and_labels_follow_the_order() {
    let named = caller(12_025_550_101);
    for order in [[0, 1], [1, 0]] {
        let mut world = World {
            lists: vec![
                list(
                    "names",
                    order[0],
                    &[],
                    &[(12_025_550_101, "Acme"), (SPAM, "Sales")],
                ),
                list("blocks", order[1], &[SPAM], &[(12_025_550_101, "Spam?")]),
            ],
            ..World::default()
        };
        let decision = world.decide(&caller(SPAM));
        assert_eq!(decision.verdict, Verdict::Block);
        let by = decision.decisive().and_then(|step| step.list.clone());
        let by = by.expect("a list decides");
        assert_eq!((by.name.as_str(), by.generation), ("blocks", 1));
        assert_eq!(by.loaded, Some(Wall::from_millis(500)));
        let label = decision.label().expect("a label");
        assert_eq!(label.text.as_str(), "Sales", "it is named and blocked");
        let first = world.decide(&named);
        let want = if order == [0, 1] { "Acme" } else { "Spam?" };
        assert_eq!(first.label().expect("a label").text.as_str(), want);
        assert_eq!(first.labels.len(), 2);
        assert_eq!(first.verdict, Verdict::Ring, "a label never blocks");
        world.lists[1].enable(false);
        assert_eq!(world.says(&caller(SPAM)), "nothing");
        let step = world.decide(&caller(SPAM)).steps;
        assert!(step.iter().any(|step| step.finding == Finding::NotAsked));
    }
}

#[test]
fn several_labels_of_one_number_keep_their_order_and_a_contact_goes_first() {
    let world = World {
        lists: vec![list("names", 0, &[], &[(5_550_101, "B"), (5_550_101, "A")])],
        ..World::default()
    };
    let mut who = caller(5_550_101);
    let names = |decision: &Decision| -> Vec<String> {
        let labels = decision.labels.iter();
        labels.map(|label| label.text.as_str().to_owned()).collect()
    };
    assert_eq!(names(&world.decide(&who)), ["B", "A"]);
    who.contact = Contact::Known(text("Ana"));
    assert_eq!(names(&world.decide(&who)), ["Ana", "B", "A"]);
}

#[test]
fn emergency_numbers_are_blocked_by_nothing_and_other_short_numbers_by_the_user_only() {
    let mut world = World {
        blocked: OwnBlocks {
            addresses: ["999", "32665"].map(text).into(),
            ..OwnBlocks::default()
        },
        lists: vec![list("x", 0, &[999, 32_665, 32_666], &[])],
        ..World::default()
    };
    world.rules.block_unknown = true;
    let short = |digits: &str| Caller {
        candidates: Vec::new(),
        short: Some(text(digits)),
        address: Some(text(digits)),
        ..caller(0)
    };
    assert_eq!(world.says(&short("999")), "emergency");
    assert_eq!(world.says(&short("32665")), "own-block");
    world.rules.block_unknown = false;
    assert_eq!(
        world.says(&short("32666")),
        "nothing",
        "lists hold whole numbers"
    );
}

/// <https://developer.apple.com/forums/thread/811182>: who is blocked has to see that it counts.
#[test]
fn an_address_in_the_own_list_blocks_and_is_named() {
    let mut world = World::default();
    world.blocked.addresses.insert(text("ana@example.org"));
    let who = |address: &str| Caller {
        presented: Presented::Address,
        candidates: Vec::new(),
        address: Some(text(address)),
        ..caller(0)
    };
    let decision = world.decide(&who("ana@example.org"));
    assert_eq!(decision.verdict, Verdict::Block);
    let found = decision.decisive().map(|step| step.finding.clone());
    let entry = Entry::Address(text("ana@example.org"));
    assert_eq!(found, Some(Finding::Match(entry)));
    assert_eq!(world.says(&who("bo@example.org")), "nothing");
}

#[test]
fn any_candidate_is_enough() {
    let world = World {
        lists: vec![list("x", 0, &[SPAM], &[])],
        ..World::default()
    };
    let mut who = caller(999_999_999);
    who.candidates.push(Candidate {
        number: SPAM,
        formed: Formed::National(*b"GB"),
    });
    let decision = world.decide(&who);
    let found = decision.decisive().map(|step| step.finding.clone());
    assert_eq!(found, Some(Finding::Match(Entry::Number(SPAM))));
}

fn any_world() -> impl Strategy<Value = (World, Caller)> {
    let set = || proptest::collection::vec(1_u64..40, 0..6);
    let flags = any::<[bool; 6]>();
    let patterns = proptest::collection::vec(1_u64..5, 0..2);
    let lists = proptest::collection::vec((set(), any::<bool>(), 0_u32..3), 0..4);
    let who = (
        set(),
        0_u8..3,
        0_u8..3,
        proptest::option::of(0_i64..4),
        any::<bool>(),
    );
    (
        flags,
        patterns.clone(),
        patterns,
        set(),
        lists,
        who,
        0_u64..3,
    )
        .prop_map(|(flags, blocked, exceptions, own, lists, who, back)| {
            let patterns = |digits: Vec<u64>| {
                let all = digits
                    .iter()
                    .map(|d| NumberPattern::parse(&format!("{d}*")));
                all.map(|p| p.expect("a pattern")).collect()
            };
            let rules = CallerRules {
                blocked: patterns(blocked),
                exceptions: patterns(exceptions),
                block_anonymous: flags[0],
                block_unknown: flags[1],
                trust_contacts: flags[2],
                trust_called: flags[3],
                call_back: Duration::from_millis(back),
            };
            let lists = lists.into_iter().enumerate().map(|(at, (set, on, order))| {
                let mut one = list(&format!("l{at}"), order, &set, &[]);
                one.enable(on);
                one
            });
            let world = World {
                rules,
                blocked: own_blocks(own),
                lists: lists.collect(),
            };
            (world, any_caller(who))
        })
}

fn own_blocks(numbers: Vec<u64>) -> OwnBlocks {
    OwnBlocks {
        numbers: numbers.into_iter().collect(),
        ..OwnBlocks::default()
    }
}

fn any_caller(who: (Vec<u64>, u8, u8, Option<i64>, bool)) -> Caller {
    let (numbers, presented, contact, called, short) = who;
    let candidates = numbers.into_iter().map(|number| Candidate {
        number,
        formed: Formed::International,
    });
    Caller {
        candidates: candidates.collect(),
        presented: match presented {
            0 => Presented::Number,
            1 => Presented::Address,
            _ => Presented::Withheld,
        },
        short: short.then(|| text("112")),
        address: None,
        contact: match contact {
            0 => Contact::NoContacts,
            1 => Contact::Unknown,
            _ => Contact::Known(text("Ana")),
        },
        called: called.map(|ago| Wall::from_millis(NOW.as_millis() - ago)),
    }
}

/// The rules once more, as one sentence each.
fn expected(world: &World, who: &Caller) -> Option<DirectoryRule> {
    use DirectoryRule as R;
    let numbers: Vec<u64> = who.candidates.iter().map(|c| c.number).collect();
    let fits =
        |set: &BTreeSet<NumberPattern>| numbers.iter().any(|n| set.iter().any(|p| p.matches(*n)));
    let rules = &world.rules;
    let back = i64::try_from(rules.call_back.as_millis()).expect("small");
    let ago = who.called.map(|at| NOW.as_millis() - at.as_millis());
    let on = world.lists.iter().filter(|list| list.is_enabled());
    let mut blocks = on.map(|list| numbers.iter().any(|n| list.blocks(*n)));
    let table = [
        (R::Emergency, who.short.is_some()),
        (
            R::TrustedContact,
            rules.trust_contacts && matches!(who.contact, Contact::Known(_)),
        ),
        (R::TrustedCalled, rules.trust_called && ago.is_some()),
        (
            R::OwnBlock,
            numbers.iter().any(|n| world.blocked.numbers.contains(n)),
        ),
        (R::OwnException, fits(&rules.exceptions)),
        (
            R::CalledBack,
            back > 0 && ago.is_some_and(|ago| ago <= back),
        ),
        (R::OwnPattern, fits(&rules.blocked)),
        (R::List, blocks.any(|blocks| blocks)),
        (
            R::Anonymous,
            rules.block_anonymous && who.presented == Presented::Withheld,
        ),
        (
            R::NotInContacts,
            rules.block_unknown && who.contact == Contact::Unknown,
        ),
    ];
    table
        .into_iter()
        .find(|(_, holds)| *holds)
        .map(|(rule, _)| rule)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_decision_is_the_one_of_the_table_and_its_trace_replays(
        (world, who) in any_world()
    ) {
        let decision = world.decide(&who);
        let rule = decision.decisive().map(|step| step.rule);
        prop_assert_eq!(rule, expected(&world, &who));
        prop_assert_eq!(&decision, &world.decide(&who));
        prop_assert_eq!(decision.steps.len(), 9 + world.lists.len());
    }
}
