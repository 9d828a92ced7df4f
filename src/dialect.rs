//! The wire languages, and what each must do to a call and to what comes back.

use crate::azure::Manner;
use crate::openai;
use crate::platform::Edit;
use crate::surface::{Call, Operation};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    /// OpenAI's as Azure's servers speak it.
    Azure(Manner),
    /// Anthropic's Messages.
    Anthropic,
}

impl Dialect {
    /// What has to change in the client's bytes for this upstream to understand them.
    pub fn encode<Body>(self, call: &Call<Body>, model: Option<&str>) -> Vec<Edit> {
        match self {
            Self::OpenAi | Self::Azure(_) | Self::Anthropic => {
                model.map_or_else(Vec::new, |model| call.naming.rename(model))
            }
        }
    }

    /// An upstream's refusal, as the client's dialect has it.
    pub fn refusal(self, status: u16, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::OpenAi | Self::Azure(_) | Self::Anthropic => {
                openai::errors::reshape(status, body)
            }
        }
    }

    /// What ends an event stream that broke before its end.
    pub fn broken_stream(self, operation: Operation) -> &'static str {
        match self {
            Self::OpenAi | Self::Azure(_) | Self::Anthropic => {
                openai::errors::broken_stream(operation)
            }
        }
    }
}
