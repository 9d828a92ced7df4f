//! The two sides of one request: `call.js` as Rust sees it, and what Rust leaves with it.

use std::panic::{RefUnwindSafe, UnwindSafe};

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::answer::Unfinished;
use crate::cloudflare::{limiter, runtime};
use crate::platform::Level;
use crate::report;
use crate::stream::{Ended, Rewrite, Step};
use crate::usage::Watch;

#[wasm_bindgen]
extern "C" {
    /// One request on the runtime's side. What takes time gives a ticket: see `tasks.rs`.
    pub type Call;
    #[wasm_bindgen(method)]
    pub fn settings(this: &Call) -> String;
    #[wasm_bindgen(method)]
    pub fn window(this: &Call) -> u32;
    #[wasm_bindgen(method)]
    pub fn whole(this: &Call) -> Uint8Array;
    #[wasm_bindgen(method)]
    pub fn replace(this: &Call, bytes: &[u8]);
    #[wasm_bindgen(method, js_name = isReplayable)]
    pub fn is_replayable(this: &Call) -> bool;
    #[wasm_bindgen(method)]
    pub fn edit(this: &Call, start: f64, end: f64, text: &str);
    #[wasm_bindgen(method)]
    pub fn fetch(this: &Call, head: &str, timeout_millis: u32, lane: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn ask(
        this: &Call,
        head: &str,
        bytes: Option<&[u8]>,
        timeout_millis: u32,
        lane: u32,
        is_beside: bool,
    ) -> u32;
    #[wasm_bindgen(method)]
    pub fn abandon(this: &Call, lane: u32);
    #[wasm_bindgen(method)]
    pub fn join(this: &Call, replies: Vec<Reply>) -> Reply;
    #[wasm_bindgen(method)]
    pub fn read(this: &Call, reply: &Reply, limit: u32, idle_millis: u32) -> u32;
    #[wasm_bindgen(method, js_name = nextOf)]
    pub fn next_of(this: &Call, reply: &Reply, idle_millis: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn look(this: &Call, reply: &Reply, idle_millis: u32) -> u32;
    #[wasm_bindgen(method, js_name = keepAlive)]
    pub fn keep_alive(this: &Call, millis: u32, head: &str, if_broken: &str);
    #[wasm_bindgen(method, js_name = hasBegun)]
    pub fn has_begun(this: &Call) -> bool;
    #[wasm_bindgen(method)]
    pub fn sign(this: &Call, key: &[u8], message: &[u8]) -> u32;
    #[wasm_bindgen(method)]
    pub fn sleep(this: &Call, millis: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn later(this: &Call, job: u32);

    #[wasm_bindgen(method, js_name = hasObjects)]
    pub fn has_objects(this: &Call) -> bool;
    #[wasm_bindgen(method, js_name = askShared)]
    pub fn ask_shared(this: &Call, object: &str, message: &str) -> u32;
    #[wasm_bindgen(method)]
    pub fn stored(this: &Call, key: &str, millis: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn kept(this: &Call, key: Option<&str>, prefix: Option<&str>, millis: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn refresh(this: &Call, key: Option<&str>, prefix: Option<&str>);
    #[wasm_bindgen(method)]
    pub fn store(this: &Call, key: &str, value: &str, secs: f64);

    #[wasm_bindgen(method)]
    pub fn empty(this: &Call, status: u16, head: &str) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn bytes(this: &Call, status: u16, head: &str, bytes: &[u8]) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn native(this: &Call, status: u16, head: &str, reply: &Reply) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn events(
        this: &Call,
        status: u16,
        head: &str,
        reply: &Reply,
        if_broken: &str,
        ending: Ending,
    ) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn changed(
        this: &Call,
        status: u16,
        head: &str,
        reply: &Reply,
        first: &[u8],
        idle_millis: u32,
        if_broken: &str,
        ending: Ending,
    ) -> JsValue;

    /// An upstream's answer.
    pub type Reply;
    /// Status, then headers.
    #[wasm_bindgen(method)]
    pub fn head(this: &Reply) -> String;
    #[wasm_bindgen(method, js_name = isWhole)]
    pub fn is_whole(this: &Reply) -> bool;
}

/// What is left to do while a stream runs, and when it is over: its changes and its report.
#[wasm_bindgen]
pub struct Ending {
    rewrite: Option<Rewrite>,
    unfinished: Option<Unfinished>,
    least: Level,
    /// What `ended` reports: a stream whose end nobody saw to was broken.
    is_whole: bool,
}

// A panic is its own stream's end. What that stream shares with others, by its tab, are cells that are written whole.
impl UnwindSafe for Ending {}
impl RefUnwindSafe for Ending {}

impl Ending {
    pub(super) fn new(
        rewrite: Option<Rewrite>,
        unfinished: Option<Unfinished>,
        least: Level,
    ) -> Self {
        Self {
            rewrite,
            unfinished,
            least,
            is_whole: false,
        }
    }

    fn write(self, ending: report::Ending) {
        let Some(mut unfinished) = self.unfinished else {
            return;
        };
        let rewrite = self.rewrite.as_ref();
        if let Some(usage) = rewrite.and_then(Rewrite::usage) {
            unfinished.tab.note(usage);
        }
        let watch = rewrite.and_then(Rewrite::watched);
        let now = runtime::now_millis();
        let mut report = unfinished.end(ending, watch.map(Watch::estimated_output), now);
        if let Some((level, line)) = report.line(now, self.least) {
            runtime::log(level, &line);
        }
    }
}

#[wasm_bindgen]
impl Ending {
    /// What goes in a chunk's place; undefined: the chunk itself.
    pub fn push(&mut self, chunk: &[u8]) -> JsValue {
        match self.rewrite.as_mut().map(|rewrite| rewrite.push(chunk)) {
            None | Some(Step::AsItIs) => JsValue::UNDEFINED,
            Some(Step::Instead(bytes)) => Uint8Array::from(bytes.as_slice()).into(),
            // Only said before anything was given out: not here.
            Some(Step::Refused { body, .. }) => Uint8Array::from(body.as_slice()).into(),
        }
    }

    /// The rest may pass unseen, or is not wanted.
    pub fn settled(&self) -> bool {
        let rewrite = self.rewrite.as_ref();
        rewrite.is_none_or(|rewrite| rewrite.is_settled() || rewrite.breaks_off())
    }

    /// The connection is to break.
    pub fn breaks_off(&self) -> bool {
        self.rewrite.as_ref().is_some_and(Rewrite::breaks_off)
    }

    /// Once settled, whether the end is to be told to `finish`.
    pub fn watches_end(&self) -> bool {
        self.rewrite.as_ref().is_some_and(Rewrite::watches_end)
    }

    /// What follows the last chunk; `last`: the end of what passed unseen, which was so long.
    pub fn finish(&mut self, broken: bool, last: Option<Vec<u8>>, unseen: f64) -> Vec<u8> {
        let ended = if broken {
            Ended::Broken
        } else {
            Ended::Cleanly
        };
        let Some(rewrite) = &mut self.rewrite else {
            return Vec::new();
        };
        let tail = match last {
            _ if !rewrite.is_settled() => rewrite.finish(ended),
            last => {
                let unseen = limiter::whole(unseen);
                rewrite.finish_unseen(ended, &last.unwrap_or_default(), unseen)
            }
        };
        self.is_whole = tail.is_whole;
        tail.bytes
    }

    /// The client left while the rest passed unseen: so much of it was read, `last` at last.
    pub fn left(&mut self, last: &[u8], unseen: f64) {
        if let Some(watch) = self.rewrite.as_mut().and_then(Rewrite::watched_mut) {
            watch.pass(last, limiter::whole(unseen));
        }
    }

    /// It passed as it was, to its end.
    pub fn complete(self) {
        self.write(report::Ending::Complete);
    }

    pub fn ended(self) {
        let ending = if self.is_whole {
            report::Ending::Complete
        } else {
            report::Ending::Broken
        };
        self.write(ending);
    }

    pub fn hung_up(self) {
        self.write(report::Ending::HungUp);
    }
}
