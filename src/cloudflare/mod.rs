//! The Workers shell: a request comes in, `proxy::handle` answers it, the answer goes out.
//!
//! `shim.js` is the Worker's entry module, `call.js` its side of one request (with `body.js`, the client's
//! body, `reply.js`, an upstream's answer, `stream.js`, one on its way to the client, and `keepalive.js`, which fills
//! its silences), `bridge.rs` their types here.

pub mod bridge;
mod configured;
#[cfg(feature = "faults")]
mod faults;
mod jobs;
mod limiter;
pub mod platform;
mod runtime;
mod tasks;

use wasm_bindgen::prelude::*;

use crate::answer::{Answer, Body};
use crate::cloudflare::bridge::{Call, Ending, Reply};
use crate::cloudflare::platform::{Body as ClientBody, Workers};
use crate::cloudflare::tasks::Arrivals;
use crate::config::Config;
use crate::headers::Headers;
use crate::later;
use crate::proxy::{self, Request};

/// Begins to answer a request: gives the `Response`, or undefined while something is awaited.
#[wasm_bindgen]
pub fn fetch(call: Call, id: u32, head: String) -> JsValue {
    tasks::start(id, |arrivals| serve(call, arrivals, head))
}

/// What came of something awaited; gives the same as `fetch`, or null if the call is over.
#[wasm_bindgen]
pub fn resume(id: u32, ticket: u32, failed: bool, value: JsValue) -> JsValue {
    let outcome = if failed { Err(value) } else { Ok(value) };
    tasks::resume(id, ticket, outcome)
}

/// The client is gone.
#[wasm_bindgen]
pub fn hang_up(id: u32) {
    tasks::hang_up(id);
}

/// Does what an earlier call left to be done. Gives the same as `fetch`: null at the end.
#[wasm_bindgen]
pub fn work(call: Call, id: u32, job: u32) -> JsValue {
    tasks::start(id, |arrivals| async move {
        let workers = Workers::new(call, arrivals);
        let config = configured::config(&workers).await;
        if let Some(job) = jobs::take(job) {
            job.run(&workers, &config).await;
        }
        JsValue::NULL
    })
}

/// A stream is over: what it took may have to be told.
#[wasm_bindgen]
pub fn tidy_up(call: Call) {
    later::tidy_up(&Workers::new(call, Arrivals::default()));
}

/// A GATEWAY document and provider files that were read again.
#[wasm_bindgen]
pub fn reconfigure(call: &Call, document: Option<String>, files: Option<String>) {
    configured::reconfigure(call, document, files);
}

async fn serve(call: Call, arrivals: Arrivals, head: String) -> JsValue {
    let workers = Workers::new(call, arrivals);
    let config = configured::config(&workers).await;
    let request = request(head, workers.client_body());
    #[cfg(feature = "faults")]
    faults::fail_if_asked(&request.path);
    let answer = proxy::handle(&workers, &config, request).await;
    respond(workers.call(), &config, answer)
}

/// Unpacks what `call.js` packed: method, url, id, headers.
fn request(head: String, body: ClientBody) -> Request<ClientBody> {
    let (method, rest) = cut(head);
    let (url, rest) = cut(rest);
    let (id, headers) = cut(rest);
    let (_, after_scheme) = url.split_once("://").unwrap_or(("", &url));
    let slash = after_scheme.find('/').unwrap_or(after_scheme.len());
    let target = after_scheme.get(slash..).unwrap_or_default();
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        id: id.replace('-', ""),
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Headers::from_packed(headers),
        body,
    }
}

/// The first line, and the rest, which is not copied twice.
pub(crate) fn cut(mut text: String) -> (String, String) {
    let end = text.find('\n').unwrap_or(text.len());
    let rest = text.split_off((end + 1).min(text.len()));
    text.truncate(end);
    (text, rest)
}

fn respond(call: &Call, config: &Config, answer: Answer<Reply>) -> JsValue {
    let Answer {
        status,
        headers,
        body,
        unfinished,
    } = answer;
    let head = headers.as_packed();
    match body {
        Body::Empty => call.empty(status, head),
        Body::Bytes(bytes) => call.bytes(status, head, &bytes),
        Body::Native(reply) => call.native(status, head, &reply),
        Body::Events { body, if_broken } => {
            let ending = Ending::new(None, unfinished, config.log_level);
            call.events(status, head, &body, if_broken, ending)
        }
        Body::Changed(changed) => {
            let ending = Ending::new(Some(changed.rewrite), unfinished, config.log_level);
            let (reply, first) = (&changed.body, &changed.first);
            let idle_millis = changed.idle_millis;
            call.changed(
                status,
                head,
                reply,
                first,
                idle_millis,
                changed.if_broken,
                ending,
            )
        }
    }
}
