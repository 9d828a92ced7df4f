//! Upstreams that are asked side by side: they answer by their address, and take their time on a clock of the test's.

use super::{
    Ask, Close, Context, Error, FETCH_MILLIS, Fake, FetchError, Future, Gateway, Got, Inbound,
    Incoming, Kind, Pin, Poll, Served, Upstream, Waker, Worker, headers_of, pending, proxy,
};

/// What KV is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kv {
    #[default]
    Works,
    /// Nothing is found, and nothing is kept.
    Down,
    /// Nothing comes before patience ends.
    Slow,
}

const KV_PATIENCE_MILLIS: u64 = 300;

/// A future by itself.
pub type Alone<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

pub fn alone<'a, T>(future: impl Future<Output = T> + 'a) -> Alone<'a, T> {
    Box::pin(future)
}

impl Fake {
    /// So much time passes for who waits for it.
    pub(super) async fn pass(&self, millis: u64) {
        if !self.is_timed.get() {
            return self.wait(millis);
        }
        self.clock.pass(millis).await;
    }

    /// Until the next piece of a body is here.
    pub(super) async fn pause(&self, body: &mut Incoming, idle_millis: u32) -> Result<(), Error> {
        let stalls = body.pieces.is_empty() && body.close == Close::Stalls;
        let millis = body.pauses.pop_front().unwrap_or(0);
        let idle = u64::from(idle_millis);
        if !stalls && millis <= idle {
            self.pass(millis).await;
            return Ok(());
        }
        self.pass(idle).await;
        Err(Error::new(Kind::Timeout, "upstream_idle", "idle"))
    }

    pub(super) async fn look_up(&self, key: &str) -> Option<String> {
        match self.kv.get() {
            Kv::Works => self.store.borrow().get(key).cloned(),
            Kv::Down => None,
            Kv::Slow => {
                self.pass(KV_PATIENCE_MILLIS).await;
                None
            }
        }
    }

    pub(super) async fn answer(&self, url: &str) -> Result<Inbound<Incoming>, FetchError> {
        let (millis, upstream) = match self.upstream(url) {
            Upstream::Late(millis, upstream) => (millis, *upstream),
            upstream => (FETCH_MILLIS, upstream),
        };
        self.pass(millis).await;
        match upstream {
            Upstream::Answers(status, headers, body) => Ok(Inbound {
                status,
                headers: headers_of(&headers),
                body: Incoming::of(body.as_bytes(), false),
            }),
            Upstream::BreaksOff => Ok(Inbound {
                status: 200,
                headers: headers_of(&[("content-type", "application/json")]),
                body: Incoming::of(b"{", true),
            }),
            Upstream::Streams(pieces, close) => Ok(Inbound {
                status: 200,
                headers: headers_of(&[("content-type", "text/event-stream")]),
                body: Incoming::of_stream(&pieces, close),
            }),
            Upstream::Unreachable => Err(FetchError::Unreachable("refused".to_owned())),
            Upstream::TimesOut => Err(FetchError::Timeout),
            Upstream::NeverAnswers | Upstream::Late(..) | Upstream::Works(_) => pending().await,
        }
    }

    pub(super) fn worker(&self, url: &str) -> Option<Worker> {
        let servers = self.servers.borrow();
        servers.iter().find_map(|(part, upstream)| match upstream {
            Upstream::Works(worker) if url.contains(part) => Some(worker.clone()),
            _ => None,
        })
    }

    pub(super) async fn serve(&self, served: Served) -> Result<Inbound<Incoming>, FetchError> {
        self.pass(served.millis).await;
        let mut headers = headers_of(&[("content-type", "application/json")]);
        for (name, value) in &served.headers {
            headers.push(name, value);
        }
        Ok(Inbound {
            status: served.status,
            headers,
            body: Incoming::of(served.body.as_bytes(), false),
        })
    }

    fn upstream(&self, url: &str) -> Upstream {
        let servers = self.servers.borrow();
        let mut served = servers.iter().filter(|(part, _)| url.contains(part));
        if let Some((_, upstream)) = served.next() {
            return copy(upstream);
        }
        drop(served);
        let next = self.upstreams.borrow_mut().pop_front();
        next.unwrap_or_else(|| panic!("a fetch nobody scripted: {url}"))
    }
}

fn copy(upstream: &Upstream) -> Upstream {
    match upstream {
        Upstream::Answers(status, headers, body) => {
            Upstream::Answers(*status, headers.clone(), body)
        }
        Upstream::BreaksOff => Upstream::BreaksOff,
        Upstream::Unreachable => Upstream::Unreachable,
        Upstream::TimesOut => Upstream::TimesOut,
        Upstream::NeverAnswers => Upstream::NeverAnswers,
        Upstream::Works(worker) => Upstream::Works(worker.clone()),
        Upstream::Late(millis, upstream) => Upstream::Late(*millis, Box::new(copy(upstream))),
        Upstream::Streams(pieces, close) => Upstream::Streams(pieces.clone(), *close),
    }
}

impl Gateway {
    /// From now on fetches and pauses take their time.
    pub fn timed(self) -> Self {
        self.platform.is_timed.set(true);
        self
    }

    /// What answers whatever has this in its URL, from now on.
    pub fn serve(&self, part: &str, upstream: Upstream) {
        let mut servers = self.platform.servers.borrow_mut();
        servers.retain(|(other, _)| other != part);
        servers.push((part.to_owned(), upstream));
    }

    /// How often something with this in its URL was asked.
    pub fn asked(&self, part: &str) -> usize {
        let sent = self.platform.sent.borrow();
        sent.iter().filter(|it| it.url.contains(part)).count()
    }

    pub fn now(&self) -> u64 {
        self.platform.clock.now()
    }

    /// The answer to a request, unpolled.
    pub fn begin(&self, ask: Ask) -> Alone<'_, Got> {
        alone(async { Got::whole(proxy::handle(&self.platform, &self.config, ask.0).await) })
    }

    /// Drives futures side by side to their ends: time passes where all of them wait.
    pub fn drive<T>(&self, futures: Vec<Alone<'_, T>>) -> Vec<T> {
        const LONGEST_MILLIS: u64 = 120_000;
        let end = self.platform.clock.now() + LONGEST_MILLIS;
        let mut waiting: Vec<_> = futures.into_iter().map(Some).collect();
        let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
        while done.iter().any(Option::is_none) {
            for (future, value) in waiting.iter_mut().zip(&mut done) {
                if let Some(polled) = future
                    && let Poll::Ready(came) = poll(polled)
                {
                    *value = Some(came);
                    *future = None;
                }
            }
            self.platform.wait(1);
            assert!(self.platform.clock.now() < end, "something waits for ever");
        }
        done.into_iter().flatten().collect()
    }

    /// One request, to its end.
    pub fn ask(&self, ask: Ask) -> Got {
        self.drive(vec![self.begin(ask)]).remove(0)
    }

    /// Does what was left to be done in the background, all at once; gives how much it was.
    pub fn work(&self) -> usize {
        let jobs = self.platform.jobs.take();
        let count = jobs.len();
        let running = jobs.into_iter();
        let running = running.map(|job| alone(job.run(&self.platform, &self.config)));
        self.drive(running.collect());
        count
    }
}

/// Asks a future whether it is done.
pub fn poll<T>(future: &mut Alone<'_, T>) -> Poll<T> {
    let mut context = Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut context)
}
