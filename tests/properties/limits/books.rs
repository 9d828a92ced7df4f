//! Nothing is counted twice, and nothing is forgotten, whatever is lost on the way.

use isthmus::limits::{Limits, Mode};
use proptest::prelude::*;

use super::world::Scene;

#[derive(Clone, Debug)]
enum Step {
    Call { isolate: usize, tokens: u64 },
    GoOn(usize),
    Settle { which: usize, percent: u64 },
    HangUp(usize),
    Pass(u64),
    Deaf(bool),
    Mute(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0usize..2, 1u64..100).prop_map(|(isolate, tokens)| Step::Call { isolate, tokens }),
        8 => any::<usize>().prop_map(Step::GoOn),
        4 => (any::<usize>(), 0u64..=200).prop_map(|(which, percent)| Step::Settle { which, percent }),
        2 => any::<usize>().prop_map(Step::HangUp),
        3 => (50u64..2500).prop_map(Step::Pass),
        1 => any::<bool>().prop_map(Step::Deaf),
        1 => any::<bool>().prop_map(Step::Mute),
    ];
    prop::collection::vec(step, 1..100)
}

fn play(scene: &mut Scene, step: &Step) {
    match *step {
        Step::Call { isolate, tokens } => scene.call(isolate, tokens),
        Step::GoOn(which) => scene.go_on(which),
        Step::Settle { which, percent } => scene.settle(which, percent),
        Step::HangUp(which) => scene.hang_up(which),
        Step::Pass(millis) => scene.pass(millis),
        Step::Deaf(is_deaf) => scene.world.is_deaf.set(is_deaf),
        Step::Mute(is_mute) => scene.world.is_mute.set(is_mute),
    }
}

fn balance(mode: Mode, steps: &[Step]) -> (u64, u64) {
    let limits = Limits {
        tokens: Some(1_000_000),
        daily: Some(10_000_000),
        ..Limits::default()
    };
    let mut scene = Scene::new(2, mode, limits);
    for step in steps {
        play(&mut scene, step);
    }
    scene.world.is_deaf.set(false);
    scene.world.is_mute.set(false);
    scene.settle_down();
    let count = scene.grants.len();
    for _ in 0..count {
        scene.settle(0, 50);
    }
    for _ in 0..4 {
        scene.pass(6000);
        scene.tidy_up();
    }
    let used = scene.used_since(0).tokens;
    (scene.world.tokens_of_the_day(), used)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_books_balance(steps in steps()) {
        for mode in [Mode::Exact, Mode::Leased] {
            let (counted, used) = balance(mode, &steps);
            prop_assert_eq!(counted, used, "{:?}", mode);
        }
    }
}
