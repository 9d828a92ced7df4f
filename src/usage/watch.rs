//! An event stream whose usage is wanted.
//!
//! Where the client asked for it, too, or it comes unasked, the stream passes as it is and only its end is looked at;
//! where we asked for it, each event is, and what is there for that reason is left out: all others keep their bytes.

use std::mem;

use crate::sse::MAX_EVENT;
use crate::sse::frames::{Output, Search};
use crate::stream::{Ended, Rewrite, Step, Tail};
use crate::usage::Usage;
use crate::usage::hidden::{self, Fate};
use crate::usage::recent::Recent;

/// What must survive between chunks: what `inner` keeps; the usage found, and the end of what went by; and where
/// something is hidden, the bytes of the unfinished event and how far its end was searched. Always
/// `held.len() <= MAX_EVENT`.
pub struct Watch {
    /// What is done to the upstream's stream before.
    inner: Option<Rewrite>,
    hides: bool,
    /// What follows a stream that broke, where there is no `inner` to say it.
    if_broken: &'static str,
    held: Vec<u8>,
    search: Search,
    /// A byte-order mark may only come first.
    has_begun: bool,
    usage: Option<Usage>,
    recent: Recent,
}

impl Watch {
    /// `hides`: the client did not ask for the usage that we asked for.
    pub fn over(inner: Option<Rewrite>, hides: bool, if_broken: &'static str) -> Self {
        Self {
            inner,
            hides,
            if_broken,
            held: Vec::new(),
            search: Search::default(),
            has_begun: false,
            usage: None,
            recent: Recent::default(),
        }
    }

    /// What was told last; else what a translation counts itself, which is there when the client has left, too.
    pub fn usage(&self) -> Option<Usage> {
        let own = || self.inner.as_ref().and_then(Rewrite::usage);
        self.usage.or_else(|| self.recent.usage()).or_else(own)
    }

    /// Tokens of output, by what went by: for a client that left before the usage came.
    pub fn estimated_output(&self) -> u64 {
        self.recent.tokens()
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        match self.inner.as_mut().map(|inner| inner.push(chunk)) {
            None | Some(Step::AsItIs) => self.see(chunk),
            Some(Step::Instead(bytes)) => match self.see(&bytes) {
                Step::AsItIs => Step::Instead(bytes),
                step => step,
            },
            Some(refused) => refused,
        }
    }

    pub fn is_settled(&self) -> bool {
        !self.hides && self.inner.as_ref().is_none_or(Rewrite::is_settled)
    }

    pub fn breaks_off(&self) -> bool {
        self.inner.as_ref().is_some_and(Rewrite::breaks_off)
    }

    /// A break is one for the client, too.
    pub fn is_plain(&self) -> bool {
        self.inner.as_ref().is_some_and(Rewrite::is_plain)
    }

    pub fn finish(&mut self, ended: Ended) -> Tail {
        let Some(inner) = &mut self.inner else {
            let held = mem::take(&mut self.held);
            // Half an event, with an error behind it, is nothing a client could read.
            let held = if ended == Ended::Cleanly {
                self.last_event(&held)
            } else {
                Vec::new()
            };
            return self.own_tail(held, ended);
        };
        let Tail { bytes, is_whole } = inner.finish(ended);
        let mut bytes = match self.see(&bytes) {
            Step::Instead(instead) => instead,
            _ => bytes,
        };
        let held = mem::take(&mut self.held);
        bytes.extend(self.last_event(&held));
        Tail { bytes, is_whole }
    }

    /// `unseen`: how many bytes passed unseen, of which `last` is the end.
    pub fn finish_unseen(&mut self, ended: Ended, last: &[u8], unseen: u64) -> Tail {
        self.pass(last, unseen);
        match &mut self.inner {
            Some(inner) => inner.finish_unseen(ended, last, unseen),
            None => self.own_tail(Vec::new(), ended),
        }
    }

    /// So many bytes passed unseen, of which `last` were read last. The client may have left in the middle of them.
    pub fn pass(&mut self, last: &[u8], unseen: u64) {
        self.recent.pass(last, unseen);
    }

    fn own_tail(&self, mut bytes: Vec<u8>, ended: Ended) -> Tail {
        let is_whole = ended == Ended::Cleanly;
        if !is_whole {
            bytes.extend_from_slice(self.if_broken.as_bytes());
        }
        Tail { bytes, is_whole }
    }

    fn see(&mut self, chunk: &[u8]) -> Step {
        self.recent.push(chunk);
        if !self.hides {
            return Step::AsItIs;
        }
        let mut held = mem::take(&mut self.held);
        let step = Step::edited(&mut held, chunk, |out| {
            self.walk(out);
            None
        });
        self.held = held;
        step
    }

    /// Goes through the events that are whole. What is left of the text is the beginning of the next. One that is too
    /// long to be held is no chunk of a chat: from there on all passes.
    fn walk(&mut self, out: &mut Output<'_>) {
        while let Some(length) = self.search.end(out.rest()) {
            self.event(out, length);
        }
        if out.rest().len() > MAX_EVENT {
            self.hides = false;
            out.keep(out.rest().len());
        }
    }

    fn event(&mut self, out: &mut Output<'_>, length: usize) {
        let block = out.rest().get(..length).unwrap_or_default();
        let is_first = !mem::replace(&mut self.has_begun, true);
        let (fate, usage) = hidden::look(block, is_first);
        self.usage = usage.or(self.usage);
        match fate {
            Fate::Kept => out.keep(length),
            Fate::Gone => out.drop(length),
            Fate::Without(member) => {
                out.keep(member.start);
                out.drop(member.len());
                out.keep(length - member.end);
            }
        }
    }

    /// What was held at a clean end may be an event where only the blank line is missing.
    fn last_event(&mut self, held: &[u8]) -> Vec<u8> {
        let mut out = Output::of(held);
        self.event(&mut out, held.len());
        out.bytes().into_owned()
    }
}
