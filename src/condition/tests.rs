//! A condition as a whole: a target's own and its provider's, and the requests that run.

use std::rc::Rc;

use super::{Conditions, Held, Standing};
use crate::pool::judgement::{Effect, Judgement, Scope};

fn judged(scope: Scope, effect: Effect) -> Judgement {
    Judgement {
        scope,
        effect,
        goes_on: true,
        reason: None,
        wait_millis: None,
    }
}

const REST: Effect = Effect::Rest {
    millis: 5_000,
    is_its_word: true,
};

#[test]
fn a_failure_is_of_what_it_is_of() {
    let (own, provider) = (Scope::Deployment, Scope::Provider);
    for (scope, effect, one, sister, other) in [
        (own, Effect::Broken, "error", "healthy", "healthy"),
        (provider, Effect::Broken, "error", "error", "healthy"),
        (own, REST, "rate_limited", "healthy", "healthy"),
        (provider, REST, "rate_limited", "rate_limited", "healthy"),
        (
            Scope::Request,
            Effect::Broken,
            "healthy",
            "healthy",
            "healthy",
        ),
        (own, Effect::Nothing, "healthy", "healthy", "healthy"),
    ] {
        let all = Conditions::default();
        let targets = [("a/x", "a"), ("a/y", "a"), ("b/x", "b")];
        let [a, b, c] = targets.map(|(target, provider)| all.of(target, provider));
        a.note(&judged(scope, effect), "words", 0);
        let got = [a, b, c].map(|it| it.snapshot(0).word(0));
        assert_eq!(got, [one, sister, other], "{scope:?} {effect:?}");
        assert_eq!(all.of_provider("a", 0).word(0), one, "{scope:?} {effect:?}");
        assert_eq!(all.of_provider("b", 0).word(0), other);
    }
}

#[test]
fn an_answer_shows_that_the_provider_is_there() {
    for (effect, expected) in [
        (Effect::Well, "healthy"),
        (REST, "healthy"),
        (Effect::Broken, "healthy"),
        (Effect::Failure, "error"),
        (Effect::Nothing, "error"),
    ] {
        let all = Conditions::default();
        let condition = all.of("a/x", "a");
        condition.note(&judged(Scope::Provider, Effect::Broken), "401", 0);
        condition.note(&judged(Scope::Deployment, effect), "429", 0);
        let got = all.of("a/y", "a").snapshot(0).word(0);
        assert_eq!(got, expected, "{effect:?}");
    }
}

#[test]
fn what_runs_is_seen_until_it_is_over() {
    let all = Conditions::default();
    let condition = all.of("a/x", "a");
    let visits = [
        condition.clone().visit(10, 7),
        condition.clone().visit(20, 8),
    ];
    let seen = condition.snapshot(8);
    assert_eq!(
        (seen.in_flight, seen.used_tokens, seen.provider_tokens),
        (2, 30, 30)
    );
    assert_eq!(seen.last_used_millis, Some(8));
    assert_eq!(all.of("a/y", "a").snapshot(8).provider_tokens, 30);
    condition.count(5, 8);
    drop(visits);
    let seen = condition.snapshot(8);
    assert_eq!(
        (seen.in_flight, seen.used_tokens),
        (0, 5),
        "also when its client has left"
    );
    assert_eq!(condition.snapshot(60_008).used_tokens, 0);
}

#[test]
fn one_request_tries_a_whole_provider() {
    let all = Conditions::default();
    let (one, other) = (all.of("a/x", "a"), all.of("a/y", "a"));
    one.note(&judged(Scope::Provider, Effect::Broken), "401", 0);
    assert_eq!(other.standing(60_000), Standing::ToBeTried);
    let trial = one.visit(0, 60_000);
    let until_millis = 180_000;
    assert_eq!(
        other.snapshot(60_000).standing,
        Held::OnTrial { until_millis }
    );
    drop(trial);
    assert_eq!(other.standing(60_000), Standing::ToBeTried);
}

#[test]
fn names_that_clients_make_up_do_not_fill_it() {
    let all = Conditions::default();
    let used = all.of("a/used", "a");
    used.note(&judged(Scope::Deployment, Effect::Broken), "404", 0);
    let visit = used.visit(0, 0);
    for number in 0..5_000u64 {
        let condition = all.of(&format!("a/{number}"), "a");
        drop(condition.clone().visit(0, number));
    }
    let kept = |target: &str| all.met(target, 5_000);
    assert!(kept("a/4999").is_some() && kept("a/0").is_none());
    assert_eq!(kept("a/used").map(|it| it.errors), Some(1), "it is held");
    assert!(all.parts().len() <= 1_100);
    drop(visit);
    let is_same = Rc::ptr_eq(&all.of("a/used", "a"), &all.of("a/used", "a"));
    assert!(is_same);
}
