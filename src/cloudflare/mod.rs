//! The Workers shell: a request comes in, `proxy::handle` answers it, the answer goes out.
//!
//! `shim.js` is the Worker's entry module, `call.js` its side of one request, `bridge.rs` their types here.

pub mod bridge;
mod configured;
#[cfg(feature = "faults")]
mod faults;
mod limiter;
pub mod platform;

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::answer::{Answer, Body};
use crate::cloudflare::bridge::{Call, Ending, Reply};
use crate::cloudflare::platform::{Body as ClientBody, Workers};
use crate::config::Config;
use crate::headers::Headers;
use crate::proxy::{self, Request};

thread_local! {
    /// The calls that can still be hung up. Entries leave with their future.
    static CALLS: RefCell<HashMap<u32, AbortHandle>> = RefCell::default();
}

/// Answers one request: resolves to a `Response`.
#[wasm_bindgen]
pub fn fetch(call: Call, id: u32, head: String) -> js_sys::Promise {
    let (handle, registration) = AbortHandle::new_pair();
    CALLS.with_borrow_mut(|calls| calls.insert(id, handle));
    let serving = Abortable::new(serve(call, head), registration);
    future_to_promise(AssertUnwindSafe(async move {
        let _leaving = Leaving(id);
        Ok(serving.await.unwrap_or(JsValue::UNDEFINED))
    }))
}

/// The client is gone: the future of its call is dropped, with everything it holds.
#[wasm_bindgen]
pub fn hang_up(id: u32) {
    CALLS.with_borrow(|calls| {
        if let Some(call) = calls.get(&id) {
            call.abort();
        }
    });
}

struct Leaving(u32);

impl Drop for Leaving {
    fn drop(&mut self) {
        CALLS.with_borrow_mut(|calls| calls.remove(&self.0));
    }
}

async fn serve(call: Call, head: String) -> JsValue {
    #[cfg(feature = "faults")]
    faults::panic_if_asked(&head);
    let call = Rc::new(call);
    let config = configured::config(&call).await;
    let platform = Workers::new(call.clone());
    let request = request(&head, ClientBody::new(call.clone()));
    let answer = proxy::handle(&platform, &config, request).await;
    respond(&call, &config, answer)
}

/// Unpacks what `call.js` packed: method, url, id, headers.
fn request(head: &str, body: ClientBody) -> Request<ClientBody> {
    let mut lines = head.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (method, url, id, headers) = (next(), next(), next(), next());
    let (_, after_scheme) = url.split_once("://").unwrap_or(("", url));
    let path_and_query = after_scheme.find('/').and_then(|at| after_scheme.get(at..));
    let path_and_query = path_and_query
        .unwrap_or("/")
        .split('#')
        .next()
        .unwrap_or("/");
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    Request {
        id: id.replace('-', ""),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Headers::from_packed(headers.to_owned()),
        body,
    }
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
            let ending = Ending::new(unfinished, config.log_level);
            call.events(status, head, &body, if_broken, ending)
        }
    }
}
