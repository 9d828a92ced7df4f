//! The machine, step by step.

use super::{FailingWord, Health, LONGEST_MILLIS, RestWord, Word};
use crate::condition::{Held, Standing};

const FAILING: fn(u64) -> Standing = |millis| Standing::Failing { millis };
const BUSY: fn(u64, bool) -> Standing = |millis, is_its_word| Standing::Resting {
    millis,
    is_its_word,
};

fn standing(health: &Health, now: u64) -> Standing {
    health.held(now).standing(now)
}

fn failed(at: u64) -> Health {
    let mut health = Health::default();
    for _ in 0..3 {
        health.fail("500", at);
    }
    health
}

#[test]
fn three_failures_in_a_row_are_one_too_many() {
    let mut health = Health::default();
    health.fail("500", 0);
    health.fail("upstream_timeout", 1);
    assert_eq!((standing(&health, 1), health.errors()), (Standing::Well, 2));
    assert_eq!(health.last_error().as_deref(), Some("upstream_timeout"));
    health.rest(5, true, 1);
    assert_eq!(health.errors(), 2, "to be busy is no failure");
    health.heal(2);
    assert_eq!((health.errors(), health.last_error()), (0, None));
    assert_eq!(standing(&failed(7), 7), FAILING(60_000));
    let mut broken = Health::default();
    broken.break_down("401", 0);
    assert_eq!(
        (standing(&broken, 0), broken.errors()),
        (FAILING(60_000), 1)
    );
}

#[test]
fn each_trial_that_fails_doubles_the_pause() {
    let mut health = failed(0);
    let mut now = 0;
    for pause in [60_000, 120_000, 240_000, 480_000, 600_000, 600_000] {
        assert_eq!(standing(&health, now), FAILING(pause));
        health.fail("500", now + 1);
        assert_eq!(
            standing(&health, now),
            FAILING(pause),
            "from before the pause"
        );
        assert_eq!(
            health.go(now + pause - 1),
            None,
            "a last resort is no trial"
        );
        now += pause;
        assert_eq!(standing(&health, now), Standing::ToBeTried);
        assert!(health.go(now).is_some());
        assert_eq!(health.go(now), None, "one at a time");
        health.fail("500", now);
    }
    health.heal(now);
    assert_eq!(standing(&health, now), Standing::Well);
    health.break_down("404", now);
    assert_eq!(standing(&health, now), FAILING(60_000), "a new story");
}

#[test]
fn a_trial_that_comes_to_nothing_leaves_it_to_the_next() {
    let mut health = failed(0);
    let first = health.go(60_000).unwrap();
    assert_eq!(
        health.held(60_000),
        Held::OnTrial {
            until_millis: 180_000
        }
    );
    health.give_up(first);
    assert_eq!(standing(&health, 60_000), Standing::ToBeTried);
    let lost = health.go(60_000).unwrap();
    assert_eq!(
        standing(&health, 180_000),
        Standing::ToBeTried,
        "it was killed"
    );
    let third = health.go(180_000).unwrap();
    health.give_up(lost);
    assert_eq!(health.go(180_001), None, "another has the trial now");
    health.rest(5_000, true, 180_002);
    assert_eq!(standing(&health, 180_002), BUSY(5_000, true));
    assert_eq!(standing(&health, 185_002), Standing::ToBeTried);
    health.give_up(third);
    assert!(health.go(185_002).is_some());
}

#[test]
fn of_two_rests_the_right_one_counts() {
    let (its, ours) = (true, false);
    for (name, first, second, expected) in [
        ("its word grows", (20, its), (30, its), BUSY(30, its)),
        ("its word stays", (30, its), (20, its), BUSY(30, its)),
        ("it knows better", (60, ours), (5, its), BUSY(5, its)),
        ("no guess beats it", (5, its), (60, ours), BUSY(5, its)),
        ("a guess stays", (60, ours), (5, ours), BUSY(60, ours)),
        (
            "what is over counts no more",
            (0, its),
            (5, ours),
            BUSY(5, ours),
        ),
        (
            "ten minutes at most",
            (1, its),
            (u64::MAX, its),
            BUSY(LONGEST_MILLIS, its),
        ),
    ] {
        let mut health = Health::default();
        health.rest(first.0, first.1, 9);
        health.rest(second.0, second.1, 9);
        assert_eq!(standing(&health, 9), expected, "{name}");
    }
}

#[test]
fn a_success_refutes_a_guess_of_ours_alone() {
    for (is_its_word, is_tried, expected) in [
        (false, true, Standing::Well),
        (false, false, BUSY(100, false)),
        (true, true, BUSY(100, true)),
    ] {
        let mut health = Health::default();
        health.rest(100, is_its_word, 0);
        if is_tried {
            health.go(0);
        }
        health.heal(0);
        assert_eq!(standing(&health, 0), expected, "{is_its_word} {is_tried}");
    }
}

#[test]
fn others_hear_what_changed() {
    let mut health = Health::default();
    let mut news = |step: &dyn Fn(&mut Health)| {
        step(&mut health);
        health.take_news()
    };
    assert!(!news(&|it| it.fail("500", 0)));
    assert!(!news(&|it| it.heal(0)));
    assert!(news(&|it| it.rest(5_000, true, 0)));
    assert!(!news(&|it| it.rest(5_000, true, 10)), "as good as the same");
    assert!(news(&|it| it.rest(6_100, true, 10)));
    assert!(news(&|it| it.break_down("401", 10)));
    assert!(!news(&|it| it.fail("401", 11)));
    assert!(news(&|it| it.heal(12)));
    assert!(!news(&|it| it.heal(13)));
}

#[test]
fn the_newest_word_of_failing_counts() {
    let failing = |age_millis, millis| Word {
        age_millis,
        failing: Some(FailingWord {
            millis,
            pause_millis: 60_000,
            errors: 3,
        }),
        ..Word::default()
    };
    let well = |age_millis| Word {
        age_millis,
        ..Word::default()
    };
    let rest = |millis, is_its_word| Word {
        age_millis: 1_000_000,
        rest: Some(RestWord {
            millis,
            is_its_word,
        }),
        ..Word::default()
    };
    // It began to fail at 100 000, and hears this at 110 000.
    for (name, word, expected) in [
        ("newer, and well", well(9_999), Standing::Well),
        ("older", well(10_001), FAILING(50_000)),
        ("at once: the worse", well(10_000), FAILING(50_000)),
        ("newer, and failing", failing(1, 59_999), FAILING(59_999)),
        ("too long", failing(0, u64::MAX), FAILING(LONGEST_MILLIS)),
        ("busy", rest(7, true), BUSY(7, true)),
        ("a guess", rest(7, false), FAILING(50_000)),
    ] {
        let mut health = failed(100_000);
        health.adopt(&word, 110_000);
        assert_eq!(standing(&health, 110_000), expected, "{name}");
    }
    let mut health = Health::default();
    assert!(health.adopt(&failing(0, 5), 100));
    assert_eq!((standing(&health, 100), health.errors()), (FAILING(5), 3));
    assert!(!health.adopt(&failing(0, 5), 100));
}

#[test]
fn what_is_told_is_the_same_there() {
    let mut here = failed(1_000);
    here.rest(5_000, true, 2_000);
    let mut there = Health::default();
    there.adopt(&here.word(3_000), 1_000_000);
    for passed in [0, 3_999, 4_000, 57_999, 58_000] {
        let (one, other) = (
            standing(&here, 3_000 + passed),
            standing(&there, 1_000_000 + passed),
        );
        assert_eq!(one, other, "{passed}");
    }
    assert_eq!(there.last_error().as_deref(), Some("500"));
    let long = "é".repeat(100);
    here.fail(&long, 3_000);
    assert_eq!(here.last_error().unwrap().len(), 64);
}

/// Who does not serve where one isolate runs may serve where the others do: they hear nothing of it, and cannot end it.
#[test]
fn what_is_wrong_with_the_place_stays_there() {
    let (mut here, mut there) = (Health::default(), failed(0));
    there.heal(5);
    here.break_down_here("400", 10);
    assert_eq!(standing(&here, 10), FAILING(60_000));
    assert!(!here.has_news());
    here.rest(5_000, true, 10);
    let word = here.word(10);
    assert_eq!((word.failing, word.last_error.as_deref()), (None, None));
    there.adopt(&word, 10);
    assert_eq!(standing(&there, 15_010), Standing::Well);
    there.heal(20_000);
    here.adopt(&there.word(30_000), 30_000);
    assert_eq!(standing(&here, 30_000), FAILING(30_010), "well elsewhere");
    assert!(here.go(70_010).is_some());
    here.fail("500", 70_020);
    assert_eq!(standing(&here, 70_020), FAILING(120_000));
    assert_eq!(here.word(70_020).failing, None);
    here.heal(70_030);
    assert_eq!(standing(&here, 70_030), Standing::Well);
    let mut known = failed(0);
    known.go(60_000);
    known.break_down_here("400", 60_001);
    assert!(
        known.word(60_001).failing.is_some(),
        "that it fails is known"
    );
}
