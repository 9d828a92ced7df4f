//! What is granted in any minute, whatever comes in whatever order.

use isthmus::limits::Mode;
use proptest::prelude::*;

use super::world::{Scene, limits_of};

const REQUESTS: u64 = 30;
const TOKENS: u64 = 1000;
const LARGEST: u64 = 120;

#[derive(Clone, Debug)]
enum Step {
    Call { isolate: usize, tokens: u64 },
    GoOn(usize),
    Settle { which: usize, percent: u64 },
    HangUp(usize),
    Pause(u64),
    Pass(u64),
    Replace(usize),
    Save,
    Evict,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => (0usize..3, 1..=LARGEST).prop_map(|(isolate, tokens)| Step::Call { isolate, tokens }),
        10 => any::<usize>().prop_map(Step::GoOn),
        4 => (any::<usize>(), 0u64..=100).prop_map(|(which, percent)| Step::Settle { which, percent }),
        1 => any::<usize>().prop_map(Step::HangUp),
        4 => (1u64..3000).prop_map(Step::Pause),
        2 => (50u64..9000).prop_map(Step::Pass),
        1 => (0usize..3).prop_map(Step::Replace),
        1 => Just(Step::Save),
        1 => Just(Step::Evict),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..160)
}

fn play(scene: &mut Scene, step: &Step) {
    match *step {
        Step::Call { isolate, tokens } => scene.call(isolate, tokens),
        Step::GoOn(which) => scene.go_on(which),
        Step::Settle { which, percent } => scene.settle(which, percent),
        Step::HangUp(which) => scene.hang_up(which),
        Step::Pause(millis) => scene.pause(millis),
        Step::Pass(millis) => scene.pass(millis),
        Step::Replace(isolate) => scene.replace(isolate),
        Step::Save => scene.world.save(),
        Step::Evict => {
            scene.world.save();
            scene.world.crash();
        }
        Step::Crash => scene.world.crash(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn exact_limits_are_never_exceeded(steps in steps()) {
        let mut scene = Scene::new(3, Mode::Exact, limits_of(Some(REQUESTS), Some(TOKENS)));
        for step in &steps {
            play(&mut scene, step);
            let used = scene.used();
            prop_assert!(used.tokens <= TOKENS, "{} tokens after {step:?}", used.tokens);
            prop_assert!(used.requests <= REQUESTS, "{} requests after {step:?}", used.requests);
        }
    }

    #[test]
    fn leased_limits_are_exceeded_by_one_call_of_each_isolate_at_most(steps in steps()) {
        let mut scene = Scene::new(3, Mode::Leased, limits_of(Some(REQUESTS), Some(TOKENS)));
        for step in &steps {
            play(&mut scene, step);
            let since = scene.now() - 60_000;
            let isolates = 3 + scene.gone.iter().filter(|gone| **gone > since).count() as u64;
            let used = scene.used();
            prop_assert!(used.tokens <= TOKENS + isolates * LARGEST, "{} tokens after {step:?}", used.tokens);
            prop_assert!(used.requests <= REQUESTS + isolates, "{} requests after {step:?}", used.requests);
        }
    }
}
