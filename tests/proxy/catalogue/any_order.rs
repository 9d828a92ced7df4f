//! Whatever happens in whatever order: two isolates with one KV, two upstreams that come and go.

use std::rc::Rc;

use proptest::prelude::*;

use super::{TWO, anew, ids, list, lists, of};
use crate::fake::{Gateway, Kv, Upstream, poll};

const FRESH: u64 = 300_000;
const DAY: u64 = 86_400_000;
/// What was left behind an answer is over by then.
const RENEWAL: u64 = 30_000;
/// A failure is everybody's for so long.
const FAILED: u64 = 5_000;
/// Longer than any call takes.
const CALL: u64 = 15_000;

#[derive(Clone, Copy, Debug)]
enum Event {
    Ask {
        isolate: usize,
        is_impatient: bool,
    },
    /// And go while the answer is awaited.
    Leave(usize),
    /// What waits in the background is done.
    Work(usize),
    /// Or never will be.
    Lose(usize),
    Wait(u64),
    /// An upstream lists something else from now on.
    Change(usize),
    Fail(usize, Fault),
    Store(Kv),
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Unreachable,
    Silent,
    Nonsense,
}

fn event() -> impl Strategy<Value = Event> {
    let two = || 0..2usize;
    let fault = prop_oneof![
        Just(Fault::Unreachable),
        Just(Fault::Silent),
        Just(Fault::Nonsense)
    ];
    let wait = [1_000, 31_000, 360_000, 18_000_000, 82_800_000];
    prop_oneof![
        8 => (two(), prop::bool::weighted(0.2)).prop_map(|(isolate, is_impatient)| Event::Ask { isolate, is_impatient }),
        1 => two().prop_map(Event::Leave),
        4 => two().prop_map(Event::Work),
        1 => two().prop_map(Event::Lose),
        4 => prop::sample::select(wait.to_vec()).prop_map(Event::Wait),
        2 => two().prop_map(Event::Change),
        2 => (two(), fault).prop_map(|(upstream, fault)| Event::Fail(upstream, fault)),
        1 => prop::sample::select(vec![Kv::Works, Kv::Down, Kv::Slow]).prop_map(Event::Store),
    ]
}

/// What an upstream listed, and until when.
struct World {
    isolates: [Gateway; 2],
    /// By upstream: the names it had, each with the time from which on it had another, or none.
    names: [Vec<(String, Option<u64>)>; 2],
    /// When both failed last: who asked then may be told so for a little longer.
    both_failed: Option<u64>,
    /// When an isolate left something to be done that was not done since.
    left: [Option<u64>; 2],
}

const HOSTS: [&str; 2] = ["a.test", "b.test"];

impl World {
    fn new() -> Self {
        let (first, mut second) = (of(TWO), of(TWO));
        second.platform.store = Rc::clone(&first.platform.store);
        let mut world = Self {
            isolates: [first, second],
            names: Default::default(),
            both_failed: None,
            left: [None; 2],
        };
        world.change(0);
        world.change(1);
        world
    }

    fn now(&self) -> u64 {
        self.isolates[0].now()
    }

    /// There is one time for all.
    fn level(&self) {
        let latest = self.isolates.iter().map(Gateway::now).max().unwrap();
        for isolate in &self.isolates {
            isolate.platform.wait(latest - isolate.now());
        }
    }

    /// Before anything changes.
    fn note(&mut self) {
        let mut names = self.names.iter().map(|names| names.last());
        if names.all(|last| last.is_none_or(|(_, until)| until.is_some())) {
            self.both_failed = Some(self.now());
        }
    }

    fn end_last(&mut self, upstream: usize) {
        let now = self.now();
        if let Some((_, until)) = self.names[upstream].last_mut() {
            until.get_or_insert(now);
        }
    }

    fn change(&mut self, upstream: usize) {
        self.end_last(upstream);
        let name = format!("m{}", self.names[upstream].len());
        for isolate in &self.isolates {
            isolate.serve(HOSTS[upstream], lists(&[&name]));
        }
        self.names[upstream].push((name, None));
    }

    fn fail(&mut self, upstream: usize, fault: Fault) {
        self.end_last(upstream);
        for isolate in &self.isolates {
            let fault = match fault {
                Fault::Unreachable => Upstream::Unreachable,
                Fault::Silent => Upstream::NeverAnswers,
                Fault::Nonsense => crate::fake::json(200, "<html>"),
            };
            isolate.serve(HOSTS[upstream], fault);
        }
    }

    fn happens(&mut self, event: Event) {
        self.note();
        match event {
            Event::Ask {
                isolate,
                is_impatient,
            } => self.ask(isolate, is_impatient),
            Event::Leave(isolate) => {
                let mut asking = self.isolates[isolate].begin(list());
                let _ = poll(&mut asking).is_pending();
            }
            Event::Work(isolate) => {
                self.isolates[isolate].work();
                self.left[isolate] = None;
            }
            Event::Lose(isolate) => drop(self.isolates[isolate].platform.jobs.take()),
            Event::Wait(millis) => self.isolates[0].platform.wait(millis),
            Event::Change(upstream) => self.change(upstream),
            Event::Fail(upstream, fault) => self.fail(upstream, fault),
            Event::Store(kv) => {
                for isolate in &self.isolates {
                    isolate.platform.kv.set(kv);
                }
            }
        }
        self.level();
    }

    fn ask(&mut self, isolate: usize, is_impatient: bool) {
        let (gateway, now) = (&self.isolates[isolate], self.now());
        let (before, jobs) = (gateway.asked("test"), gateway.platform.jobs.borrow().len());
        let got = gateway.ask(if is_impatient { anew() } else { list() });
        if gateway.platform.jobs.borrow().len() > jobs {
            let since = self.left[isolate].map(|left| now - left);
            assert!(since.is_none_or(|since| since >= RENEWAL), "{since:?}");
            self.left[isolate] = Some(now);
        }
        let cache = got.header("x-isthmus-cache").unwrap_or("none");
        let partial = got.header("x-isthmus-models-partial").unwrap_or_default();
        let waited = gateway.asked("test") > before;
        match cache {
            "hit" => assert!(!waited || is_impatient, "nobody waits for upstreams"),
            // Part of it was too old, and nobody answered.
            "stale" => assert!(!waited || partial == "a, b", "nobody waits for upstreams"),
            _ => {}
        }
        if got.status() != 200 {
            let since = self.both_failed.map(|at| now - at);
            assert!(since.is_some_and(|since| since < FAILED), "{}", got.text());
            return;
        }
        let ids = ids(&got);
        assert!(!ids.is_empty(), "never an empty list");
        for (upstream, host) in ["a", "b"].iter().enumerate() {
            let of_it: Vec<&str> = ids
                .iter()
                .filter_map(|id| match (id.strip_prefix("b/"), upstream) {
                    (None, 0) => Some(id.as_str()),
                    (Some(id), 1) => Some(id),
                    _ => None,
                })
                .collect();
            assert!(of_it.len() <= 1, "{ids:?}");
            let is_missing = partial.split(", ").any(|name| name == *host);
            assert!(is_missing || of_it.len() == 1, "{ids:?} {partial}");
            for name in of_it {
                let (_, until) = self.names[upstream]
                    .iter()
                    .find(|(it, _)| it == name)
                    .unwrap();
                let age = until.map_or(0, |until| now.saturating_sub(until));
                assert!(age < DAY + CALL, "{name} is {age} old");
                let is_new = cache == "miss" && !is_missing;
                assert!(!is_new || until.is_none(), "{name} was said anew");
                assert!(
                    cache != "hit" || is_missing || age < FRESH + CALL,
                    "{name} is {age} old"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_never_wrong_empty_or_too_old(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new();
        for event in events {
            world.happens(event);
        }
    }
}
