//! One error type: whose fault it is, what the client may read, what only the log may.
//!
//! An `Error` becomes a response in `proxy.rs` and nowhere else. What an upstream said itself is not an
//! `Error`: it is an answer, passed on (see `openai::errors`).

use std::borrow::Cow;

use serde_json::json;

use crate::azure::errors::own;
use crate::inference;
use crate::limits::Measure;
use crate::surface::Surface;

pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as far as the status and OpenAI's `type` depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The client sent something that cannot be served as it is.
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    /// The path exists; `allow` lists the methods it takes.
    MethodNotAllowed {
        allow: &'static str,
    },
    TooLarge,
    UnsupportedMedia,
    /// The request is well formed, and asks for what this model does not do.
    Unprocessable,
    /// A limit of everybody who could serve it; the client may come back after so many seconds.
    RateLimited {
        retry_after_secs: u64,
    },
    /// The same of a limit of ours.
    OverLimit {
        measure: Measure,
        retry_after_secs: u32,
    },
    /// The operator's settings make this call impossible.
    Configuration,
    /// The upstream could not be reached, or answered what no upstream should.
    BadGateway,
    /// The upstream sent no response headers in time.
    Timeout,
    /// Several could have served it, and none did.
    Unavailable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    /// A word a program can match on, as in OpenAI's `code`; empty where OpenAI has none.
    pub code: &'static str,
    /// For the client. Never holds a secret, a prompt or a completion.
    pub message: Cow<'static, str>,
    /// The field of the request at fault, as in OpenAI's `param`.
    pub param: Option<&'static str>,
    /// For the log only, under the same rule.
    pub detail: Option<Box<str>>,
    /// What goes along with the answer.
    pub headers: Vec<(&'static str, String)>,
}

/// A field of the request is there and cannot be used: it must be what is wanted.
pub fn invalid(name: &'static str, wanted: &str) -> Error {
    let problem = ["Invalid value for '", name, "': it must be ", wanted, "."].concat();
    Error::bad_request("invalid_value", problem).param(name)
}

impl Error {
    pub fn new(kind: Kind, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            param: None,
            detail: None,
            headers: Vec::new(),
        }
    }

    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::BadRequest, code, message)
    }

    pub fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Configuration, "configuration_error", message)
    }

    #[must_use]
    pub fn param(mut self, param: &'static str) -> Self {
        self.param = Some(param);
        self
    }

    /// A call that needs a model names none, in OpenAI's own words.
    pub fn no_model() -> Self {
        let problem = "you must provide a model parameter";
        Self::bad_request("model_required", problem).param("model")
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A word for the log, also where OpenAI has none.
    pub fn word(&self) -> &'static str {
        if self.code.is_empty() {
            self.openai_type()
        } else {
            self.code
        }
    }

    pub fn status(&self) -> u16 {
        match self.kind {
            Kind::BadRequest => 400,
            Kind::Unauthorized => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::MethodNotAllowed { .. } => 405,
            Kind::TooLarge => 413,
            Kind::UnsupportedMedia => 415,
            Kind::Unprocessable => 422,
            Kind::RateLimited { .. } | Kind::OverLimit { .. } => 429,
            Kind::Configuration => 500,
            Kind::BadGateway => 502,
            Kind::Unavailable => 503,
            Kind::Timeout => 504,
        }
    }

    /// OpenAI's `type`: the typed errors of its SDKs go by the status, people by this word.
    pub fn openai_type(&self) -> &'static str {
        match self.kind {
            // The word for a picture that the content filter holds back.
            Kind::BadRequest if self.code == "moderation_blocked" => "image_generation_user_error",
            Kind::BadRequest
            | Kind::MethodNotAllowed { .. }
            | Kind::TooLarge
            | Kind::UnsupportedMedia
            | Kind::Unprocessable => "invalid_request_error",
            Kind::Unauthorized => "authentication_error",
            Kind::Forbidden => "permission_error",
            // A model that is not there is the request's mistake, to OpenAI.
            Kind::NotFound if self.code == "model_not_found" => "invalid_request_error",
            Kind::NotFound => "not_found_error",
            Kind::RateLimited { .. } => "rate_limit_error",
            Kind::OverLimit { measure, .. } => match measure {
                Measure::Requests => "requests",
                Measure::Tokens => "tokens",
                Measure::Daily | Measure::Monthly => "insufficient_quota",
            },
            Kind::Configuration | Kind::BadGateway | Kind::Timeout | Kind::Unavailable => {
                "server_error"
            }
        }
    }

    /// The body every OpenAI client parses.
    pub fn openai_body(&self) -> String {
        let code = Some(self.code).filter(|code| !code.is_empty());
        json!({"error": {
            "message": self.message,
            "type": self.openai_type(),
            "param": self.param,
            "code": code,
        }})
        .to_string()
    }

    /// The same for Azure's clients: always under a code, and that first, as Azure writes it.
    fn azure_body(&self) -> String {
        let status = self.status();
        json!({"error": {
            "code": own::code(status, Some(self.code)),
            "message": self.message,
            "type": self.openai_type(),
            "param": self.param,
        }})
        .to_string()
    }

    /// The body for a client of that surface.
    pub fn body(&self, surface: Surface) -> String {
        match surface {
            Surface::OpenAi => self.openai_body(),
            Surface::Azure => self.azure_body(),
            Surface::Inference => inference::errors::body(self),
            Surface::Gemini => google_body(self.status(), &self.message),
        }
    }
}

/// The body every client of Google's parses.
pub fn google_body(status: u16, message: &str) -> String {
    json!({"error": {
        "code": status,
        "message": message,
        "status": google_status(status),
    }})
    .to_string()
}

/// Google's word for it: <https://cloud.google.com/apis/design/errors>.
fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 | 501 => "UNIMPLEMENTED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        408 | 504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        502 | 503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}
