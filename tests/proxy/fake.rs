//! The Platform as a table: scripted upstreams, recorded requests, a clock that moves when asked.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use isthmus::answer::{Answer, Body};
use isthmus::config::{Config, Settings};
use isthmus::error::{Error, Kind, Result};
use isthmus::headers::Headers;
use isthmus::json::apply;
use isthmus::later::Job;
use isthmus::memory::Memory;
use isthmus::platform::{
    Bounds, ClientBody, Edit, FetchError, Inbound, Lane, Level, Outbound, Payload, Platform, Read,
};
use isthmus::proxy::{self, Request};
use isthmus::shared::Object;
use isthmus::stream::{Ended, Step};
use isthmus::surface::{self, Arrival, Route};
use serde_json::Value;

mod clock;
mod timed;

pub use clock::Clock;
pub use timed::{Alone, Kv, alone, poll};

/// Each fetch takes this long, each reading of the clock nothing.
pub const FETCH_MILLIS: u64 = 7;

pub enum Upstream {
    Answers(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// JSON that breaks off.
    BreaksOff,
    Unreachable,
    TimesOut,
    NeverAnswers,
    /// On a timed platform: so many milliseconds after it was asked.
    Late(u64, Box<Upstream>),
    /// On a timed platform: what it answers follows from what it is asked, and when.
    Works(Worker),
    /// Events, each piece so many milliseconds after the one before.
    Streams(Vec<(u64, &'static str)>, Close),
}

pub type Worker = Rc<dyn Fn(&Sent, u64) -> Served>;

/// An answer that was put together for its request.
pub struct Served {
    pub millis: u64,
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    Ends,
    Breaks,
    /// Not at all.
    Stalls,
}

pub fn json(status: u16, body: &str) -> Upstream {
    let json = vec![("content-type", "application/json")];
    Upstream::Answers(status, json, leaked(body))
}

/// For what is put together: a test ends soon.
pub fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// A request as an upstream saw it.
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: Headers,
    pub body: String,
    pub timeout_millis: u32,
    pub lane: Lane,
}

/// An upstream's body, read in chunks.
pub struct Incoming {
    bytes: Vec<u8>,
    at: usize,
    /// Of several, joined: these come first.
    pieces: VecDeque<Vec<u8>>,
    /// How long each of the pieces takes.
    pauses: VecDeque<u64>,
    close: Close,
    /// It was read ahead, and what was read is kept.
    pub is_kept: bool,
    breaks: bool,
}

impl Incoming {
    /// Small enough to cut everything somewhere.
    const CHUNK: usize = 13;

    fn of(bytes: &[u8], breaks: bool) -> Self {
        Self {
            bytes: bytes.to_vec(),
            at: 0,
            pieces: VecDeque::new(),
            pauses: VecDeque::new(),
            close: Close::Ends,
            is_kept: false,
            breaks,
        }
    }

    fn of_stream(pieces: &[(u64, &str)], close: Close) -> Self {
        let bytes = pieces.iter().flat_map(|(_, piece)| piece.bytes()).collect();
        let at = pieces.iter().map(|(_, piece)| piece.len()).sum();
        let texts = pieces.iter().map(|(_, piece)| piece.as_bytes().to_vec());
        Self {
            bytes,
            at,
            pieces: texts.collect(),
            pauses: pieces.iter().map(|(millis, _)| *millis).collect(),
            close,
            is_kept: false,
            breaks: false,
        }
    }

    fn of_pieces(pieces: VecDeque<Vec<u8>>) -> Self {
        Self {
            bytes: Vec::new(),
            at: 0,
            pieces,
            pauses: VecDeque::new(),
            close: Close::Ends,
            is_kept: false,
            breaks: false,
        }
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        if let Some(piece) = self.pieces.pop_front() {
            return Some(piece);
        }
        let rest = &self.bytes[self.at..];
        let chunk = rest[..rest.len().min(Self::CHUNK)].to_vec();
        self.at += chunk.len();
        (!chunk.is_empty()).then_some(chunk)
    }
}

#[derive(Default)]
pub struct Fake {
    /// Isolates may have it together.
    pub clock: Rc<Clock>,
    memory: Memory,
    /// Isolates may have it together.
    pub store: Rc<RefCell<HashMap<String, String>>>,
    /// How often the store was asked.
    pub look_ups: Cell<u32>,
    /// How often something was left there.
    pub writes: Cell<u32>,
    pub kv: Cell<Kv>,
    /// What all isolates count together, by name; isolates may have them together.
    pub objects: Rc<RefCell<HashMap<String, Object>>>,
    /// None are there to be asked.
    pub has_no_objects: Cell<bool>,
    /// Nobody answers for them.
    pub objects_are_down: Cell<bool>,
    /// There and back, on a timed platform.
    pub objects_take_millis: Cell<u64>,
    /// How often one was asked.
    pub questions: Cell<u32>,
    upstreams: RefCell<VecDeque<Upstream>>,
    /// Upstreams by a part of their URLs, which answer whoever comes, as often as they are asked.
    servers: RefCell<Vec<(String, Upstream)>>,
    /// The clock stands still while anybody has something to do, and nobody who waits is done before his time.
    is_timed: Cell<bool>,
    pub sent: RefCell<Vec<Sent>>,
    /// How often an answer was read before it went to the client.
    pub reads: Cell<usize>,
    pub lines: RefCell<Vec<Value>>,
    /// How often what ran was given up.
    pub abandoned: Cell<u32>,
    pub abandoned_lanes: RefCell<Vec<Lane>>,
    /// Left to be done in the background.
    pub jobs: RefCell<Vec<Job>>,
    /// When the answer to the last request begins early, and under which headers.
    pub kept_alive: RefCell<Option<(u64, Headers, String)>>,
}

impl Platform for Fake {
    type ClientBody = FakeBody;
    type UpstreamBody = Incoming;

    fn now_millis(&self) -> u64 {
        self.clock.now()
    }

    async fn fetch(
        &self,
        request: Outbound<'_, FakeBody>,
    ) -> std::result::Result<Inbound<Incoming>, FetchError> {
        let body = match request.payload {
            Payload::Client(body, edits) => body.edited(edits),
            Payload::Own(bytes) => bytes.to_vec(),
            Payload::None => Vec::new(),
        };
        let sent = Sent {
            method: request.method.to_owned(),
            url: request.url.to_owned(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
            timeout_millis: request.timeout_millis,
            lane: request.lane,
        };
        if let Some(worker) = self.worker(request.url) {
            return self.serve(worker(&sent, self.clock.now())).await;
        }
        self.sent.borrow_mut().push(sent);
        self.answer(request.url).await
    }

    fn abandon(&self, lane: Lane) {
        self.abandoned.set(self.abandoned.get() + 1);
        self.abandoned_lanes.borrow_mut().push(lane);
    }

    /// A piece of each in turn.
    fn join(&self, bodies: Vec<Incoming>) -> Incoming {
        let mut bodies = bodies;
        let mut pieces = VecDeque::new();
        loop {
            let before = pieces.len();
            for (number, body) in bodies.iter_mut().enumerate() {
                if let Some(mut piece) = body.chunk() {
                    piece.insert(0, u8::try_from(number).unwrap());
                    pieces.push_back(piece);
                }
            }
            if pieces.len() == before {
                return Incoming::of_pieces(pieces);
            }
        }
    }

    async fn read(&self, body: &mut Incoming, bounds: Bounds) -> Result<Read> {
        body.is_kept = true;
        if body.breaks {
            return Err(Error::new(Kind::BadGateway, "upstream_broke", "broke"));
        }
        self.reads.set(self.reads.get() + 1);
        Ok(Read {
            bytes: body.bytes.iter().copied().take(bounds.bytes).collect(),
            is_whole: body.bytes.len() < bounds.bytes,
        })
    }

    async fn next(&self, body: &mut Incoming, idle_millis: u32) -> Result<Option<Vec<u8>>> {
        self.pause(body, idle_millis).await?;
        let chunk = body.chunk();
        if chunk.is_none() && body.close == Close::Breaks {
            return Err(Error::new(Kind::BadGateway, "upstream_broke", "broke"));
        }
        Ok(chunk)
    }

    async fn look(&self, body: &mut Incoming, idle_millis: u32) -> Result<Option<Vec<u8>>> {
        body.is_kept = true;
        self.next(body, idle_millis).await
    }

    fn keep_alive(&self, millis: u32, headers: &Headers, if_broken: &str) {
        let due = self.clock.now() + u64::from(millis);
        self.kept_alive
            .replace(Some((due, headers.clone(), if_broken.to_owned())));
    }

    fn has_begun(&self) -> bool {
        let kept_alive = self.kept_alive.borrow();
        let due = kept_alive.as_ref().map(|(due, ..)| *due);
        due.is_some_and(|due| self.clock.now() >= due)
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn stored(&self, key: &str) -> Option<String> {
        self.look_ups.set(self.look_ups.get() + 1);
        self.look_up(key).await
    }

    fn store(&self, key: &str, value: &str, _secs: u64) {
        self.writes.set(self.writes.get() + 1);
        let mut store = self.store.borrow_mut();
        store.insert(key.to_owned(), value.to_owned());
    }

    /// No signature, but one of that key and that message.
    async fn sign(&self, key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        Ok([key, message].concat())
    }

    async fn sleep(&self, millis: u32) {
        self.pass(u64::from(millis)).await;
    }

    fn later(&self, job: Job) {
        self.jobs.borrow_mut().push(job);
    }

    fn has_objects(&self) -> bool {
        !self.has_no_objects.get()
    }

    async fn ask(&self, object: &str, message: &str) -> Option<String> {
        self.questions.set(self.questions.get() + 1);
        if self.objects_are_down.get() {
            return None;
        }
        let millis = self.objects_take_millis.get();
        self.pass(millis.div_ceil(2)).await;
        let answer = self.ask_object(object, message);
        self.pass(millis / 2).await;
        answer
    }

    fn log(&self, _level: Level, line: &str) {
        let line = serde_json::from_str(line).expect("one line of JSON");
        self.lines.borrow_mut().push(line);
    }
}

impl Fake {
    pub fn wait(&self, millis: u64) {
        self.clock.wait(millis);
    }

    fn ask_object(&self, object: &str, message: &str) -> Option<String> {
        let mut objects = self.objects.borrow_mut();
        let object = objects.entry(object.to_owned()).or_default();
        object.ask(message, self.clock.now())
    }
}

/// A body that comes in windows.
#[derive(Default)]
pub struct FakeBody {
    windows: VecDeque<Vec<u8>>,
    kept: Vec<u8>,
}

impl FakeBody {
    pub fn cut(bytes: &[u8], size: usize) -> Self {
        Self {
            windows: bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect(),
            kept: Vec::new(),
        }
    }

    fn edited(&self, edits: &[Edit]) -> Vec<u8> {
        let mut whole = self.whole();
        whole.extend(self.windows.iter().flatten());
        apply(&whole, edits)
    }
}

impl ClientBody for FakeBody {
    async fn window(&mut self) -> Result<Option<Vec<u8>>> {
        let window = self.windows.pop_front();
        self.kept.extend(window.iter().flatten());
        Ok(window)
    }

    fn whole(&self) -> Vec<u8> {
        self.kept.clone()
    }

    fn is_replayable(&self) -> bool {
        self.windows.is_empty()
    }

    fn replace(&mut self, bytes: Vec<u8>) {
        self.kept = bytes;
    }

    fn again(&self) -> Self {
        Self {
            windows: VecDeque::new(),
            kept: self.kept.clone(),
        }
    }
}

pub fn headers_of(pairs: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in pairs {
        headers.push(name, value);
    }
    headers
}

/// A gateway with settings, and the upstreams it will meet.
pub struct Gateway {
    pub platform: Fake,
    pub config: Config,
}

pub fn gateway<const N: usize>(settings: [(&str, &str); N]) -> Gateway {
    gateway_of(settings)
}

pub fn gateway_of<Name: AsRef<str>, Value: Into<String>>(
    settings: impl IntoIterator<Item = (Name, Value)>,
) -> Gateway {
    Gateway {
        platform: Fake::default(),
        config: Config::read(&Settings::from_iter(settings)),
    }
}

/// One OpenAI-compatible server with a key of ours, and one client with the key `client-key`.
pub fn usual() -> Gateway {
    gateway([
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "alice:client-key"),
    ])
}

impl Gateway {
    pub fn meets(self, upstream: Upstream) -> Self {
        self.script(upstream);
        self
    }

    pub fn script(&self, upstream: Upstream) {
        self.platform.upstreams.borrow_mut().push_back(upstream);
    }

    pub fn forget_scripts(&self) {
        self.platform.upstreams.borrow_mut().clear();
    }

    pub fn send(&self, ask: Ask) -> Got {
        let mut answering = pin!(proxy::handle(&self.platform, &self.config, ask.0));
        let mut context = Context::from_waker(Waker::noop());
        match answering.as_mut().poll(&mut context) {
            Poll::Ready(answer) => Got::whole(answer),
            Poll::Pending => panic!("the answer waits for something"),
        }
    }

    /// Sends, and leaves while the answer is awaited.
    pub fn send_and_leave(&self, ask: Ask) {
        drop(self.send_and_wait(ask));
    }

    /// Sends, and waits for as long as what comes back is kept.
    pub fn send_and_wait(&self, ask: Ask) -> Pin<Box<impl Future>> {
        let mut answering = Box::pin(proxy::handle(&self.platform, &self.config, ask.0));
        let mut context = Context::from_waker(Waker::noop());
        assert!(answering.as_mut().poll(&mut context).is_pending());
        answering
    }

    pub fn line(&self) -> Value {
        let lines = self.platform.lines.borrow();
        assert_eq!(lines.len(), 1, "one line per request");
        lines[0].clone()
    }

    /// What the last upstream saw.
    pub fn sent(&self) -> Sent {
        self.platform
            .sent
            .borrow_mut()
            .pop()
            .expect("an upstream was asked")
    }

    /// The addresses that are asked for a request where everybody answers with this status.
    pub fn send_to_all(&self, status: u16, ask: Ask) -> Vec<String> {
        self.forget_scripts();
        for _ in 0..20 {
            self.script(json(status, "{}"));
        }
        self.send(ask);
        self.forget_scripts();
        let sent = self.platform.sent.take();
        sent.into_iter().map(|it| it.url).collect()
    }

    pub fn asked_nobody(&self) -> bool {
        self.platform.sent.borrow().is_empty()
    }
}

/// A request being put together.
pub struct Ask(Request<FakeBody>);

pub fn ask(method: &str, path_and_query: &str) -> Ask {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    Ask(Request {
        id: "id-of-the-request".to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Headers::default(),
        body: FakeBody::default(),
    })
}

pub fn get(path: &str) -> Ask {
    ask("GET", path).key("client-key")
}

pub fn chat(body: &str) -> Ask {
    post("/v1/chat/completions", body)
}

pub fn post(path: &str, body: &str) -> Ask {
    ask("POST", path).key("client-key").json(body)
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push(name, value);
        self
    }

    /// Whatever is left to chance follows from it.
    pub fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.0.id);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn json(self, body: &str) -> Self {
        let length = body.len().to_string();
        self.header("content-type", "application/json")
            .header("content-length", &length)
            .body(body.as_bytes(), 5)
    }

    pub fn body(mut self, bytes: &[u8], window: usize) -> Self {
        self.0.body = FakeBody::cut(bytes, window);
        self
    }
}

/// An answer, with what tests ask of it.
pub struct Got(pub Answer<Incoming>, Vec<u8>);

impl Got {
    pub fn status(&self) -> u16 {
        self.0.status
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)
    }

    /// Does with the body what the runtime does.
    pub fn whole(mut answer: Answer<Incoming>) -> Self {
        let bytes = match &mut answer.body {
            Body::Empty => Vec::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Native(body) | Body::Events { body, .. } => body.bytes.clone(),
            Body::Changed(changed) => {
                let mut out = changed.first.clone();
                while let Some(chunk) = changed.body.chunk() {
                    match changed.rewrite.push(&chunk) {
                        Step::AsItIs => out.extend(chunk),
                        Step::Instead(bytes) => out.extend(bytes),
                        Step::Refused { .. } => panic!("too late to refuse"),
                    }
                }
                out.extend(changed.rewrite.finish(Ended::Cleanly).bytes);
                out
            }
        };
        Self(answer, bytes)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.1
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.1.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text()).expect("a JSON answer")
    }

    /// Status and code of an error in OpenAI's shape.
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let error = body["error"].as_object().expect("an error object");
        assert!(error["message"].is_string());
        assert!(error["type"].is_string());
        assert!(error.contains_key("param"));
        (
            self.status(),
            error["code"].as_str().unwrap_or_default().to_owned(),
        )
    }

    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// What a POST to a path means.
pub fn recognised(path: &str) -> Result<Route> {
    surface::recognise(&Arrival {
        method: "POST",
        path,
        query: "",
        headers: &Headers::default(),
    })
}
