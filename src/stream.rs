//! An event stream that is changed on its way to the client, piece by piece.
//!
//! The shell reads a chunk, hands it to [`Rewrite::push`], writes what comes back, and at the end what
//! [`Rewrite::finish`] adds. Once the rewrite [is settled](Rewrite::is_settled) the runtime may pipe the rest itself.

use std::borrow::Cow;

use crate::sse::frames::Output;
use crate::usage::{self, Usage};
use crate::{anthropic, azure, gemini, inference};

/// What has to be changed, with all that must survive between chunks.
pub enum Rewrite {
    Azure(Box<azure::stream::Repair>),
    Anthropic(Box<anthropic::stream::Translation>),
    Gemini(Box<gemini::stream::Translation>),
    Compat(Box<gemini::compat::Repair>),
    /// Over what another one gives, if one is needed.
    Plain(Box<inference::stream::Plain>),
    /// The same, for its usage.
    Watched(Box<usage::Watch>),
}

/// What becomes of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes on as it is.
    AsItIs,
    /// These bytes go in its place; there may be none.
    Instead(Vec<u8>),
    /// The stream is an error from its first event on. Only ever said before anything was given out: it can still
    /// become an answer under a status of its own.
    Refused { status: u16, body: Vec<u8> },
}

/// How the upstream's bytes came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Cleanly,
    /// The connection broke.
    Broken,
}

/// What follows the last chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    pub bytes: Vec<u8>,
    /// Whether the stream had come to its end, or had to be ended with an error.
    pub is_whole: bool,
}

impl Step {
    /// Of what was held and the chunk behind it. `walk` goes through the events that are whole, and may refuse them;
    /// what is left is held.
    pub fn edited(
        held: &mut Vec<u8>,
        chunk: &[u8],
        walk: impl FnOnce(&mut Output<'_>) -> Option<Self>,
    ) -> Self {
        if held.is_empty() {
            let mut out = Output::of(chunk);
            let refused = walk(&mut out);
            held.extend_from_slice(out.rest());
            let is_all = out.rest().is_empty();
            return refused.unwrap_or_else(|| match out.bytes() {
                Cow::Borrowed(_) if is_all => Self::AsItIs,
                bytes => Self::Instead(bytes.into_owned()),
            });
        }
        held.extend_from_slice(chunk);
        let mut out = Output::of(held);
        let refused = walk(&mut out);
        let used = out.used();
        let step = refused.unwrap_or_else(|| Self::Instead(out.bytes().into_owned()));
        held.drain(..used);
        step
    }

    /// Whether a byte goes out for this chunk.
    pub fn gives(&self, chunk: &[u8]) -> bool {
        match self {
            Self::AsItIs => !chunk.is_empty(),
            Self::Instead(bytes) => !bytes.is_empty(),
            Self::Refused { .. } => false,
        }
    }
}

impl Rewrite {
    pub fn push(&mut self, chunk: &[u8]) -> Step {
        match self {
            Self::Azure(repair) => repair.push(chunk),
            Self::Anthropic(translation) => translation.push(chunk),
            Self::Gemini(translation) => translation.push(chunk),
            Self::Compat(repair) => repair.push(chunk),
            Self::Plain(plain) => plain.push(chunk),
            Self::Watched(watch) => watch.push(chunk),
        }
    }

    /// Nothing that is still to come needs a change: the rest can pass without being seen, up to its end.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Azure(repair) => repair.is_settled(),
            Self::Watched(watch) => watch.is_settled(),
            // Every event has to be translated, or looked at.
            Self::Anthropic(_) | Self::Gemini(_) | Self::Compat(_) | Self::Plain(_) => false,
        }
    }

    /// The stream has failed, and its client knows no words for that: what is still to come is not wanted, and the
    /// connection is to break.
    pub fn breaks_off(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.breaks_off(),
            Self::Watched(watch) => watch.breaks_off(),
            Self::Azure(_) | Self::Anthropic(_) | Self::Gemini(_) | Self::Compat(_) => false,
        }
    }

    /// Once settled, whether the last bytes of what passes unseen are wanted ([`finish_unseen`](Self::finish_unseen)):
    /// else the runtime may end the stream itself.
    pub fn watches_end(&self) -> bool {
        match self {
            Self::Azure(repair) => repair.watches_end(),
            Self::Watched(_) => true,
            Self::Anthropic(_) | Self::Gemini(_) | Self::Compat(_) | Self::Plain(_) => false,
        }
    }

    pub fn finish(&mut self, ended: Ended) -> Tail {
        match self {
            Self::Azure(repair) => repair.finish(ended),
            Self::Anthropic(translation) => translation.finish(ended),
            Self::Gemini(translation) => translation.finish(ended),
            Self::Compat(repair) => repair.finish(ended),
            Self::Plain(plain) => plain.finish(ended),
            Self::Watched(watch) => watch.finish(ended),
        }
    }

    /// The same for a stream of which so many bytes passed `unseen`; `last` is the end of them.
    pub fn finish_unseen(&mut self, ended: Ended, last: &[u8], unseen: u64) -> Tail {
        match self {
            Self::Azure(repair) => repair.finish_unseen(ended, last),
            Self::Watched(watch) => watch.finish_unseen(ended, last, unseen),
            // It never settles.
            Self::Anthropic(translation) => translation.finish(ended),
            Self::Gemini(translation) => translation.finish(ended),
            Self::Compat(repair) => repair.finish(ended),
            Self::Plain(plain) => plain.finish(ended),
        }
    }

    /// The usage, where it is known: in the middle of a stream the tokens so far.
    pub fn usage(&self) -> Option<Usage> {
        match self {
            Self::Azure(repair) => repair.usage(),
            Self::Anthropic(translation) => translation.usage(),
            Self::Gemini(translation) => translation.usage(),
            Self::Compat(repair) => repair.usage(),
            Self::Plain(plain) => plain.usage(),
            Self::Watched(watch) => watch.usage(),
        }
    }

    /// A break is one for the client, too: no error is noticed in such a stream.
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Watched(watch) => watch.is_plain(),
            Self::Azure(_) | Self::Anthropic(_) | Self::Gemini(_) | Self::Compat(_) => false,
        }
    }

    /// Where its tokens are counted: what went by of it.
    pub fn watched(&self) -> Option<&usage::Watch> {
        match self {
            Self::Watched(watch) => Some(watch),
            _ => None,
        }
    }

    pub fn watched_mut(&mut self) -> Option<&mut usage::Watch> {
        match self {
            Self::Watched(watch) => Some(watch),
            _ => None,
        }
    }
}
