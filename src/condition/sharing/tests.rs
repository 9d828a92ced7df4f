//! Isolates over one board.

use std::rc::Rc;

use proptest::prelude::*;

use super::Round;
use crate::condition::board::NAME;
use crate::condition::{Condition, Conditions};
use crate::pool::judgement::{Effect, Judgement, Scope};
use crate::shared::Object;

const WELL: Effect = Effect::Well;
const FAILS: Effect = Effect::Failure;
const BROKEN: Effect = Effect::Broken;
const REST: Effect = Effect::Rest {
    millis: 5_000,
    is_its_word: true,
};

fn note(condition: &Condition, effect: Effect, now: u64) {
    let judgement = Judgement {
        scope: Scope::Deployment,
        effect,
        goes_on: true,
        reason: None,
        wait_millis: None,
    };
    condition.note(&judgement, "500", now);
}

/// What `share` does, over an object whose clock is another.
fn share(isolate: &Conditions, object: &mut Object, now: u64) -> bool {
    let Some((round, message)) = Round::begin(isolate, now) else {
        return false;
    };
    let answer = object.ask(&message, now + 1_000_000_000).unwrap();
    round.end(serde_json::from_str(&answer).ok(), now);
    true
}

/// A call that a pool made after a choice.
fn call(isolate: &Conditions, target: &str, now: u64) -> Rc<Condition> {
    let condition = isolate.of(target, "p");
    condition.compared(now);
    drop(condition.clone().visit(0, now));
    condition
}

#[test]
fn there_is_something_to_say_after_a_change_or_now_and_then() {
    assert_eq!(NAME, "conditions");
    let (isolate, mut object) = (Conditions::default(), Object::default());
    assert!(!isolate.wants_sharing(0), "nothing was asked");
    let only = isolate.of("p/only", "p");
    drop(only.clone().visit(5, 0));
    note(&only, BROKEN, 0);
    assert!(!isolate.wants_sharing(0), "nobody chooses");
    let one = call(&isolate, "p/x", 0);
    assert!(
        share(&isolate, &mut object, 0),
        "what others know is news here"
    );
    assert!(!isolate.wants_sharing(5_000), "idle");
    call(&isolate, "p/x", 2_000);
    assert!(!isolate.wants_sharing(2_999) && isolate.wants_sharing(3_000));
    note(&one, REST, 2_001);
    assert!(isolate.wants_sharing(2_001));
    let (round, _) = Round::begin(&isolate, 2_001).unwrap();
    assert!(Round::begin(&isolate, 2_002).is_none(), "one at a time");
    drop(round);
    assert!(
        !isolate.wants_sharing(3_000),
        "it was killed, or so it seems"
    );
    assert!(
        isolate.wants_sharing(3_001),
        "and what it said was not heard"
    );
    assert!(!isolate.is_degraded(3_001));
    let (round, _) = Round::begin(&isolate, 3_001).unwrap();
    round.end(None, 3_201);
    assert!(isolate.is_degraded(3_201) && !isolate.wants_sharing(8_200));
    assert!(share(&isolate, &mut object, 8_201));
    assert!(!isolate.is_degraded(8_201));
}

#[test]
fn what_one_sees_the_others_know() {
    let mut object = Object::default();
    let (one, other) = (Conditions::default(), Conditions::default());
    for isolate in [&one, &other] {
        call(isolate, "p/x", 0);
        share(isolate, &mut object, 0);
    }
    let word = |now| call(&other, "p/x", now).snapshot(now).word(now);
    let now = 10_000;
    note(&call(&one, "p/x", now), REST, now);
    assert!(share(&one, &mut object, now));
    assert_eq!(word(now), "healthy", "nobody has told it");
    assert!(share(&other, &mut object, now));
    assert_eq!(word(now + 4_999), "rate_limited");
    assert_eq!(word(now + 5_000), "healthy");
    let now = 20_000;
    (0..3).for_each(|_| note(&call(&one, "p/x", now), FAILS, now));
    share(&one, &mut object, now);
    call(&other, "p/x", now);
    share(&other, &mut object, now);
    assert_eq!(word(now), "error");
    note(&call(&other, "p/x", now + 1), WELL, now + 1);
    assert!(share(&other, &mut object, now + 1));
    call(&one, "p/x", now + 3_000);
    assert!(share(&one, &mut object, now + 3_000));
    assert_eq!(one.met("p/x", now).unwrap().word(now), "healthy");
}

#[test]
fn who_comes_later_hears_of_trouble_alone() {
    let mut object = Object::default();
    let (one, other) = (Conditions::default(), Conditions::default());
    for (now, target, effect) in [
        (1, "p/well", BROKEN),
        (2, "p/busy", REST),
        (3, "p/well", WELL),
    ] {
        note(&call(&one, target, now), effect, now);
        assert!(share(&one, &mut object, now));
    }
    call(&other, "p/x", 4);
    assert!(share(&other, &mut object, 4));
    assert!(other.has_part("p/busy") && !other.has_part("p/well"));
    assert_eq!(other.of("p/busy", "p").snapshot(4).word(4), "rate_limited");
}

#[test]
fn who_hears_of_a_failure_tries_later_than_who_saw_it() {
    let mut object = Object::default();
    let isolates: Vec<Conditions> = (0..4).map(|_| Conditions::default()).collect();
    note(&call(&isolates[0], "p/x", 1), BROKEN, 1);
    let mut untils = Vec::new();
    for isolate in &isolates {
        call(isolate, "p/x", 1);
        share(isolate, &mut object, 1);
        let crate::condition::Held::Failing { until_millis } =
            isolate.met("p/x", 1).unwrap().standing
        else {
            panic!("it fails");
        };
        untils.push(until_millis - 1);
    }
    assert_eq!(untils, [60_000, 63_750, 67_500, 71_250]);
}

#[test]
fn tokens_of_all_are_counted_once() {
    let mut object = Object::default();
    let (one, other) = (Conditions::default(), Conditions::default());
    let mut now = 0;
    let mut use_and_share = |isolate: &Conditions, tokens: u64| {
        now += 3_000;
        call(isolate, "p/x", now).count(tokens, now);
        assert!(share(isolate, &mut object, now));
        let seen = isolate.met("p/x", now).unwrap();
        assert_eq!(seen.used_tokens, seen.provider_tokens);
        seen.used_tokens
    };
    assert_eq!(use_and_share(&one, 10), 10);
    assert_eq!(use_and_share(&one, 1), 11);
    assert_eq!(use_and_share(&other, 100), 111);
    assert_eq!(use_and_share(&one, 0), 111);
    assert_eq!(use_and_share(&other, 1000), 1111);
    assert_eq!(use_and_share(&one, 0), 1111);
}

#[test]
fn a_new_board_is_told_what_the_old_one_knew() {
    let (one, other) = (Conditions::default(), Conditions::default());
    let mut object = Object::default();
    let broken = call(&one, "p/x", 0);
    note(&broken, BROKEN, 0);
    broken.count(5, 0);
    share(&one, &mut object, 0);
    let text = object.rest().unwrap_or_default();
    let mut object = Object::restored(Some(&text), 0);
    // Another second, so another birth.
    for now in [3_000, 6_000] {
        call(&one, "p/x", now);
        assert!(share(&one, &mut object, now));
    }
    call(&other, "p/x", 6_000);
    assert!(share(&other, &mut object, 6_000));
    assert_eq!(other.met("p/x", 6_000).unwrap().word(6_000), "error");
}

proptest! {
    /// Whatever happens where and in which order, once all have spoken they agree.
    #[test]
    fn isolates_come_to_the_same(
        events in prop::collection::vec((0usize..2, 0usize..4, 1u64..4_000, any::<bool>()), 1..40),
    ) {
        let mut object = Object::default();
        let isolates = [Conditions::default(), Conditions::default()];
        let mut now = 0;
        for (isolate, effect, pause, shares) in events {
            now += pause;
            let condition = call(&isolates[isolate], "p/x", now);
            note(&condition, [WELL, FAILS, BROKEN, REST][effect], now);
            if shares {
                share(&isolates[isolate], &mut object, now);
            }
        }
        for isolate in [0, 1, 0, 1] {
            now += 6_000;
            call(&isolates[isolate], "p/x", now);
            prop_assert!(share(&isolates[isolate], &mut object, now));
        }
        let words = isolates.each_ref().map(|it| it.met("p/x", now).unwrap().word(now));
        prop_assert_eq!(words[0], words[1]);
    }
}
