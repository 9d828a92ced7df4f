//! Many isolates of one gateway, the upstreams of its pool, and what comes of a load.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::azure::{Azure, Counts, MINUTE};
use super::load::{Call, START};
use super::tasks::Tasks;
use crate::fake::{Alone, Clock, Gateway, Upstream, alone, chat, gateway};

const ISOLATES: usize = 50;
const OBJECTS_TAKE: u64 = 20;

pub struct World {
    clock: Rc<Clock>,
    isolates: Vec<Gateway>,
    pub azures: Vec<Rc<Azure>>,
}

/// What a client got.
#[derive(Clone, Copy, Debug)]
pub struct Got {
    pub at: u64,
    pub arrived: u64,
    pub tokens: u64,
    pub status: u16,
    /// A target had room for it all the same.
    pub had_room: bool,
    /// Such a one that had not asked to be left alone.
    pub had_open: bool,
}

impl World {
    /// `document`: what `GATEWAY` says beside its providers.
    pub fn new(azures: Vec<Azure>, document: &Value) -> Self {
        let clock = Rc::new(Clock::at(START));
        let azures: Vec<Rc<Azure>> = azures.into_iter().map(Rc::new).collect();
        let mut document = document.clone();
        for at in 0..azures.len() {
            let endpoint = format!("https://az{at}.openai.azure.com");
            document["providers"][format!("az{at}")] =
                json!({"kind": "azure", "endpoint": endpoint, "key": "k"});
        }
        let text = document.to_string();
        let isolates: Vec<Gateway> = (0..ISOLATES)
            .map(|_| isolate(&text, &clock, &azures))
            .collect();
        let objects = isolates[0].platform.objects.clone();
        let share = |mut isolate: Gateway| {
            isolate.platform.objects = objects.clone();
            isolate
        };
        Self {
            clock,
            isolates: isolates.into_iter().map(share).collect(),
            azures,
        }
    }

    /// Has calls come and go; gives what became of each.
    pub fn run(&self, calls: &[Call]) -> Vec<Got> {
        let got = RefCell::new(Vec::new());
        let mut tasks = Tasks::default();
        let begun = || self.jobs();
        for call in calls {
            tasks.run_to(&self.clock, call.at, begun);
            tasks.begin(alone(async {
                let answer = self.serve(call).await;
                got.borrow_mut().push(answer);
            }));
        }
        tasks.run_out(&self.clock, begun);
        drop(tasks);
        got.into_inner()
    }

    async fn serve(&self, call: &Call) -> Got {
        let isolate = &self.isolates[call.isolate];
        let answer = isolate.begin(chat(&call.body).id(&call.id)).await;
        let now = self.clock.now();
        let open = |it: &&Rc<Azure>| it.would_serve(call.tokens, now);
        Got {
            at: now,
            arrived: call.at,
            tokens: call.tokens,
            status: answer.status(),
            had_room: self.azures.iter().any(|it| open(&it)),
            had_open: self
                .azures
                .iter()
                .any(|it| open(&it) && !it.wants_peace(now)),
        }
    }

    /// What was left to be done in the background.
    fn jobs(&self) -> Vec<Alone<'_, ()>> {
        let of_isolate = |isolate: &'_ Gateway| isolate.platform.jobs.take();
        let mut begun = Vec::new();
        for isolate in &self.isolates {
            for job in of_isolate(isolate) {
                begun.push(alone(job.run(&isolate.platform, &isolate.config)));
            }
        }
        begun
    }

    /// Full minutes of a load, without its first: from, and to.
    pub fn minutes(calls: &[Call]) -> Vec<(u64, u64)> {
        let end = calls.last().map_or(START, |call| call.at);
        let count = (end - START) / MINUTE;
        (1..count)
            .map(|minute| (START + minute * MINUTE, START + (minute + 1) * MINUTE))
            .collect()
    }

    pub fn quota(&self) -> u64 {
        self.azures.iter().map(|it| it.tpm).sum()
    }
}

fn isolate(document: &str, clock: &Rc<Clock>, azures: &[Rc<Azure>]) -> Gateway {
    let mut isolate = gateway([("GATEWAY", document), ("PROXY_API_KEYS", "alice:client-key")]).timed();
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
