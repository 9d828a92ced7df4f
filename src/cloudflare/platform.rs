//! The port, over the Workers runtime.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::cloudflare::bridge::{self, Call};
use crate::cloudflare::cut;
use crate::cloudflare::jobs;
use crate::cloudflare::limiter;
use crate::cloudflare::runtime::{log, now_millis};
use crate::cloudflare::tasks::{Arrivals, Outcome};
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::later::Job;
use crate::memory::Memory;
use crate::platform::{
    Bounds, ClientBody, FetchError, Inbound, Lane, Level, Outbound, Payload, Platform, Read,
};

/// One request's view of the runtime.
#[derive(Clone)]
pub struct Workers {
    call: Rc<Call>,
    arrivals: Arrivals,
    memory: Rc<Memory>,
    is_kept_alive: Cell<bool>,
}

/// What is not in KV is found out with a round trip or two: nobody waits for it longer than that.
const PATIENCE_MILLIS: u32 = 300;

thread_local! {
    // By chance: nothing else tells an isolate from all others.
    static MEMORY: Rc<Memory> = Rc::new(Memory::named(&js_sys::Math::random().to_string()));
}

impl Workers {
    pub(super) fn new(call: Call, arrivals: Arrivals) -> Self {
        let call = Rc::new(call);
        let memory = MEMORY.with(Rc::clone);
        Self {
            call,
            arrivals,
            memory,
            is_kept_alive: Cell::default(),
        }
    }

    pub(super) fn call(&self) -> &Rc<Call> {
        &self.call
    }

    pub(super) fn client_body(&self) -> Body {
        Body {
            workers: self.clone(),
        }
    }

    /// What the promise behind a ticket brings.
    pub(super) async fn outcome(&self, ticket: u32) -> Outcome {
        self.arrivals.outcome(ticket).await
    }
}

impl Platform for Workers {
    type ClientBody = Body;
    type UpstreamBody = bridge::Reply;

    fn now_millis(&self) -> u64 {
        now_millis()
    }

    async fn fetch(
        &self,
        request: Outbound<'_, Body>,
    ) -> std::result::Result<Inbound<bridge::Reply>, FetchError> {
        let head = format!(
            "{}\n{}\n{}",
            request.method,
            request.url,
            request.headers.as_packed()
        );
        let (timeout, is_beside) = (request.timeout_millis, request.is_beside);
        let lane = number_of(request.lane);
        let ticket = match request.payload {
            Payload::Client(_, edits) => {
                for edit in edits {
                    self.call
                        .edit(offset(edit.range.start), offset(edit.range.end), &edit.text);
                }
                self.call.fetch(&head, timeout, lane)
            }
            Payload::Own(bytes) => self.call.ask(&head, Some(bytes), timeout, lane, is_beside),
            Payload::None => self.call.ask(&head, None, timeout, lane, is_beside),
        };
        let sent = self.outcome(ticket).await;
        let reply: bridge::Reply = sent
            .map_err(|problem| fetch_error(&problem))?
            .unchecked_into();
        let (status, headers) = cut(reply.head());
        Ok(Inbound {
            status: status.parse().unwrap_or(0),
            headers: Headers::from_packed(headers),
            body: reply,
        })
    }

    fn abandon(&self, lane: Lane) {
        self.call.abandon(number_of(lane));
    }

    fn join(&self, bodies: Vec<bridge::Reply>) -> bridge::Reply {
        self.call.join(bodies)
    }

    async fn read(&self, body: &mut bridge::Reply, bounds: Bounds) -> Result<Read> {
        let limit = u32::try_from(bounds.bytes).unwrap_or(u32::MAX);
        let read = self
            .outcome(self.call.read(body, limit, bounds.idle_millis))
            .await
            .map_err(|problem| broken_off(&problem))?;
        Ok(Read {
            bytes: read.unchecked_into::<Uint8Array>().to_vec(),
            is_whole: body.is_whole(),
        })
    }

    async fn next(&self, body: &mut bridge::Reply, idle_millis: u32) -> Result<Option<Vec<u8>>> {
        let next = self
            .outcome(self.call.next_of(body, idle_millis))
            .await
            .map_err(|problem| broken_off(&problem))?;
        Ok((!next.is_undefined()).then(|| next.unchecked_into::<Uint8Array>().to_vec()))
    }

    async fn look(&self, body: &mut bridge::Reply, idle_millis: u32) -> Result<Option<Vec<u8>>> {
        let next = self
            .outcome(self.call.look(body, idle_millis))
            .await
            .map_err(|problem| broken_off(&problem))?;
        Ok((!next.is_undefined()).then(|| next.unchecked_into::<Uint8Array>().to_vec()))
    }

    fn keep_alive(&self, millis: u32, headers: &Headers, if_broken: &str) {
        self.is_kept_alive.set(true);
        self.call.keep_alive(millis, headers.as_packed(), if_broken);
    }

    fn has_begun(&self) -> bool {
        self.is_kept_alive.get() && self.call.has_begun()
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn stored(&self, key: &str) -> Option<String> {
        let stored = self.outcome(self.call.stored(key, PATIENCE_MILLIS)).await;
        stored.ok()?.as_string()
    }

    fn store(&self, key: &str, value: &str, secs: u64) {
        // KV keeps nothing for less than a minute.
        self.call.store(key, value, limiter::number(secs.max(60)));
    }

    async fn sign(&self, key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        let signed = self.outcome(self.call.sign(key, message)).await;
        let signature = signed.map_err(|problem| {
            let message = "The private key of GOOGLE_APPLICATION_CREDENTIALS cannot be used.";
            Error::configuration(message).detail(words(&problem))
        })?;
        Ok(signature.unchecked_into::<Uint8Array>().to_vec())
    }

    async fn sleep(&self, millis: u32) {
        let _ = self.outcome(self.call.sleep(millis)).await;
    }

    fn later(&self, job: Job) {
        self.call.later(jobs::put(job));
    }

    fn has_objects(&self) -> bool {
        self.call.has_objects()
    }

    async fn ask(&self, object: &str, message: &str) -> Option<String> {
        let answer = self.outcome(self.call.ask_shared(object, message)).await;
        answer.ok()?.as_string()
    }

    fn log(&self, level: Level, line: &str) {
        log(level, line);
    }
}

/// The client's body, kept by `call.js`.
pub struct Body {
    workers: Workers,
}

impl ClientBody for Body {
    async fn window(&mut self) -> Result<Option<Vec<u8>>> {
        let window = self.workers.outcome(self.workers.call.window()).await;
        let window = window.map_err(|problem| {
            Error::bad_request("incomplete_body", "The request body broke off.")
                .detail(words(&problem))
        })?;
        let bytes =
            (!window.is_undefined()).then(|| window.unchecked_into::<Uint8Array>().to_vec());
        Ok(bytes)
    }

    fn whole(&self) -> Vec<u8> {
        self.workers.call.whole().to_vec()
    }

    fn is_replayable(&self) -> bool {
        self.workers.call.is_replayable()
    }

    fn replace(&mut self, bytes: Vec<u8>) {
        self.workers.call.replace(&bytes);
    }

    fn again(&self) -> Self {
        self.workers.client_body()
    }
}

fn number_of(lane: Lane) -> u32 {
    match lane {
        Lane::First => 0,
        Lane::Second => 1,
    }
}

/// Bodies end at 500 MB: every offset is exact in an f64.
#[expect(
    clippy::cast_precision_loss,
    reason = "offsets of a body stay below 2^53"
)]
fn offset(bytes: u64) -> f64 {
    bytes as f64
}

fn fetch_error(problem: &JsValue) -> FetchError {
    if is_timeout(problem) {
        FetchError::Timeout
    } else {
        FetchError::Unreachable(words(problem))
    }
}

fn broken_off(problem: &JsValue) -> Error {
    if is_timeout(problem) {
        return Error::new(
            Kind::Timeout,
            "upstream_idle",
            "The upstream stopped in the middle of its answer.",
        );
    }
    Error::new(
        Kind::BadGateway,
        "upstream_broke",
        "The upstream broke off in the middle of its answer.",
    )
    .detail(words(problem))
}

fn is_timeout(problem: &JsValue) -> bool {
    problem.as_string().is_some_and(|word| word == "timeout")
}

/// The runtime's message, without a stack, and without the query of a URL it may quote.
fn words(problem: &JsValue) -> String {
    let message = problem
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()));
    let message = message.unwrap_or_else(|| "unknown".to_owned());
    message.split('?').next().unwrap_or_default().to_owned()
}
