//! The order of a pool's targets, whatever they are and however they stand.

use std::collections::BTreeSet;

use isthmus::condition::{Held, Quota, Snapshot, Standing};
use isthmus::pool::order::{Candidate, Circumstances, Order, order};
use isthmus::pool::{Rules, Strategy as Choice};
use proptest::prelude::*;

const NOW: u64 = 1_000_000;
const KEYS: [&str; 8] = ["a/m", "b/m", "c/m", "d/m", "e/m", "f/m", "g/m", "h/m"];
const SPREADING: [Choice; 5] = [
    Choice::Weighted,
    Choice::RoundRobin,
    Choice::Fastest,
    Choice::Affinity,
    Choice::LeastLoaded,
];

fn rules(strategy: Choice) -> Rules {
    Rules {
        strategy,
        ..Rules::default()
    }
}

fn candidate(key: &'static str) -> Candidate<'static> {
    Candidate {
        key,
        priority: 1,
        weight: 100,
        tpm: None,
        is_providers: false,
        snapshot: Snapshot::default(),
    }
}

fn pool(count: usize) -> Vec<Candidate<'static>> {
    KEYS.iter().take(count).map(|key| candidate(key)).collect()
}

fn call(number: u64) -> Circumstances {
    Circumstances {
        now_millis: NOW,
        tokens: 100,
        // Any digest of a request's id.
        dice: number.wrapping_mul(0x2545_f491_4f6c_dd1d),
        conversation: Some(number.wrapping_mul(0x9e6c_63d0_876a_68ee)),
    }
}

fn firsts(rules: &Rules, pool: &[Candidate<'_>], calls: u64) -> Vec<usize> {
    let first = |number| order(rules, pool, &call(number)).tried[0];
    (0..calls).map(first).collect()
}

fn counts(firsts: &[usize], of: usize) -> Vec<usize> {
    (0..of)
        .map(|at| firsts.iter().filter(|it| **it == at).count())
        .collect()
}

fn standings() -> impl Strategy<Value = Held> {
    let until = || NOW - 1_000..NOW + 600_000;
    prop_oneof![
        Just(Held::No),
        (until(), any::<bool>()).prop_map(|(until_millis, is_its_word)| Held::Resting {
            until_millis,
            is_its_word
        }),
        until().prop_map(|until_millis| Held::Failing { until_millis }),
        until().prop_map(|until_millis| Held::OnTrial { until_millis }),
    ]
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let number = || prop_oneof![0u64..2_000, Just(u64::MAX)];
    let quota = (
        prop::option::of(number()),
        prop::option::of(0u64..2),
        NOW - 9..NOW + 9,
    );
    let calls = prop_oneof![0u32..20, Just(u32::MAX)];
    (
        standings(),
        number(),
        calls,
        prop::option::of(number()),
        prop::option::of(quota),
    )
        .prop_map(
            |(standing, used_tokens, in_flight, first_byte_millis, quota)| Snapshot {
                standing,
                used_tokens,
                provider_tokens: used_tokens / 2,
                in_flight,
                first_byte_millis,
                quota: quota.map(|(tokens, requests, until_millis)| Quota {
                    tokens,
                    requests,
                    until_millis,
                }),
                ..Snapshot::default()
            },
        )
}

fn candidates() -> impl Strategy<Value = Vec<Candidate<'static>>> {
    let weights = prop_oneof![Just(0), Just(100), Just(u32::MAX)];
    let tpm = prop::option::of(prop_oneof![0u64..2_000, Just(u64::MAX)]);
    let one = (0u32..3, weights, tpm, any::<bool>(), snapshots());
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let keyed = KEYS.into_iter().zip(all);
        keyed
            .map(
                |(key, (priority, weight, tpm, is_providers, snapshot))| Candidate {
                    key,
                    priority,
                    weight,
                    tpm,
                    is_providers,
                    snapshot,
                },
            )
            .collect()
    })
}

fn strategies() -> impl Strategy<Value = Choice> {
    prop::sample::select(Choice::WORDS.map(|(_, strategy)| strategy).to_vec())
}

proptest! {
    #[test]
    fn every_target_is_in_one_place_and_in_the_right_one(
        strategy in strategies(),
        mixes_ties in any::<bool>(),
        turn in any::<usize>(),
        pool in candidates(),
        dice in any::<u64>(),
        tokens in prop_oneof![0u64..2_000, Just(u64::MAX)],
        conversation in any::<Option<u64>>(),
    ) {
        let rules = Rules { mixes_ties, ..rules(strategy) };
        rules.turn.set(turn);
        let given = Circumstances { now_millis: NOW, tokens, dice, conversation };
        let Order { tried, last_resorts, wait_millis } = order(&rules, &pool, &given);
        let mut waits = Vec::new();
        for (at, candidate) in pool.iter().enumerate() {
            let places = (tried.contains(&at), last_resorts.contains(&at));
            let expected = match candidate.snapshot.standing(NOW) {
                Standing::Well | Standing::ToBeTried => (true, false),
                Standing::Resting { millis, is_its_word: true } => {
                    waits.push(millis);
                    (false, false)
                }
                Standing::Resting { .. } | Standing::Failing { .. } => (false, true),
            };
            prop_assert_eq!(places, expected, "{}", at);
        }
        prop_assert_eq!(wait_millis, waits.into_iter().min());
        let all: BTreeSet<usize> = tried.iter().chain(&last_resorts).copied().collect();
        prop_assert_eq!(all.len(), tried.len() + last_resorts.len(), "nothing twice");
        let is_free = |at: &usize| {
            let it = &pool[*at];
            let used = if it.is_providers { it.snapshot.provider_tokens } else { it.snapshot.used_tokens };
            let fits = it.tpm.is_none_or(|tpm| u128::from(used) + u128::from(tokens) <= u128::from(tpm));
            // What adds up to the largest number there is fits nowhere but in that.
            let fits = fits || it.tpm == Some(u64::MAX);
            fits && it.snapshot.refuses_for(tokens, NOW).is_none()
        };
        let free = tried.iter().take_while(|at| is_free(at)).count();
        prop_assert!(!tried[free..].iter().any(is_free), "the full ones are behind");
        let priorities: Vec<u32> = tried[..free].iter().map(|at| pool[*at].priority).collect();
        prop_assert!(priorities.is_sorted());
    }

    #[test]
    fn who_is_there_is_chosen_some_time(
        choice in 0usize..SPREADING.len(),
        count in 1usize..8,
        lost in prop::collection::btree_set(0usize..8, 0..4),
    ) {
        let mut pool = pool(count);
        for at in lost.iter().filter(|at| **at < count) {
            let (until_millis, is_its_word) = (NOW + 1, true);
            pool[*at].snapshot.standing = Held::Resting { until_millis, is_its_word };
        }
        let rules = rules(SPREADING[choice]);
        let mut chosen = BTreeSet::new();
        for number in 0..200 {
            let order = order(&rules, &pool, &call(number));
            if let Some(first) = order.tried.first() {
                chosen.insert(*first);
                pool[*first].snapshot.used_tokens += 1;
            }
        }
        let expected = (0..count).filter(|at| !lost.contains(at));
        prop_assert_eq!(chosen, expected.collect::<BTreeSet<_>>());
    }

    #[test]
    fn turns_are_fair_however_many_are_lost(
        count in 1usize..8,
        lost in prop::collection::btree_set(0usize..8, 0..7),
        turn in 0usize..10,
    ) {
        let mut pool = pool(count);
        for at in lost.iter().filter(|at| **at < count) {
            pool[*at].snapshot.standing = Held::Failing { until_millis: NOW + 1 };
        }
        let there = (0..count).filter(|at| !lost.contains(at)).count();
        prop_assume!(there > 0);
        let rules = rules(Choice::RoundRobin);
        rules.turn.set(turn);
        // At once: none of them has changed anything the next one sees.
        let counts = counts(&firsts(&rules, &pool, 5 * there as u64), count);
        for (at, count) in counts.into_iter().enumerate() {
            prop_assert_eq!(count, if lost.contains(&at) { 0 } else { 5 });
        }
    }

    #[test]
    fn only_the_conversations_of_a_lost_target_move(count in 2usize..8, lost in 0usize..8, seed in any::<u32>()) {
        let lost = lost % count;
        let (rules, all) = (rules(Choice::Affinity), pool(count));
        let mut without = all.clone();
        without[lost].snapshot.standing = Held::Failing { until_millis: NOW + 1 };
        for number in 0..50 {
            let given = call(u64::from(seed) * 50 + number);
            let mut before = order(&rules, &all, &given).tried;
            let after = order(&rules, &without, &given).tried;
            before.retain(|at| *at != lost);
            prop_assert_eq!(before, after);
        }
    }
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// With so many draws a sum beyond that is one case in a thousand, and the seeds are fixed.
fn is_as_expected(counts: &[usize], expected: &[f64]) -> bool {
    let parts = counts.iter().zip(expected);
    let sum: f64 = parts
        .map(|(got, want)| (real(*got) - want).powi(2) / want)
        .sum();
    sum < [10.8, 13.8, 16.3, 18.5, 20.5, 22.5, 24.3][counts.len() - 2]
}

#[test]
fn weights_converge() {
    for weights in [
        vec![1, 1],
        vec![3, 1],
        vec![1, 10, 100],
        vec![5, 4, 3, 2, 1],
        vec![u32::MAX, 1 << 31],
    ] {
        for strategy in [Choice::Weighted, Choice::Affinity] {
            let mut pool = pool(weights.len());
            for (candidate, weight) in pool.iter_mut().zip(&weights) {
                candidate.weight = *weight;
            }
            let counts = counts(&firsts(&rules(strategy), &pool, 10_000), pool.len());
            let sum: f64 = weights.iter().map(|it| f64::from(*it)).sum();
            let expected: Vec<f64> = weights
                .iter()
                .map(|it| f64::from(*it) / sum * 10_000.0)
                .collect();
            assert!(
                is_as_expected(&counts, &expected),
                "{strategy:?} {weights:?} {counts:?}"
            );
        }
    }
}

#[test]
fn after_the_first_the_next_is_drawn_among_the_others() {
    let mut pool = pool(3);
    (pool[0].weight, pool[1].weight, pool[2].weight) = (6, 3, 1);
    let rules = rules(Choice::Weighted);
    let orders = (0..20_000).map(|number| order(&rules, &pool, &call(number)).tried);
    let seconds: Vec<usize> = orders.filter(|it| it[0] == 0).map(|it| it[1] - 1).collect();
    let expected = [0.75, 0.25].map(|part| part * real(seconds.len()));
    assert!(is_as_expected(&counts(&seconds, 2), &expected));
}

#[test]
fn conversations_spread_evenly() {
    for count in 2..=8 {
        let pool = pool(count);
        let counts = counts(&firsts(&rules(Choice::Affinity), &pool, 10_000), count);
        let expected = vec![10_000.0 / real(count); count];
        assert!(is_as_expected(&counts, &expected), "{counts:?}");
    }
}
