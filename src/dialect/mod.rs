//! The wire languages, and what each must do to a call and to what comes back.

mod answering;
mod asking;
mod listing;
mod refusing;

use crate::anthropic;
use crate::azure::Manner;
use crate::gemini;
use crate::gemini::compat::Spoken;
use crate::gemini::media::Fetched;
use crate::json::Value;
use crate::platform::Edit;
use crate::surface::{Call, Operation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    /// OpenAI's, with what Azure's servers do differently.
    Azure(Manner),
    /// Anthropic's Messages, for chats.
    Anthropic,
    /// Google's own.
    Gemini(gemini::Manner),
    /// OpenAI's as Google speaks it.
    Compat(Spoken),
}

/// A call, as it is written for an upstream.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The text of the request, as [`Dialect::text`] gave it.
    pub text: &'a [u8],
    /// What the upstream calls the model.
    pub model: Option<&'a str>,
    pub learnt: Learnt,
    /// What stood behind the addresses of [`Dialect::remote`].
    pub fetched: &'a [Fetched],
    /// The gateway itself wants to know the usage of a stream: it is asked for, whether or not the client does.
    pub counts_tokens: bool,
}

/// A call, as its answer is read.
pub struct Asked<'a, Body> {
    pub call: &'a Call<Body>,
    /// The text of the request, as [`Dialect::text`] gave it.
    pub text: &'a [u8],
    /// For what an upstream leaves unnamed: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
    /// What the encoding promised of the answer.
    pub expects: &'a Expects,
    /// Of how many requests it is the answer.
    pub requests: usize,
    /// The gateway itself asked for the usage of a stream: whether or not the client did, it is to be there.
    pub counts_tokens: bool,
}

/// A request as the upstream understands it.
#[derive(PartialEq)]
pub enum Encoded {
    /// The client's own bytes with a few places changed.
    Edited(Vec<Edit>),
    /// Other bytes: one request, or several that are sent at once.
    Anew(Vec<Outgoing>, Expects),
}

/// One request of a dialect's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What follows the endpoint's URL.
    pub method: &'static str,
    pub body: Vec<u8>,
}

/// What a request means for its answer.
#[derive(Debug, Default, PartialEq)]
pub enum Expects {
    #[default]
    Nothing,
    Messages(anthropic::Expects),
    Gemini(gemini::Expects),
}

impl Expects {
    /// A header that goes along with the requests.
    pub fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Gemini(expects) => expects.header(),
            Self::Nothing | Self::Messages(_) => None,
        }
    }
}

/// What refusals taught about a model: numbers that only its dialect understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learnt(pub u32);

/// What became of a whole answer.
pub enum Decoded {
    AsItIs,
    Changed {
        content_type: &'static str,
        body: Vec<u8>,
    },
    /// It is an error under a status of success: [`Dialect::refusal`] makes of it what the client gets.
    Refused {
        status: u16,
    },
}

/// What an error says, in OpenAI's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub code: String,
    pub kind: String,
    pub message: String,
}

/// An upstream's refusal, as the client gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub body: Vec<u8>,
    /// Headers of ours, in place of the upstream's of that name.
    pub headers: Vec<(&'static str, String)>,
    /// For the log only.
    pub detail: Option<String>,
}

impl Refusal {
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
            detail: None,
        }
    }
}

impl Refusal {
    /// What it says to a client of OpenAI's.
    pub fn told(&self) -> Told {
        let error = Value::first(&self.body).and_then(|body| body.get("error"));
        let text = |name: &str| {
            let member = error.as_ref().and_then(|error| error.get(name));
            member
                .and_then(Value::as_str)
                .unwrap_or_default()
                .into_owned()
        };
        Told {
            code: text("code"),
            kind: text("type"),
            message: text("message"),
        }
    }
}

impl Decoded {
    pub fn json(body: Vec<u8>) -> Self {
        Self::Changed {
            content_type: "application/json",
            body,
        }
    }
}

impl Dialect {
    /// Whether an answer means nothing to the client as it is.
    pub fn is_translated(self) -> bool {
        matches!(self, Self::Anthropic | Self::Gemini(_))
    }

    /// Whether Google answers, in whichever language.
    pub fn is_googles(self) -> bool {
        matches!(self, Self::Gemini(_) | Self::Compat(_))
    }

    /// Whether a request's body has to be here as a whole before it can be sent.
    pub fn needs_whole(self) -> bool {
        matches!(self, Self::Gemini(_))
    }

    /// Whether models have names of this upstream's wherever a request names them: on the lines of a batch file, in
    /// a session.
    pub fn names_deployments(self) -> bool {
        matches!(self, Self::Azure(_))
    }

    /// Whether OpenAI's organizations and projects mean something there.
    pub fn knows_accounts(self) -> bool {
        self == Self::OpenAi
    }

    /// Whether the answer to a request it accepted may have to be asked for.
    pub fn may_answer_later(self, operation: Operation) -> bool {
        matches!(self, Self::Azure(_)) && operation == Operation::ImageGeneration
    }
}
