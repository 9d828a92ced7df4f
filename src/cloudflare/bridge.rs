//! The two sides of one request: `call.js` as Rust sees it, and what Rust leaves with it.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::cloudflare::runtime;
use crate::platform::Level;
use crate::report::{self, Report};

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
    #[wasm_bindgen(method, js_name = isReplayable)]
    pub fn is_replayable(this: &Call) -> bool;
    #[wasm_bindgen(method)]
    pub fn edit(this: &Call, start: f64, end: f64, text: &str);
    #[wasm_bindgen(method)]
    pub fn fetch(this: &Call, head: &str, timeout_millis: u32) -> u32;
    #[wasm_bindgen(method)]
    pub fn read(this: &Call, reply: &Reply, limit: u32, idle_millis: u32) -> u32;

    #[wasm_bindgen(method)]
    pub fn take(this: &Call, client: &str, amount: f64, limit: f64) -> u32;
    #[wasm_bindgen(method)]
    pub fn stored(this: &Call, key: &str) -> u32;
    #[wasm_bindgen(method)]
    pub fn refresh(this: &Call, key: &str);

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

    /// An upstream's answer.
    pub type Reply;
    /// Status, then headers.
    #[wasm_bindgen(method)]
    pub fn head(this: &Reply) -> String;
}

/// What is left to do when a stream is over: its report.
#[wasm_bindgen]
pub struct Ending {
    report: Option<Report>,
    least: Level,
}

impl Ending {
    pub(super) fn new(report: Option<Report>, least: Level) -> Self {
        Self { report, least }
    }

    fn write(self, ending: report::Ending) {
        let Some(mut report) = self.report else {
            return;
        };
        report.end(ending);
        if let Some((level, line)) = report.line(runtime::now_millis(), self.least) {
            runtime::log(level, &line);
        }
    }
}

#[wasm_bindgen]
impl Ending {
    pub fn complete(self) {
        self.write(report::Ending::Complete);
    }

    pub fn broken(self) {
        self.write(report::Ending::Broken);
    }

    pub fn hung_up(self) {
        self.write(report::Ending::HungUp);
    }
}
