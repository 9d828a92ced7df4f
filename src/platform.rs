//! The one port to the outside world.
//!
//! `cloudflare/` implements it over the Workers runtime, the tests over a table. Bodies are handles: the core
//! looks at a window of one where it must, and otherwise only says where it goes.

use std::ops::Range;

use crate::error::Result;
use crate::headers::Headers;
use crate::later::Job;
use crate::memory::Memory;

/// One request's view of the outside world.
#[expect(
    async_fn_in_trait,
    reason = "one isolate is one thread; nothing here is ever Send"
)]
pub trait Platform {
    /// The client's body: what was read of it is retained, so that it can still be sent whole.
    type ClientBody: ClientBody;
    /// The body of an upstream's answer, unread.
    type UpstreamBody;

    fn now_millis(&self) -> u64;

    /// Sends a request. The client's hang-up cancels it; `timeout_millis` bounds the wait for headers.
    async fn fetch(
        &self,
        request: Outbound<'_, Self::ClientBody>,
    ) -> std::result::Result<Inbound<Self::UpstreamBody>, FetchError>;

    /// Ends every request of this lane of the call that still runs.
    fn abandon(&self, lane: Lane);

    /// Several answers' unread bodies as one, as they come: the first byte of each piece is the number of its body.
    fn join(&self, bodies: Vec<Self::UpstreamBody>) -> Self::UpstreamBody;

    /// Reads an upstream's body to its end, or to so many bytes, whichever comes first. It can still be passed on:
    /// what was read is kept.
    async fn read(&self, body: &mut Self::UpstreamBody, bounds: Bounds) -> Result<Read>;

    /// The next bytes of an upstream's body, which are then the caller's; None at the end.
    async fn next(
        &self,
        body: &mut Self::UpstreamBody,
        idle_millis: u32,
    ) -> Result<Option<Vec<u8>>>;

    /// The same, kept: the body can still be passed on whole.
    async fn look(
        &self,
        body: &mut Self::UpstreamBody,
        idle_millis: u32,
    ) -> Result<Option<Vec<u8>>>;

    /// Has the client's answer begin as an event stream, under these headers, when so much time has passed without
    /// one; and whenever so much passes without a byte of it, sends a comment, which clients skip, between two events.
    /// `if_broken`: the events that end it where nothing else can, as this side has failed.
    fn keep_alive(&self, millis: u32, headers: &Headers, if_broken: &str);

    /// Whether the client's answer has begun that way: what follows can only be events. Costs nothing where it is not
    /// kept alive.
    fn has_begun(&self) -> bool;

    /// What this isolate remembers.
    fn memory(&self) -> &Memory;

    /// What an isolate anywhere left under a name not long ago. Waited for briefly: none is as good as nothing found.
    async fn stored(&self, key: &str) -> Option<String>;

    /// Leaves something for all isolates, in the background, for so many seconds at most.
    fn store(&self, key: &str, value: &str, secs: u64);

    async fn sleep(&self, millis: u32);

    /// Has something done in the background of this request, also when its client has left.
    fn later(&self, job: Job);

    /// An RSA signature with SHA-256 (PKCS #1 v1.5), by a private key in PKCS #8.
    async fn sign(&self, key: &[u8], message: &[u8]) -> Result<Vec<u8>>;

    /// Whether there are shared objects to ask.
    fn has_objects(&self) -> bool {
        true
    }

    /// Asks the shared object of that name. Waited for briefly; None: it cannot be asked.
    async fn ask(&self, object: &str, message: &str) -> Option<String>;

    fn log(&self, level: Level, line: &str);
}

#[expect(async_fn_in_trait, reason = "see Platform")]
pub trait ClientBody {
    /// The next bytes; None at the end.
    async fn window(&mut self) -> Result<Option<Vec<u8>>>;

    /// All of it, once `window` has come to the end.
    fn whole(&self) -> Vec<u8>;

    /// Whether all of it is here, so that it can be sent more than once.
    fn is_replayable(&self) -> bool;

    /// Puts other bytes in place of all of it, once `window` has come to the end.
    fn replace(&mut self, bytes: Vec<u8>);

    /// The same body once more, to be sent beside: only where it is replayable.
    #[must_use]
    fn again(&self) -> Self;
}

/// One of the attempts of a call that run side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    #[default]
    First,
    /// That of the rival of a slow attempt.
    Second,
}

/// How much to read, and how long to wait between bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub bytes: usize,
    pub idle_millis: u32,
}

/// What was read of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub bytes: Vec<u8>,
    /// It was all.
    pub is_whole: bool,
}

/// A request to an upstream.
pub struct Outbound<'a, Body> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a Headers,
    pub payload: Payload<'a, Body>,
    pub timeout_millis: u32,
    pub lane: Lane,
    /// It goes beside others of its lane, which go on; else those before it end.
    pub is_beside: bool,
}

pub enum Payload<'a, Body> {
    /// The client's own bytes, with a few places changed: sorted, apart from each other.
    Client(&'a mut Body, &'a [Edit]),
    /// Ours.
    Own(&'a [u8]),
    None,
}

/// Bytes of the client's body to replace; an empty range inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub range: Range<u64>,
    pub text: String,
}

impl Edit {
    pub fn insert(at: u64, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            range: at..at,
            text,
        }
    }

    pub fn remove(range: Range<u64>) -> Self {
        let text = String::new();
        Self { range, text }
    }

    /// The same, where the text it is for stands behind so many bytes.
    #[must_use]
    pub fn behind(self, bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self {
            range: self.range.start + bytes..self.range.end + bytes,
            ..self
        }
    }
}

/// An upstream's answer.
pub struct Inbound<Body> {
    pub status: u16,
    pub headers: Headers,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// No connection, or it broke before the headers; the runtime's words.
    Unreachable(String),
    Timeout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
