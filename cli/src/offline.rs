//! The Platform without a network.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use isthmus::error::{Error, Kind, Result};
use isthmus::headers::Headers;
use isthmus::later::Job;
use isthmus::memory::Memory;
use isthmus::platform::{
    Bounds, ClientBody, FetchError, Inbound, Lane, Level, Outbound, Platform, Read,
};

#[derive(Default)]
pub struct Offline {
    memory: Memory,
}

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
        _request: Outbound<'_, Sample>,
    ) -> std::result::Result<Inbound<Vec<u8>>, FetchError> {
        Err(FetchError::Unreachable("nothing is sent".to_owned()))
    }

    fn abandon(&self, _lane: Lane) {}

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

    async fn look(&self, body: &mut Vec<u8>, idle_millis: u32) -> Result<Option<Vec<u8>>> {
        self.next(body, idle_millis).await
    }

    fn keep_alive(&self, _millis: u32, _headers: &Headers, _if_broken: &str) {}

    fn has_begun(&self) -> bool {
        false
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

    /// For tokens alone, and none is asked for.
    async fn sign(&self, _key: &[u8], _message: &[u8]) -> Result<Vec<u8>> {
        Err(Error::new(
            Kind::BadGateway,
            "offline",
            "Nothing is signed.",
        ))
    }

    async fn ask(&self, _object: &str, _message: &str) -> Option<String> {
        None
    }

    fn log(&self, _level: Level, _line: &str) {}
}

/// A client's body that is all there.
pub struct Sample {
    bytes: Vec<u8>,
    is_read: bool,
}

impl Sample {
    pub fn of(bytes: Vec<u8>) -> Self {
        let is_read = false;
        Self { bytes, is_read }
    }
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

    fn replace(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    fn again(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            is_read: self.is_read,
        }
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
