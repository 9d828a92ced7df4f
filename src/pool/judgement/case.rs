//! Which row of the table an outcome is, by its status and the words of a refusal.

use crate::credentials::Whose;
use crate::pool::judgement::{Outcome, Refusal, Scope};

/// What an attempt can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Served,
    /// A mistake of the request, a refusal of the client's own credential, and what nobody knows better.
    Clients,
    Filtered,
    TooLong,
    /// Not here, and nothing is wrong with the place: what it does not do, or does not do for this request.
    Unfit,
    Limited,
    /// Money or an allowance is used up, of this much.
    UsedUp(Scope),
    /// It did not do its work.
    Failed,
    /// It did not, and part of it is with the client.
    FailedLate,
    /// It was not there at all.
    Unreachable,
    NoModel,
    /// Our credential is of no use for this much.
    Refused(Scope),
    WrongPlace,
}

/// The content filter refused. Sentences vary, down to the apostrophe: codes do not.
const FILTERED: [&str; 5] = [
    "content_filter",
    "content_policy_violation",
    "contentFilter",
    "moderation_blocked",
    "ResponsibleAIPolicyViolation",
];

/// `OpenRouter` has no code for it: "Your chosen model requires moderation and your input was flagged".
const FILTERED_IN_WORDS: &str = "your input was flagged";

/// OpenAI's, and llama.cpp's as a `type`.
const TOO_LONG: [&str; 2] = ["context_length_exceeded", "exceed_context_size_error"];

/// Of servers that have no code for it: vLLM and Mistral, Together, Groq, LM Studio, Anthropic's models behind
/// others, llama.cpp.
const TOO_LONG_IN_WORDS: [&str; 8] = [
    "maximum context length",
    "context length exceeded",
    "context_length_exceeded",
    "context window",
    "reduce the length of the messages",
    "exceeds the available context size",
    "prompt is too long",
    "input is too long",
];

/// The target has no such model; not of what a request names beside it.
const NO_MODEL: [&str; 6] = [
    "model_not_found",
    "DeploymentNotFound",
    "unknown_model",
    "invalid_model",
    "model_not_available",
    "model_decommissioned",
];

/// How sentences of those begin that have no code: what a client named comes later in them. OpenAI, vLLM, Ollama,
/// `DeepSeek`, and a host of Azure's that is gone.
const NO_MODEL_IN_WORDS: [(&str, &str); 5] = [
    ("The model ", "does not exist"),
    ("The model ", "has been deprecated"),
    ("model ", "not found"),
    ("Model Not Exist", ""),
    ("Serverless endpoint not found", ""),
];

/// What one request needs is more than a minute's share: "Request too large for gpt-4o ... on tokens per min (TPM):
/// Limit 30000, Requested 50000". The others are served as before.
const LARGER_THAN_A_LIMIT: &str = "Request too large for ";

impl Case {
    pub(super) fn of(outcome: &Outcome<'_>) -> Self {
        match outcome {
            Outcome::Answered => Self::Served,
            Outcome::Refused(refusal) => Self::of_refusal(refusal),
            Outcome::Unreachable => Self::Unreachable,
            // Of a model that is busy or stuck: others on the same host answer.
            Outcome::Timeout | Outcome::Silent | Outcome::BrokeOff => Self::Failed,
            Outcome::BrokeLate => Self::FailedLate,
            Outcome::Unfit => Self::Unfit,
            Outcome::Withheld => Self::Filtered,
            Outcome::Clients => Self::Clients,
        }
    }

    /// First what the words say, whatever the status: Azure has its filter's word under 403, OpenAI a missing model.
    fn of_refusal(refusal: &Refusal<'_>) -> Self {
        if refusal.is_filtered() {
            Self::Filtered
        } else if refusal.is_too_long() {
            Self::TooLong
        } else if refusal.is_missing_model {
            Self::NoModel
        } else if refusal.names_missing_model() {
            refusal.unless_clients(Self::NoModel)
        } else if refusal.is_about_place || refusal.code == "unsupported_country_region_territory" {
            Self::WrongPlace
        } else if let Some(scope) = refusal.credential {
            refusal.of_ours(Self::Refused(scope))
        } else if refusal.is_used_up() {
            refusal.of_ours(Self::UsedUp(refusal.counted()))
        } else {
            Self::of_status(refusal)
        }
    }

    fn of_status(refusal: &Refusal<'_>) -> Self {
        match refusal.status {
            413 | 429 if refusal.message.starts_with(LARGER_THAN_A_LIMIT) => Self::Unfit,
            429 if refusal.is_counted_by_model => Self::Limited,
            429 => refusal.unless_clients(Self::Limited),
            // What it needs to serve this request failed, it is too early, it gave the request up, it cannot: nothing
            // that others would meet there.
            424 | 425 | 499 | 501 => Self::Unfit,
            // Cloudflare's, of a host behind it that is not there: down, silent, unreachable, without TLS or a name.
            521..=523 | 525 | 526 | 530 => Self::Unreachable,
            // 520 and 524, too: it took the connection.
            408 | 500.. => Self::Failed,
            // 409 and 410 are about what the request names, as 404 is.
            _ => Self::Clients,
        }
    }
}

impl Refusal<'_> {
    fn is_filtered(&self) -> bool {
        FILTERED.contains(&self.code)
            || self.status < 500 && says(self.message, &[FILTERED_IN_WORDS])
    }

    fn is_too_long(&self) -> bool {
        TOO_LONG.contains(&self.code)
            || TOO_LONG.contains(&self.kind)
            || matches!(self.status, 400 | 413 | 422) && says(self.message, &TOO_LONG_IN_WORDS)
    }

    fn names_missing_model(&self) -> bool {
        let begins = |(start, rest): &(&str, &str)| {
            let behind = self.message.strip_prefix(start);
            behind.is_some_and(|behind| behind.contains(rest))
        };
        match self.status {
            400 | 403 | 404 | 410 if NO_MODEL.contains(&self.code) => true,
            400 | 404 | 410 => NO_MODEL_IN_WORDS.iter().any(begins),
            _ => false,
        }
    }

    fn is_used_up(&self) -> bool {
        let has = |word: &str| {
            let in_code = self.code.to_ascii_lowercase().contains(word);
            in_code || self.kind.to_ascii_lowercase().contains(word)
        };
        match self.status {
            402 => true,
            429 => has("quota") || has("billing"),
            // "billing_hard_limit_reached" is a 400. A quota there is of files.
            400 | 403 => has("billing"),
            _ => false,
        }
    }

    /// Of what its limits are.
    fn counted(&self) -> Scope {
        if self.is_counted_by_model {
            Scope::Deployment
        } else {
            Scope::Provider
        }
    }

    /// What is wrong with the client's own credential is the client's to change; so if it has none, and needs one.
    fn of_ours(&self, case: Case) -> Case {
        match self.whose {
            Whose::Ours => case,
            Whose::TheClients | Whose::Nobodys => Case::Clients,
        }
    }

    /// What the client's own account may not do, or not now, says nothing of the others.
    fn unless_clients(&self, case: Case) -> Case {
        match self.whose {
            Whose::Ours | Whose::Nobodys => case,
            Whose::TheClients => Case::Unfit,
        }
    }
}

fn says(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}
