//! Isolates under load: the limit is used, and is kept.

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

/// Of a minute, for each isolate.
const SHARE: u64 = 12_000;

/// Minutes under a load of so many hundredths of the limit, by calls of so many tokens on average.
fn run(isolates: u64, mode: Mode, minutes: u64, percent: u64, mean: u64) -> Scene {
    let limit = SHARE * isolates;
    let count = usize::try_from(isolates).unwrap();
    let mut scene = Scene::new(count, mode, limits_of(None, Some(limit)));
    let mut dice = Dice(7);
    let mut due = 0;
    for tick in 0..minutes * 1200 {
        due += limit * percent / 100 / 1200;
        while due >= mean {
            due -= mean;
            let isolate = usize::try_from(dice.below(isolates)).unwrap();
            scene.call(isolate, mean / 2 + dice.below(mean));
        }
        scene.settle_down();
        scene.pause(50);
        if tick % 40 == 0 {
            let largest = mean + mean / 2;
            assert!(scene.used().tokens <= limit + isolates * largest);
        }
    }
    scene
}

#[test]
fn a_limit_under_load_is_used_up() {
    for mode in [Mode::Leased, Mode::Exact] {
        for percent in [110, 200] {
            let scene = run(20, mode, 3, percent, 500);
            // Without the first minute, which has the whole limit at once.
            let used = scene.used_since(scene.now() - 120_000).tokens;
            let percent = used * 100 / (20 * SHARE) / 2;
            assert!(
                (95..=102).contains(&percent),
                "{mode:?}: {percent} of a hundred"
            );
        }
    }
}

#[test]
fn below_the_limit_everything_is_served_and_few_are_asked() {
    // Tokens of a call, questions for a hundred calls at most: one each where an isolate is seldom called, few where it
    // is often.
    for (mean, most) in [(500, 130), (100, 70), (40, 30)] {
        let scene = run(50, Mode::Leased, 1, 80, mean);
        assert!(scene.denials.is_empty(), "{mean}: {}", scene.denials.len());
        let calls = scene.grants.len();
        let questions = usize::try_from(scene.world.questions.get()).unwrap();
        assert!(
            questions * 100 < most * calls,
            "{mean}: {questions} for {calls} calls"
        );
    }
}
