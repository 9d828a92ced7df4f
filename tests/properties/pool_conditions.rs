//! How targets stand, after any events in any order.

use std::rc::Rc;

use isthmus::condition::board::{Board, Report, Told};
use isthmus::condition::{Condition, Conditions, Held, Standing, Visit};
use isthmus::headers::Headers;
use isthmus::pool::judgement::{Effect, Judgement, Scope};
use proptest::prelude::*;

const LONGEST: u64 = 600_000;
const TARGETS: [(&str, &str); 3] = [("a/x", "a"), ("a/y", "a"), ("b/x", "b")];

#[derive(Clone, Debug)]
enum Event {
    Visit(u64),
    /// The oldest visit is over.
    Leave,
    Note(Scope, Effect),
    Count(u64),
    Time(u64),
    Learn(String, String),
    Wait(u64),
}

fn effects() -> impl Strategy<Value = Effect> {
    prop_oneof![
        Just(Effect::Nothing),
        Just(Effect::Well),
        Just(Effect::Failure),
        Just(Effect::Broken),
        Just(Effect::BrokenHere),
        (prop_oneof![0..LONGEST, Just(u64::MAX)], any::<bool>()).prop_map(
            |(millis, is_its_word)| Effect::Rest {
                millis,
                is_its_word
            }
        ),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let scopes = prop::sample::select(vec![Scope::Request, Scope::Deployment, Scope::Provider]);
    let number = || prop_oneof![0u64..10_000, Just(u64::MAX)];
    let names = "(x-ratelimit-(remaining|reset)-(tokens|requests)|anthropic-ratelimit-tokens-(remaining|reset))";
    prop_oneof![
        number().prop_map(Event::Visit),
        Just(Event::Leave),
        (scopes, effects()).prop_map(|(scope, effect)| Event::Note(scope, effect)),
        number().prop_map(Event::Count),
        number().prop_map(Event::Time),
        (names, "[-0-9.hmsT:Z]{0,12}").prop_map(|(name, value)| Event::Learn(name, value)),
        (0u64..200_000).prop_map(Event::Wait),
    ]
}

fn judged(scope: Scope, effect: Effect) -> Judgement {
    Judgement {
        scope,
        effect,
        goes_on: true,
        reason: None,
        wait_millis: None,
    }
}

fn happen(condition: &Rc<Condition>, event: &Event, visits: &mut Vec<Visit>, now: &mut u64) {
    match event {
        Event::Visit(tokens) => visits.push(condition.clone().visit(*tokens, *now)),
        Event::Leave if !visits.is_empty() => drop(visits.remove(0)),
        Event::Leave => {}
        Event::Note(scope, effect) => condition.note(&judged(*scope, *effect), "words", *now),
        Event::Count(tokens) => condition.count(*tokens, *now),
        Event::Time(millis) => condition.time(*millis, *now),
        Event::Learn(name, value) => {
            let mut headers = Headers::default();
            headers.push(name, value);
            condition.learn(&headers, *now);
        }
        Event::Wait(millis) => *now += millis,
    }
}

proptest! {
    #[test]
    fn nothing_is_held_for_longer_than_ten_minutes(
        all in prop::collection::vec((0usize..3, events()), 1..50),
    ) {
        let conditions = Conditions::default();
        let (mut visits, mut now) = (Vec::new(), 1);
        for (at, event) in all {
            let (target, provider) = TARGETS[at];
            let condition = conditions.of(target, provider);
            happen(&condition, &event, &mut visits, &mut now);
            for (target, provider) in TARGETS {
                let snapshot = conditions.of(target, provider).compared(now);
                let until = match snapshot.standing {
                    Held::No => 0,
                    Held::Resting { until_millis, .. }
                    | Held::Failing { until_millis }
                    | Held::OnTrial { until_millis } => until_millis,
                };
                prop_assert!(until <= now + LONGEST);
                prop_assert!(snapshot.quota.is_none_or(|it| it.until_millis <= now + 60_000));
                prop_assert!(snapshot.used_tokens <= snapshot.provider_tokens);
            }
            let in_flight = TARGETS.map(|(target, provider)| conditions.of(target, provider).snapshot(now).in_flight);
            prop_assert_eq!(in_flight.iter().sum::<u32>() as usize, visits.len());
        }
        visits.clear();
        now += LONGEST;
        for (target, provider) in TARGETS {
            let snapshot = conditions.of(target, provider).snapshot(now);
            prop_assert!(matches!(snapshot.standing(now), Standing::Well | Standing::ToBeTried));
            prop_assert_eq!((snapshot.used_tokens, snapshot.in_flight), (0, 0));
        }
    }

    /// While one call tries a target, nobody is told that it is to be tried.
    #[test]
    fn one_call_tries_at_a_time(calls in prop::collection::vec((any::<bool>(), 0u64..90_000), 1..60)) {
        let conditions = Conditions::default();
        let condition = conditions.of("a/x", "a");
        condition.note(&judged(Scope::Deployment, Effect::Broken), "401", 0);
        let (mut now, mut trial) = (0, None);
        for (ends, pause) in calls {
            now += pause;
            let is_lost = trial.as_ref().is_some_and(|(_, until)| *until <= now);
            if ends || is_lost {
                trial = None;
            }
            let standing = condition.snapshot(now).standing(now);
            if trial.is_some() {
                let is_closed = matches!(standing, Standing::Failing { .. });
                prop_assert!(is_closed);
            } else if standing == Standing::ToBeTried {
                trial = Some((condition.clone().visit(1, now), now + 120_000));
            }
            let _other = condition.clone().visit(1, now);
        }
    }

    #[test]
    fn a_board_answers_each_in_its_place(
        reports in prop::collection::vec((0u64..3, prop::collection::vec((0u32..9_000, 0u64..9), 0..300)), 1..40),
    ) {
        let mut board = Board::default();
        for (now, parts) in reports {
            let told = |(key, tokens): &(u32, u64)| Told {
                key: key.to_string(),
                tokens: *tokens,
                word: None,
            };
            let report = Report {
                parts: parts.iter().map(told).collect(),
                ..Report::default()
            };
            let news = board.hear(&report, now);
            prop_assert_eq!(news.counts.len(), parts.len().min(256));
            let pairs = news.counts.iter().zip(&report.parts);
            prop_assert!(pairs.clone().all(|(count, told)| count.total >= told.tokens));
        }
    }
}
