//! Orders, row by row.

use super::{Candidate, Circumstances, Order, order};
use crate::condition::{Held, Quota, Snapshot};
use crate::pool::{Rules, Strategy};

const NOW: u64 = 1_000_000;

fn candidate(key: &str, priority: u32) -> Candidate<'_> {
    Candidate {
        key,
        priority,
        weight: 100,
        tpm: None,
        is_providers: false,
        snapshot: Snapshot::default(),
    }
}

fn given() -> Circumstances {
    Circumstances {
        now_millis: NOW,
        tokens: 100,
        dice: 7,
        conversation: None,
    }
}

fn rules(strategy: Strategy) -> Rules {
    Rules {
        strategy,
        ..Rules::default()
    }
}

fn failover(candidates: &[Candidate<'_>]) -> Order {
    order(&rules(Strategy::Failover), candidates, &given())
}

fn held(standing: Held) -> Candidate<'static> {
    let mut it = candidate("held", 1);
    it.snapshot.standing = standing;
    it
}

fn resting(millis: u64, is_its_word: bool) -> Candidate<'static> {
    held(Held::Resting {
        until_millis: NOW + millis,
        is_its_word,
    })
}

fn failing(millis: u64) -> Candidate<'static> {
    held(Held::Failing {
        until_millis: NOW + millis,
    })
}

fn used(tokens: u64, tpm: u64) -> Candidate<'static> {
    let mut it = candidate("used", 1);
    it.tpm = Some(tpm);
    it.snapshot.used_tokens = tokens;
    it
}

fn left(tokens: u64, millis: u64) -> Candidate<'static> {
    let mut it = candidate("left", 1);
    it.snapshot.quota = Some(Quota {
        tokens: Some(tokens),
        requests: None,
        until_millis: NOW + millis,
    });
    it
}

fn spare() -> Candidate<'static> {
    candidate("spare", 2)
}

#[test]
fn those_that_can_serve_come_by_priority_and_the_full_ones_behind_all() {
    let first = || candidate("first", 1);
    for (name, candidates, tried) in [
        ("as written", vec![first(), first()], [0, 1].as_slice()),
        ("ascending", vec![spare(), first(), spare()], &[1, 0, 2]),
        ("room", vec![used(900, 1000), spare()], &[0, 1]),
        ("no room", vec![used(901, 1000), spare()], &[1, 0]),
        ("fuller", vec![used(990, 1000), used(950, 1000)], &[1, 0]),
        ("never room", vec![used(0, 50), used(990, 1000)], &[1, 0]),
        ("enough is left", vec![left(100, 5), spare()], &[0, 1]),
        ("about to refuse", vec![left(99, 5), spare()], &[1, 0]),
        ("not any more", vec![left(99, 0), spare()], &[0, 1]),
        ("the sooner", vec![left(9, 5_000), left(9, 4_000)], &[1, 0]),
        (
            "to be tried, in its place",
            vec![failing(0), spare()],
            &[0, 1],
        ),
        ("rested", vec![resting(0, true), spare()], &[0, 1]),
        ("nobody", vec![], &[]),
    ] {
        let order = failover(&candidates);
        assert_eq!(order.tried, tried, "{name}");
        assert_eq!((order.last_resorts, order.wait_millis), (vec![], None));
    }
}

#[test]
fn who_asked_for_rest_has_it_and_the_others_are_last_resorts() {
    let until_millis = NOW + 1;
    let on_trial = || held(Held::OnTrial { until_millis });
    let guess = |millis| resting(millis, false);
    for (name, candidates, tried, last_resorts, wait_millis) in [
        (
            "its word",
            vec![resting(9, true), resting(5, true), spare()],
            vec![2],
            vec![],
            Some(5),
        ),
        (
            "a guess of ours before a failure",
            vec![failing(5), failing(4), guess(9), guess(8)],
            vec![],
            vec![3, 2, 1, 0],
            None,
        ),
        (
            "another call tries it",
            vec![on_trial(), spare()],
            vec![1],
            vec![0],
            None,
        ),
    ] {
        let expected = Order {
            tried,
            last_resorts,
            wait_millis,
        };
        assert_eq!(failover(&candidates), expected, "{name}");
    }
}

#[test]
fn a_limit_of_a_provider_is_compared_with_what_the_provider_used() {
    let mut one = used(0, 1000);
    one.snapshot.provider_tokens = 950;
    assert_eq!(failover(&[one.clone(), candidate("b", 1)]).tried, [0, 1]);
    one.is_providers = true;
    assert_eq!(failover(&[one, candidate("b", 1)]).tried, [1, 0]);
}

#[test]
fn the_least_loaded_comes_first() {
    let busy = |calls: u32| {
        let mut it = used(10, 1000);
        it.snapshot.in_flight = calls;
        it
    };
    let unknown = |tokens: u64| {
        let mut it = used(tokens, 0);
        it.tpm = None;
        it
    };
    for (name, candidates, expected) in [
        ("parts", vec![used(300, 1000), used(400, 2000)], vec![1, 0]),
        (
            "then tokens",
            vec![used(400, 2000), used(200, 1000)],
            vec![1, 0],
        ),
        ("then calls", vec![busy(2), busy(1)], vec![1, 0]),
        ("then as written", vec![busy(1), busy(1)], vec![0, 1]),
        (
            "a number and a part",
            vec![used(400, 2000), unknown(300)],
            vec![1, 0],
        ),
    ] {
        let got = order(&rules(Strategy::LeastLoaded), &candidates, &given());
        assert_eq!(got.tried, expected, "{name}");
    }
}

#[test]
fn turns_skip_who_is_not_there_and_stay_even() {
    let rules = rules(Strategy::RoundRobin);
    let mut pool: Vec<Candidate<'_>> = ["a", "b", "c"].map(|key| candidate(key, 1)).into();
    let first = |pool: &[Candidate<'_>]| order(&rules, pool, &given()).tried;
    assert_eq!(first(&pool), [0, 1, 2]);
    assert_eq!(first(&pool), [1, 2, 0]);
    pool[1] = resting(9, true);
    let firsts: Vec<usize> = (0..6).map(|_| first(&pool)[0]).collect();
    assert_eq!(firsts, [2, 0, 2, 0, 2, 0]);
    pool[1] = candidate("b", 1);
    assert_eq!(first(&pool), [1, 2, 0], "back in its turn");
}

#[test]
fn without_weights_each_has_its_turn() {
    let rules = rules(Strategy::Weighted);
    let mut pool = [candidate("a", 1), candidate("b", 1)];
    for candidate in &mut pool {
        candidate.weight = 0;
    }
    let firsts = [(); 4].map(|()| order(&rules, &pool, &given()).tried[0]);
    assert_eq!(firsts, [0, 1, 0, 1]);
}

#[test]
fn the_unknown_is_tried_once_and_then_the_quick_come_first() {
    let timed = |millis: Option<u64>, in_flight: u32| {
        let mut it = candidate("timed", 1);
        (it.snapshot.first_byte_millis, it.snapshot.in_flight) = (millis, in_flight);
        it
    };
    let firsts = |pool: &[Candidate<'_>]| {
        let mut counts = [0; 3];
        for dice in 0..1000 {
            let given = Circumstances { dice, ..given() };
            counts[order(&rules(Strategy::Fastest), pool, &given).tried[0]] += 1;
        }
        counts
    };
    let new = [timed(Some(5), 0), timed(None, 0), timed(Some(50), 0)];
    assert_eq!(firsts(&new), [0, 1000, 0]);
    let under_way = [timed(Some(5), 0), timed(None, 1), timed(Some(50), 0)];
    let [quick, unknown, slow] = firsts(&under_way);
    assert!(quick > 600 && (200..400).contains(&slow) && unknown < 20);
    let two = [timed(Some(50), 0), timed(Some(5), 0)];
    let [slow, quick, _] = firsts(&two);
    assert!(
        quick > 970 && slow > 0,
        "now and then one finds out: {slow}"
    );
}

#[test]
fn a_conversation_stays_unless_there_is_too_much_to_do() {
    let rules = rules(Strategy::Affinity);
    let mut pool: Vec<Candidate<'_>> = ["a/m", "b/m", "c/m"].map(|key| candidate(key, 1)).into();
    let tried = |pool: &[Candidate<'_>], dice, conversation| {
        let given = Circumstances {
            dice,
            conversation,
            ..given()
        };
        order(&rules, pool, &given).tried
    };
    let usual = tried(&pool, 0, Some(99));
    assert_eq!(tried(&pool, 1, Some(99)), usual, "chance is nothing to it");
    for (calls, is_passed_over) in [
        ([1, 0, 0], false),
        ([2, 0, 0], true),
        ([4, 4, 4], false),
        ([5, 4, 3], false),
        ([6, 4, 3], true),
    ] {
        for (at, calls) in usual.iter().zip(calls) {
            pool[*at].snapshot.in_flight = calls;
        }
        let expected = if is_passed_over {
            vec![usual[1], usual[2], usual[0]]
        } else {
            usual.clone()
        };
        assert_eq!(tried(&pool, 0, Some(99)), expected, "{calls:?}");
    }
    assert_eq!(
        tried(&pool, 0, None)[0],
        usual[2],
        "no conversation: the least under way"
    );
}
