//! The Platform without a network: what would be sent is written down, and goes nowhere.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use isthmus::error::{Error, Kind, Result};
use isthmus::headers::Headers;
use isthmus::json::apply;
use isthmus::later::Job;
use isthmus::limits::Reply;
use isthmus::memory::Memory;
use isthmus::platform::{
    Bounds, ClientBody, FetchError, Inbound, Level, Outbound, Payload, Platform, Read,
};

/// A request as an upstream would get it.
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

#[derive(Default)]
pub struct Offline {
    memory: Memory,
    pub sent: RefCell<Vec<Sent>>,
}

/// What whoever issues tokens is taken to answer.
const TOKEN: &str = r#"{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}"#;

impl Platform for Offline {
    type ClientBody = Sample;
    type UpstreamBody = Vec<u8>;

    fn now_millis(&self) -> u64 {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the platform, and no wasm"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
    }

    async fn fetch(
        &self,
        request: Outbound<'_, Sample>,
    ) -> std::result::Result<Inbound<Vec<u8>>, FetchError> {
        let body = match request.payload {
            Payload::Client(body, edits) => apply(&body.bytes, edits),
            Payload::Own(bytes) if is_for_token(bytes) => {
                return Ok(Inbound {
                    status: 200,
                    headers: Headers::default(),
                    body: TOKEN.into(),
                });
            }
            Payload::Own(bytes) => bytes.to_vec(),
            Payload::None => Vec::new(),
        };
        self.sent.borrow_mut().push(Sent {
            method: request.method.to_owned(),
            url: request.url.to_owned(),
            headers: request.headers.clone(),
            body,
        });
        Err(FetchError::Unreachable("nothing is sent".to_owned()))
    }

    fn abandon(&self) {}

    fn join(&self, bodies: Vec<Vec<u8>>) -> Vec<u8> {
        bodies.concat()
    }

    async fn read(&self, body: &mut Vec<u8>, bounds: Bounds) -> Result<Read> {
        Ok(Read {
            bytes: body.iter().copied().take(bounds.bytes).collect(),
            is_whole: body.len() < bounds.bytes,
        })
    }

    async fn next(&self, body: &mut Vec<u8>, _idle_millis: u32) -> Result<Option<Vec<u8>>> {
        let chunk = std::mem::take(body);
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }

    async fn stored(&self, _key: &str) -> Option<String> {
        None
    }

    fn store(&self, _key: &str, _value: &str, _secs: u64) {}

    async fn sleep(&self, _millis: u32) {}

    fn later(&self, _job: Job) {}

    /// The token it is for is not asked for anyhow.
    async fn sign(&self, _key: &[u8], _message: &[u8]) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    async fn take(&self, _client: &str, _amount: u64, limit: u64) -> Reply {
        Reply::Granted { remaining: limit }
    }

    fn log(&self, _level: Level, _line: &str) {}
}

fn is_for_token(form: &[u8]) -> bool {
    form.starts_with(b"grant_type=")
}

/// A client's body that is all there.
pub struct Sample {
    pub bytes: Vec<u8>,
    pub is_read: bool,
}

impl ClientBody for Sample {
    async fn window(&mut self) -> Result<Option<Vec<u8>>> {
        let is_first = !std::mem::replace(&mut self.is_read, true);
        Ok(is_first.then(|| self.bytes.clone()))
    }

    fn whole(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    fn is_replayable(&self) -> bool {
        self.is_read
    }
}

/// What comes of a future that waits for nothing outside.
pub fn now<T>(future: impl Future<Output = T>) -> Result<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(Error::new(
            Kind::BadGateway,
            "waits",
            "The call waits for something outside.",
        )),
    }
}
