//! What an isolate does with its leases: whom it asks, when, and what it does when nobody answers.

use isthmus::limits::{Amount, Limits, Measure, Mode};

use super::world::{Scene, limits_of};

const LIMIT: u64 = 60_000;

fn scene(mode: Mode) -> Scene {
    Scene::new(1, mode, limits_of(None, Some(LIMIT)))
}

fn questions(scene: &Scene) -> u32 {
    scene.world.questions.get()
}

#[test]
fn the_first_call_waits_for_nobody_and_is_told_in_the_background() {
    let mut scene = scene(Mode::Leased);
    scene.call(0, 100);
    assert_eq!((scene.grants.len(), questions(&scene)), (1, 0));
    scene.settle_down();
    assert_eq!(questions(&scene), 1);
    assert_eq!(
        scene.world.tokens_of_the_day(),
        100 + 100,
        "with a first lease"
    );
}

#[test]
fn a_second_call_beside_the_first_asks_and_tells_of_it() {
    let mut scene = scene(Mode::Leased);
    scene.limited.limits = limits_of(Some(1), None);
    scene.call(0, 100);
    scene.call(0, 100);
    assert_eq!(scene.grants.len(), 1, "it waits for its answer");
    scene.go_on(0);
    assert_eq!((scene.grants.len(), scene.denials.len()), (1, 1));
}

#[test]
fn who_calls_often_asks_nobody() {
    let mut scene = scene(Mode::Leased);
    for call in 0..600 {
        let before = scene.grants.len();
        scene.call(0, 10);
        // The first half of a second is for getting to know it.
        assert!(call < 10 || scene.grants.len() == before + 1, "call {call}");
        scene.settle_down();
        scene.pause(50);
    }
    assert_eq!(scene.grants.len(), 600);
    assert!(
        questions(&scene) < 60,
        "{} in 30 seconds",
        questions(&scene)
    );
}

#[test]
fn what_is_not_used_is_handed_back_and_then_there_is_peace() {
    for mode in [Mode::Leased, Mode::Exact] {
        let mut scene = scene(mode);
        for _ in 0..20 {
            scene.call(0, 50);
            scene.pass(100);
        }
        for _ in 0..20 {
            scene.settle(0, 100);
        }
        scene.pass(5000);
        assert_eq!(scene.world.tokens_of_the_day(), 1000, "{mode:?}");
        let asked = questions(&scene);
        scene.pass(30_000);
        scene.tidy_up();
        scene.pass(5000);
        assert_eq!(questions(&scene), asked, "{mode:?}");
    }
}

#[test]
fn a_flood_of_refused_calls_asks_once_a_second() {
    let mut scene = scene(Mode::Leased);
    scene.limited.limits = limits_of(None, Some(100));
    for _ in 0..200 {
        scene.call(0, 100);
        scene.settle_down();
        scene.pause(50);
    }
    assert_eq!((scene.grants.len(), scene.denials.len()), (1, 199));
    assert!(questions(&scene) <= 22, "{}", questions(&scene));
    let waits = scene.denials.iter().map(|it| it.wait_millis.unwrap());
    let ends = waits.zip(1u64..).map(|(wait, turn)| wait + 50 * turn);
    for end in ends {
        assert!(
            (60_000..=60_100).contains(&end),
            "{end}: each is told when the first is a minute ago"
        );
    }
}

#[test]
fn what_no_wait_makes_fit_is_refused_without_asking() {
    for mode in [Mode::Leased, Mode::Exact] {
        let limits = Limits {
            tokens: Some(100),
            daily: Some(50),
            ..Limits::default()
        };
        let mut scene = Scene::new(1, mode, limits);
        scene.call(0, 60);
        assert_eq!(scene.denials[0].measure, Measure::Daily);
        assert_eq!(scene.denials[0].wait_millis, None);
        assert_eq!(questions(&scene), 0);
    }
}

#[test]
fn nobody_waits_twice_for_an_object_that_does_not_answer() {
    for mode in [Mode::Leased, Mode::Exact] {
        let mut scene = scene(mode);
        scene.limited.limits = limits_of(Some(30), None);
        scene.world.is_deaf.set(true);
        assert!(!scene.is_degraded());
        scene.call(0, 1);
        scene.settle_down();
        assert!(scene.is_degraded(), "{mode:?}");
        for _ in 0..39 {
            scene.call(0, 1);
        }
        // None of them is under way: all have been let in or refused.
        assert_eq!(
            (scene.grants.len(), scene.denials.len()),
            (30, 10),
            "{mode:?}"
        );
        scene.world.is_deaf.set(false);
        scene.tidy_up();
        scene.pass(3000);
        assert!(
            !scene.is_degraded(),
            "{mode:?}: it is found out in the background"
        );
        assert_eq!(
            scene.world.tokens_of_the_day(),
            30,
            "and what was used is told"
        );
    }
}

#[test]
fn what_was_used_in_a_long_silence_counts_for_the_day_and_not_for_the_minute() {
    let limits = Limits {
        tokens: Some(1000),
        daily: Some(100_000),
        ..Limits::default()
    };
    let mut scene = Scene::new(2, Mode::Exact, limits);
    scene.world.is_deaf.set(true);
    for _ in 0..30 {
        scene.call(0, 100);
        scene.pass(10_000);
    }
    assert_eq!(scene.grants.len(), 30);
    scene.world.is_deaf.set(false);
    scene.tidy_up();
    scene.pass(3000);
    assert_eq!(scene.world.tokens_of_the_day(), 3000);
    let before = scene.grants.len();
    scene.call(1, 400);
    scene.settle_down();
    assert_eq!(
        scene.grants.len(),
        before + 1,
        "no more than 600 are of the last minute"
    );
}

#[test]
fn a_call_that_is_settled_late_is_corrected_for_the_day_alone() {
    let limits = Limits {
        tokens: Some(1000),
        daily: Some(100_000),
        ..Limits::default()
    };
    for mode in [Mode::Leased, Mode::Exact] {
        let mut scene = Scene::new(1, mode, limits);
        scene.call(0, 900);
        scene.pass(70_000);
        scene.call(0, 950);
        scene.pass(5000);
        scene.settle(0, 10);
        scene.pass(5000);
        assert_eq!(scene.world.tokens_of_the_day(), 90 + 950, "{mode:?}");
        scene.call(0, 100);
        scene.settle_down();
        assert_eq!(
            scene.denials.len(),
            1,
            "{mode:?}: nothing of this minute was given back"
        );
    }
}

#[test]
fn a_clock_that_is_set_back_ends_no_silence_late() {
    for mode in [Mode::Leased, Mode::Exact] {
        let mut scene = scene(mode);
        scene.world.is_deaf.set(true);
        scene.call(0, 100);
        scene.pass(500);
        assert!(scene.is_degraded(), "{mode:?}");
        scene.world.is_deaf.set(false);
        scene.world.now.set(scene.now() - 3_600_000);
        assert!(!scene.is_degraded(), "{mode:?}");
        scene.tidy_up();
        scene.pass(5000);
        let told = scene.world.tokens_of_the_day();
        assert_eq!(told, 100, "{mode:?}");
    }
}

#[test]
fn who_leaves_while_the_object_is_asked_has_used_nothing() {
    for is_heard in [false, true] {
        let mut scene = scene(Mode::Exact);
        scene.call(0, 500);
        if is_heard {
            // Granted, and nobody is there to hear it.
            scene.world.is_mute.set(true);
            scene.go_on(0);
            scene.world.is_mute.set(false);
            scene.settle(0, 0);
        } else {
            scene.hang_up(0);
        }
        scene.tidy_up();
        scene.pass(8000);
        assert_eq!(scene.world.tokens_of_the_day(), 0);
        assert_eq!(scene.used(), Amount::NONE);
    }
}

#[test]
fn names_that_clients_make_up_do_not_fill_the_memory() {
    let mut scene = scene(Mode::Leased);
    for name in 0..2000 {
        scene.limited.name = format!("target:up/model-{name}");
        scene.call(0, 10);
        scene.go_on(0);
        scene.settle(0, 100);
    }
    assert_eq!(scene.grants.len(), 2000);
    scene.pass(60_000);
    let asked = questions(&scene);
    assert!(asked < 4000, "{asked}");
}
