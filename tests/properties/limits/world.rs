//! Isolates, one shared object, its disk, and messages that take their time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use isthmus::config::{Config, Settings};
use isthmus::error::Result;
use isthmus::later::Job;
use isthmus::limits::{self, Amount, Denial, Limited, Limits, Mode, Permit};
use isthmus::memory::Memory;
use isthmus::platform::{
    Bounds, ClientBody, FetchError, Inbound, Lane, Level, Outbound, Platform, Read,
};
use isthmus::shared::Object;
use serde_json::Value;

pub const NAME: &str = "client:team";

/// What all isolates share.
#[derive(Default)]
pub struct World {
    pub now: Cell<u64>,
    objects: RefCell<BTreeMap<String, Object>>,
    disk: RefCell<BTreeMap<String, String>>,
    pub writes: Cell<u32>,
    pub questions: Cell<u32>,
    /// Messages are not heard.
    pub is_deaf: Cell<bool>,
    /// They are, and their answers are lost.
    pub is_mute: Cell<bool>,
}

impl World {
    pub fn at(now: u64) -> Rc<Self> {
        let world = Self::default();
        world.now.set(now);
        Rc::new(world)
    }

    pub fn hear(&self, name: &str, message: &str) -> Option<String> {
        let now = self.now.get();
        self.questions.set(self.questions.get() + 1);
        let mut objects = self.objects.borrow_mut();
        let object = objects.entry(name.to_owned()).or_insert_with(|| {
            let disk = self.disk.borrow();
            Object::restored(disk.get(name).map(String::as_str), now)
        });
        let answer = object.ask(message, now);
        if let Some(saved) = object.due() {
            self.write(name, saved);
        }
        answer
    }

    fn write(&self, name: &str, saved: String) {
        self.writes.set(self.writes.get() + 1);
        self.disk.borrow_mut().insert(name.to_owned(), saved);
    }

    /// Objects that were idle for a second.
    pub fn save(&self) {
        for (name, object) in &mut *self.objects.borrow_mut() {
            if let Some(saved) = object.rest() {
                self.write(name, saved);
            }
        }
    }

    /// What is not on disk is gone.
    pub fn crash(&self) {
        self.objects.borrow_mut().clear();
    }

    /// Tokens of the day, as they would be after an eviction.
    pub fn tokens_of_the_day(&self) -> u64 {
        self.save();
        let disk = self.disk.borrow();
        let Some(saved) = disk.get(NAME) else {
            return 0;
        };
        let saved: Value = serde_json::from_str(saved).unwrap();
        let ledger = &saved["ledger"];
        let used = ledger["tally"]["day"]["used"].as_u64().unwrap();
        used + ledger["open"]["tokens"].as_u64().unwrap()
    }
}

/// One isolate.
pub struct Isolate {
    pub world: Rc<World>,
    memory: Memory,
    jobs: RefCell<Vec<Job>>,
}

/// Nothing here has a body.
pub struct NoBody;

impl Platform for Isolate {
    type ClientBody = NoBody;
    type UpstreamBody = ();

    fn now_millis(&self) -> u64 {
        self.world.now.get()
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn sleep(&self, millis: u32) {
        let due = self.now_millis() + u64::from(millis);
        poll_fn(|_| match self.now_millis() {
            now if now < due => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
    }

    fn later(&self, job: Job) {
        self.jobs.borrow_mut().push(job);
    }

    /// A message waits to be heard; the answer to a report waits, too. That to a call comes at once: it is granted when
    /// the object says so.
    async fn ask(&self, object: &str, message: &str) -> Option<String> {
        once_later().await;
        if self.world.is_deaf.get() {
            return None;
        }
        let answer = self.world.hear(object, message);
        if message.contains(r#""do":"report""#) {
            once_later().await;
        }
        answer.filter(|_| !self.world.is_mute.get())
    }

    async fn fetch(&self, _: Outbound<'_, NoBody>) -> std::result::Result<Inbound<()>, FetchError> {
        pending().await
    }

    fn abandon(&self, _: Lane) {}

    fn join(&self, _: Vec<()>) {}

    async fn read(&self, (): &mut (), _: Bounds) -> Result<Read> {
        pending().await
    }

    async fn next(&self, (): &mut (), _: u32) -> Result<Option<Vec<u8>>> {
        pending().await
    }

    async fn look(&self, (): &mut (), _: u32) -> Result<Option<Vec<u8>>> {
        pending().await
    }

    fn keep_alive(&self, _: u32, _: &isthmus::headers::Headers, _: &str) {}

    fn has_begun(&self) -> bool {
        false
    }

    async fn stored(&self, _: &str) -> Option<String> {
        None
    }

    fn store(&self, _: &str, _: &str, _: u64) {}

    async fn sign(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>> {
        pending().await
    }

    fn log(&self, _: Level, _: &str) {}
}

impl ClientBody for NoBody {
    async fn window(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn whole(&self) -> Vec<u8> {
        Vec::new()
    }

    fn is_replayable(&self) -> bool {
        true
    }

    fn replace(&mut self, _: Vec<u8>) {}

    fn again(&self) -> Self {
        Self
    }
}

async fn once_later() {
    let mut is_later = false;
    poll_fn(|_| {
        if is_later {
            return Poll::Ready(());
        }
        is_later = true;
        Poll::Pending
    })
    .await;
}

type Running<T> = Pin<Box<dyn Future<Output = T>>>;

/// A call that was let in, as those who watch it count it.
pub struct Grant {
    pub at: u64,
    pub amount: Amount,
}

pub type Outcome = std::result::Result<Permit, Denial>;

/// Calls and background work of some isolates, in the hands of a test.
pub struct Scene {
    pub world: Rc<World>,
    pub limited: Limited,
    config: Rc<Config>,
    isolates: Vec<Rc<Isolate>>,
    /// With the isolate each belongs to, and what it asks for.
    calls: Vec<(usize, Amount, Running<Outcome>)>,
    jobs: Vec<(usize, Running<()>)>,
    /// What was granted, with its permit until it is settled.
    pub grants: Vec<(usize, Grant, Option<Permit>)>,
    pub denials: Vec<Denial>,
    /// How many isolates there ever were, with the times they were gone.
    pub gone: Vec<u64>,
}

pub fn limits_of(requests: Option<u64>, tokens: Option<u64>) -> Limits {
    Limits {
        requests,
        tokens,
        ..Limits::default()
    }
}

impl Scene {
    pub fn new(count: usize, mode: Mode, limits: Limits) -> Self {
        let settings: [(&str, &str); 0] = [];
        let mut scene = Self {
            world: World::at(1_700_000_000_000),
            limited: Limited {
                name: NAME.to_owned(),
                limits,
                mode,
            },
            config: Rc::new(Config::read(&Settings::from_iter(settings))),
            isolates: Vec::new(),
            calls: Vec::new(),
            jobs: Vec::new(),
            grants: Vec::new(),
            denials: Vec::new(),
            gone: Vec::new(),
        };
        scene.isolates = (0..count).map(|_| scene.isolate()).collect();
        scene
    }

    fn isolate(&self) -> Rc<Isolate> {
        Rc::new(Isolate {
            world: self.world.clone(),
            memory: Memory::default(),
            jobs: RefCell::default(),
        })
    }

    pub fn now(&self) -> u64 {
        self.world.now.get()
    }

    pub fn is_degraded(&self) -> bool {
        let mut isolates = self.isolates.iter();
        isolates.any(|isolate| isolate.memory.leases().are_degraded(self.now()))
    }

    /// A client calls.
    pub fn call(&mut self, isolate: usize, tokens: u64) {
        let isolate = isolate % self.isolates.len();
        let platform = self.isolates[isolate].clone();
        let limited = self.limited.clone();
        let amount = Amount {
            requests: 1,
            tokens,
        };
        let call = async move { limits::reserve(&*platform, &limited, amount).await };
        self.calls.push((isolate, amount, Box::pin(call)));
        let last = self.calls.len() - 1;
        self.go_on(last);
    }

    /// One of the calls, or of what is done in the background, goes on as far as it can.
    pub fn go_on(&mut self, which: usize) {
        let count = self.calls.len() + self.jobs.len();
        if count == 0 {
            return;
        }
        let which = which % count;
        let mut context = Context::from_waker(Waker::noop());
        if let Some(at) = which.checked_sub(self.calls.len()) {
            if self.jobs[at].1.as_mut().poll(&mut context).is_ready() {
                drop(self.jobs.remove(at));
            }
        } else if let Poll::Ready(outcome) = self.calls[which].2.as_mut().poll(&mut context) {
            let (isolate, amount, _) = self.calls.remove(which);
            self.note(isolate, amount, outcome);
        }
        self.begin_jobs();
    }

    fn note(&mut self, isolate: usize, amount: Amount, outcome: Outcome) {
        match outcome {
            Ok(permit) => {
                let at = self.now();
                self.grants
                    .push((isolate, Grant { at, amount }, Some(permit)));
            }
            Err(denial) => self.denials.push(denial),
        }
    }

    fn begin_jobs(&mut self) {
        for (at, isolate) in self.isolates.iter().enumerate() {
            for job in isolate.jobs.take() {
                let (platform, config) = (isolate.clone(), self.config.clone());
                let job = async move { job.run(&*platform, &config).await };
                self.jobs.push((at, Box::pin(job)));
            }
        }
    }

    /// Everything goes on, until all of it waits for time to pass.
    pub fn settle_down(&mut self) {
        for _ in 0..8 {
            for which in (0..self.calls.len() + self.jobs.len()).rev() {
                self.go_on(which);
            }
        }
    }

    /// Time passes.
    pub fn pause(&mut self, millis: u64) {
        self.world.now.set(self.now() + millis);
    }

    /// The same, and everything goes on meanwhile.
    pub fn pass(&mut self, millis: u64) {
        for _ in 0..millis / 50 {
            self.settle_down();
            self.pause(50);
        }
    }

    /// A call that waits is given up.
    pub fn hang_up(&mut self, which: usize) {
        if !self.calls.is_empty() {
            let which = which % self.calls.len();
            drop(self.calls.remove(which));
        }
    }

    /// A call is over; it has used so many hundredths of what it reserved. 0: it was not made; 200: nobody says.
    pub fn settle(&mut self, which: usize, percent: u64) {
        let now = self.now();
        let grants = self.grants.iter_mut();
        let mut open: Vec<_> = grants.filter(|(.., permit)| permit.is_some()).collect();
        if open.is_empty() {
            return;
        }
        let (_, grant, permit) = open.remove(which % open.len());
        let permit = permit.take().unwrap();
        match percent {
            0 => {
                grant.amount = Amount::NONE;
                permit.release(now);
            }
            1..200 => {
                grant.amount.tokens = grant.amount.tokens * percent / 100;
                permit.settle(grant.amount.tokens, now);
            }
            _ => drop(permit),
        }
        self.tidy_up();
    }

    /// As it is done at the end of a request.
    pub fn tidy_up(&mut self) {
        for isolate in &self.isolates {
            isthmus::later::tidy_up(&**isolate);
        }
        self.begin_jobs();
    }

    /// An isolate is gone, with all it did; another comes.
    pub fn replace(&mut self, isolate: usize) {
        let at = isolate % self.isolates.len();
        self.calls.retain(|(of, ..)| *of != at);
        self.jobs.retain(|(of, _)| *of != at);
        for (of, _, permit) in &mut self.grants {
            if *of == at {
                permit.take();
            }
        }
        self.isolates[at] = self.isolate();
        self.gone.push(self.now());
    }

    pub fn used_since(&self, since: u64) -> Amount {
        let grants = self.grants.iter().filter(|(_, grant, _)| grant.at > since);
        grants.fold(Amount::NONE, |sum, (_, grant, _)| sum.plus(grant.amount))
    }

    /// Of the last minute.
    pub fn used(&self) -> Amount {
        self.used_since(self.now() - 60_000)
    }
}
