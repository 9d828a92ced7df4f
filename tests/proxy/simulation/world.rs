//! The isolates of one gateway, the upstreams of its pool, and what comes of a load.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::azure::Azure;
use super::load::{self, Call, START};
use super::tasks::Tasks;
use crate::fake::{Alone, Clock, Gateway, Upstream, alone, gateway};

/// There and back.
const OBJECTS_TAKE: u64 = 20;

pub struct World {
    clock: Rc<Clock>,
    isolates: Vec<Gateway>,
    pub azures: Vec<Rc<Azure>>,
}

/// What came of a load.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub served: usize,
    pub refused: usize,
    /// Though a target was open for it.
    pub wrongly_refused: usize,
}

impl World {
    /// `document`: what `GATEWAY` says beside the providers `az0`, `az1`...
    pub fn new(isolates: usize, azures: Vec<Azure>, mut document: Value) -> Self {
        for at in 0..azures.len() {
            let endpoint = format!("https://az{at}.openai.azure.com");
            document["providers"][format!("az{at}")] =
                json!({"kind": "azure", "endpoint": endpoint, "key": "k"});
        }
        let document = document.to_string();
        let clock = Rc::new(Clock::at(START));
        let azures: Vec<Rc<Azure>> = azures.into_iter().map(Rc::new).collect();
        let first = isolate(&document, &clock, &azures);
        let objects = first.platform.objects.clone();
        let mut all = vec![first];
        all.resize_with(isolates, || {
            let mut other = isolate(&document, &clock, &azures);
            other.platform.objects = objects.clone();
            other
        });
        Self {
            clock,
            isolates: all,
            azures,
        }
    }

    /// Has calls come and go. `late_millis`: so long it may take to know of room.
    pub fn run(&self, calls: &[Call], late_millis: u64) -> Outcome {
        let outcome = RefCell::new(Outcome::default());
        let mut tasks = Tasks::default();
        let begun = || self.jobs();
        for call in calls {
            tasks.run_to(&self.clock, call.at, begun);
            let serving = self.serve(call, late_millis, &outcome);
            tasks.begin(alone(serving));
        }
        tasks.run_out(&self.clock, begun);
        drop(tasks);
        outcome.into_inner()
    }

    async fn serve(&self, call: &Call, late_millis: u64, outcome: &RefCell<Outcome>) {
        let isolate = &self.isolates[call.isolate];
        let got = isolate.begin(call.ask()).await;
        let outcome = &mut *outcome.borrow_mut();
        match got.status() {
            200 => outcome.served += 1,
            429 => {
                outcome.refused += 1;
                let now = self.clock.now();
                let mut azures = self.azures.iter();
                let is_wrong = azures.any(|it| it.is_open(call.tokens, now, late_millis));
                outcome.wrongly_refused += usize::from(is_wrong);
            }
            status => panic!("{status}: {}", got.text()),
        }
    }

    /// What was left to be done in the background.
    fn jobs(&self) -> Vec<Alone<'_, ()>> {
        let mut begun = Vec::new();
        for Gateway { platform, config } in &self.isolates {
            let jobs = platform.jobs.take().into_iter();
            begun.extend(jobs.map(|job| alone(job.run(platform, config))));
        }
        begun
    }

    pub fn quota(&self) -> u64 {
        self.azures.iter().map(|it| it.quota.tpm).sum()
    }

    /// Of every hundred tokens of the quota so many were of use in the worst of the full minutes.
    pub fn throughput(&self, calls: &[Call]) -> u64 {
        let quota = self.quota();
        let minutes = load::minutes(calls).into_iter();
        let parts = minutes.map(|(from, to)| {
            let accepted = self.azures.iter().map(|it| it.accepted(from, to));
            accepted.sum::<u64>() * 100 / quota
        });
        parts.min().expect("a full minute")
    }

    /// How often a target refused.
    pub fn refused(&self) -> usize {
        self.azures.iter().map(|it| it.refused()).sum()
    }
}

fn isolate(document: &str, clock: &Rc<Clock>, azures: &[Rc<Azure>]) -> Gateway {
    let mut isolate = gateway([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "alice:client-key"),
        ("LOG_LEVEL", "error"),
    ])
    .timed();
    assert_eq!(isolate.config.warnings, [""; 0]);
    isolate.platform.clock = clock.clone();
    isolate.platform.objects_take_millis.set(OBJECTS_TAKE);
    for (at, azure) in azures.iter().enumerate() {
        let azure = azure.clone();
        let worker = Rc::new(move |sent: &_, now| azure.answer(sent, now));
        isolate.serve(&format!("//az{at}."), Upstream::Works(worker));
    }
    isolate
}
