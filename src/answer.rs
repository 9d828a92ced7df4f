//! What goes back to the client.

mod begun;

use crate::headers::Headers;
use crate::report::{Ending, Report};
use crate::stream::Rewrite;
use crate::tab::Tab;

pub use begun::broken;

pub const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

pub struct Answer<UpstreamBody> {
    pub status: u16,
    pub headers: Headers,
    pub body: Body<UpstreamBody>,
    /// Of a call that is not over when its headers are sent: to be ended with the body.
    pub unfinished: Option<Unfinished>,
}

/// What is left to do when a stream is over.
pub struct Unfinished {
    pub report: Report,
    pub tab: Tab,
}

impl Unfinished {
    /// `output`: an estimate of the tokens that were generated, where the stream did not tell its usage.
    pub fn end(self, ending: Ending, output: Option<u64>, now_millis: u64) -> Report {
        let Self { mut report, tab } = self;
        report.end(ending);
        if ending == Ending::Broken {
            tab.break_off(now_millis);
        }
        report.note_usage(tab.usage());
        tab.close(output, now_millis);
        report
    }
}

pub enum Body<UpstreamBody> {
    Empty,
    Bytes(Vec<u8>),
    /// The upstream's own stream, untouched.
    Native(UpstreamBody),
    /// The upstream's own event stream; these words follow if it breaks.
    Events {
        body: UpstreamBody,
        if_broken: &'static str,
    },
    Changed(Box<Changed<UpstreamBody>>),
}

/// An upstream's event stream that is changed on its way.
pub struct Changed<UpstreamBody> {
    pub body: UpstreamBody,
    /// What became of what was read already.
    pub first: Vec<u8>,
    pub rewrite: Rewrite,
    /// How long to wait between bytes.
    pub idle_millis: u32,
    /// What follows when not even the rewrite can say it.
    pub if_broken: &'static str,
}

impl<UpstreamBody> Answer<UpstreamBody> {
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Headers::default(),
            body: Body::Empty,
            unfinished: None,
        }
    }

    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::bytes(status, "application/json", body)
    }

    pub fn bytes(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.push("content-type", content_type);
        answer.body = Body::Bytes(body.into());
        answer
    }
}
