//! An upstream's refusal: what it says, whom it is about, what it teaches.

use std::borrow::Cow;

use crate::credentials::Whose;
use crate::dialect::{Dialect, Learnt, Refusal};
use crate::exchange::Refused;
use crate::headers::Headers;
use crate::pool::judgement::Scope;
use crate::surface::{Call, Operation, Surface};
use crate::{anthropic, azure, gemini, inference, openai};

impl Dialect {
    /// For how long a key is of no use after a refusal that is about nothing else.
    pub fn unusable_millis(self, status: u16, headers: &Headers, refusal: &[u8]) -> Option<u64> {
        match self {
            Self::Gemini(_) | Self::Compat(_) => {
                gemini::errors::unusable_millis(status, headers, refusal)
            }
            Self::OpenAi | Self::Azure(_) | Self::Anthropic => None,
        }
    }

    /// Whether a refusal is about where the call came from: nothing the request could do about it.
    pub fn is_about_place(self, status: u16, refusal: &[u8]) -> bool {
        self.is_googles() && gemini::errors::is_about_place(status, refusal)
    }

    /// Whether a refusal says that the model is not known by this name.
    pub fn is_missing_model(self, status: u16, refusal: &[u8]) -> bool {
        match self {
            Self::OpenAi | Self::Anthropic => false,
            Self::Azure(_) => azure::errors::is_missing_deployment(status, refusal),
            Self::Gemini(_) | Self::Compat(_) => gemini::errors::is_missing_model(status, refusal),
        }
    }

    /// If a refusal is about the credential: what that is of no use for. Whoever is known and may not do this may do
    /// something else.
    pub fn refuses_credential(self, status: u16, refusal: &[u8]) -> Option<Scope> {
        match self {
            Self::Azure(_) => azure::errors::refuses_credential(status, refusal),
            Self::Gemini(_) | Self::Compat(_) => {
                gemini::errors::refuses_credential(status, refusal)
            }
            Self::OpenAi | Self::Anthropic => match status {
                401 => Some(Scope::Provider),
                403 => Some(Scope::Deployment),
                _ => None,
            },
        }
    }

    /// Whether its limits are of one deployment, or one model; else they are of an account.
    pub fn counts_by_model(self) -> bool {
        match self {
            Self::Azure(_) | Self::Gemini(_) | Self::Compat(_) => true,
            Self::OpenAi | Self::Anthropic => false,
        }
    }

    /// Whether a refusal of a token may be over with a new one.
    pub fn is_stale_token(self, status: u16, refusal: &[u8]) -> bool {
        let is_azure = matches!(self, Self::Azure(_));
        status == 401 && !(is_azure && azure::errors::lacks_role(refusal))
    }

    /// An upstream's refusal, as the client's surface has it.
    pub fn refusal(self, refused: Refused, surface: Surface) -> Refusal {
        let is_azures = surface == Surface::Azure;
        let Refused {
            status,
            headers,
            body,
            whose,
            tried,
            ..
        } = refused;
        let is_ours = whose == Whose::Ours;
        let refusal = match self {
            Self::OpenAi => Refusal::new(status, openai::errors::reshape(status, body)),
            Self::Azure(_) if !tried.is_empty() => azure::errors::not_found(&tried, &body),
            Self::Azure(_) if is_azures => {
                azure::errors::own::refusal(status, &headers, &body, is_ours)
            }
            Self::Azure(_) => azure::errors::refusal(status, &headers, &body, is_ours),
            Self::Anthropic => anthropic::errors::refusal(status, &headers, &body, is_ours),
            Self::Gemini(_) | Self::Compat(_) => gemini::errors::refusal(status, &headers, &body),
        };
        match surface {
            Surface::Azure => azure::errors::own::worded(refusal),
            Surface::Inference => inference::errors::reshaped(refusal),
            Surface::OpenAi | Surface::Gemini => refusal,
        }
    }

    /// Whether refusals may teach how to ask.
    pub fn has_lessons(self) -> bool {
        match self {
            Self::Azure(manner) => manner.options.reactive_retry,
            Self::Gemini(_) => true,
            Self::OpenAi | Self::Anthropic | Self::Compat(_) => false,
        }
    }

    /// The mode a request asks its model for: what is learnt in one may not hold in another.
    /// So with a version that the client chose.
    pub fn mode(self, text: &[u8]) -> Cow<'static, str> {
        match self {
            Self::Azure(manner) if manner.spoken == azure::Spoken::Classic => {
                let mode = azure::lessons::mode(text);
                format!("{mode}@{}", manner.version.number()).into()
            }
            Self::Azure(_) => azure::lessons::mode(text).into(),
            _ => "".into(),
        }
    }

    /// What a refusal teaches, if it says exactly that and it is new.
    pub fn learn<Body>(
        self,
        known: Learnt,
        call: &Call<Body>,
        text: &[u8],
        status: u16,
        refusal: &[u8],
    ) -> Option<Learnt> {
        if !self.has_lessons() {
            return None;
        }
        let learnt = if let Self::Azure(_) = self {
            let operation = call.wanted.operation;
            let known = azure::lessons::Lessons::from_bits(known.0);
            let learnt = known.learn(operation, status, refusal);
            let learnt = learnt.filter(|_| azure::lessons::may_be_believed(text));
            learnt?.bits()
        } else {
            let known = gemini::lessons::Lessons::from_bits(known.0);
            known.learn(status, refusal)?.bits()
        };
        Some(Learnt(learnt))
    }

    /// What was learnt, as far as it changes such a request, in words.
    pub fn lessons(self, operation: Operation, learnt: Learnt) -> Vec<String> {
        match self {
            Self::Azure(_) => {
                let lessons = azure::lessons::Lessons::from_bits(learnt.0);
                lessons.about(operation).in_words()
            }
            Self::Gemini(_) => gemini::lessons::Lessons::from_bits(learnt.0).in_words(),
            Self::OpenAi | Self::Anthropic | Self::Compat(_) => Vec::new(),
        }
    }

    /// Of what was learnt that which holds for the next request, too.
    pub fn lasting(self, learnt: Learnt) -> Learnt {
        match self {
            Self::Gemini(_) => Learnt(
                gemini::lessons::Lessons::from_bits(learnt.0)
                    .lasting()
                    .bits(),
            ),
            _ => learnt,
        }
    }
}
