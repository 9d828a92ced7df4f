//! Fifty isolates under load: the limit is used, and is kept.

use isthmus::limits::Mode;

use super::world::{Scene, limits_of};

/// Reproducible chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// Minutes under a load of so many hundredths of the limit, after a first one; gives what was used of the limit on
/// average, in hundredths, and how many questions there were for each call.
fn run(mode: Mode, percent: u64, mean: u64) -> (u64, f64) {
    const LIMIT: u64 = 600_000;
    const MINUTES: u64 = 3;
    let mut scene = Scene::new(50, mode, limits_of(None, Some(LIMIT)));
    let mut dice = Dice(7);
    let begun = scene.now();
    let mut calls = 0;
    let mut due = 0;
    for tick in 0..(MINUTES + 1) * 1200 {
        due += LIMIT * percent / 100 / 1200;
        while due >= mean {
            due -= mean;
            calls += 1;
            let isolate = usize::try_from(dice.below(50)).unwrap();
            scene.call(isolate, mean / 2 + dice.below(mean));
        }
        scene.settle_down();
        scene.pause(50);
        if tick % 40 == 0 {
            let largest = mean + mean / 2;
            assert!(scene.used().tokens <= LIMIT + 50 * largest);
        }
    }
    let used = scene.used_since(begun + 60_000).tokens;
    let questions = f64::from(scene.world.questions.get()) / f64::from(calls);
    (used * 100 / LIMIT / MINUTES, questions)
}

#[test]
fn a_limit_under_load_is_used_up() {
    for mode in [Mode::Leased, Mode::Exact] {
        let (used, questions) = run(mode, 130, 500);
        println!("{mode:?} {used} {questions}");
        assert!((95..=102).contains(&used), "{mode:?}: {used} of a hundred");
    }
}

#[test]
fn below_the_limit_everything_is_served_and_few_are_asked() {
    // Tokens of a call, questions for ten calls at most: one each where an isolate is seldom called, few where often.
    for (mean, most) in [(500, 13.0), (100, 7.0), (20, 3.0)] {
        let (used, questions) = run(Mode::Leased, 80, mean);
        println!("{mean} {used} {questions}");
        assert!(used >= 79, "{used} of a hundred");
        assert!(questions * 10.0 < most, "{questions} for a call");
    }
}
