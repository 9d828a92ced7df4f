//! Why a model stopped, or did not begin.

use std::borrow::Cow;

/// What a `finishReason` comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It had said it all, or called a tool. Reasons that are not known are this one.
    Stop,
    Length,
    /// A filter: what there is of an answer is cut.
    Filter,
    /// The model's call was none; the reason in lower case. What calls came along are not to be made.
    Malformed(&'static str),
}

/// What a stop is called where the answer holds calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    None,
    Tools,
    /// `function_call`, from before there were tools.
    Function,
}

const FILTERS: [&[u8]; 9] = [
    b"SAFETY",
    b"RECITATION",
    b"LANGUAGE",
    b"BLOCKLIST",
    b"PROHIBITED_CONTENT",
    b"SPII",
    b"IMAGE_SAFETY",
    b"IMAGE_PROHIBITED_CONTENT",
    b"IMAGE_RECITATION",
];

const MALFORMED: [(&[u8], &str); 4] = [
    (b"MALFORMED_FUNCTION_CALL", "malformed_function_call"),
    (b"UNEXPECTED_TOOL_CALL", "unexpected_tool_call"),
    (b"TOO_MANY_TOOL_CALLS", "too_many_tool_calls"),
    (b"MALFORMED_RESPONSE", "malformed_response"),
];

impl Finish {
    /// None if no reason is given: in a stream it is still to come.
    pub fn of(reason: &[u8]) -> Option<Self> {
        let malformed = MALFORMED.iter().find(|(name, _)| *name == reason);
        Some(match reason {
            b"" => return None,
            b"MAX_TOKENS" => Self::Length,
            _ if FILTERS.contains(&reason) => Self::Filter,
            _ => malformed.map_or(Self::Stop, |(_, code)| Self::Malformed(code)),
        })
    }

    /// OpenAI's word for it.
    pub fn word(self, calls: Calls) -> &'static str {
        match (self, calls) {
            (Self::Length, _) => "length",
            (Self::Filter, _) => "content_filter",
            (Self::Stop, Calls::Tools) => "tool_calls",
            (Self::Stop, Calls::Function) => "function_call",
            (Self::Stop | Self::Malformed(_), _) => "stop",
        }
    }
}

/// What the client reads of a filtered answer, as it stands between quotes: Google's words, if there are any.
pub fn refusal<'t>(reason: &[u8], message: &'t [u8]) -> Cow<'t, [u8]> {
    in_words(
        b"The answer was blocked by a filter of Google's (",
        reason,
        message,
    )
}

/// The same for a prompt that was not answered.
pub fn prompt_refusal<'t>(reason: &[u8], message: &'t [u8]) -> Cow<'t, [u8]> {
    in_words(
        b"The prompt was blocked by a filter of Google's (",
        reason,
        message,
    )
}

fn in_words<'t>(words: &[u8], reason: &[u8], message: &'t [u8]) -> Cow<'t, [u8]> {
    if message.is_empty() {
        [words, reason, b")."].concat().into()
    } else {
        message.into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Calls, Finish};

    #[test]
    fn each_reason_has_its_word() {
        for (reason, plain, with_calls) in [
            ("STOP", "stop", "tool_calls"),
            ("FINISH_REASON_UNSPECIFIED", "stop", "tool_calls"),
            ("OTHER", "stop", "tool_calls"),
            ("IMAGE_OTHER", "stop", "tool_calls"),
            ("NO_IMAGE", "stop", "tool_calls"),
            ("SOMETHING_NEW", "stop", "tool_calls"),
            ("MAX_TOKENS", "length", "length"),
            ("SAFETY", "content_filter", "content_filter"),
            ("RECITATION", "content_filter", "content_filter"),
            ("LANGUAGE", "content_filter", "content_filter"),
            ("BLOCKLIST", "content_filter", "content_filter"),
            ("PROHIBITED_CONTENT", "content_filter", "content_filter"),
            ("SPII", "content_filter", "content_filter"),
            ("IMAGE_SAFETY", "content_filter", "content_filter"),
            (
                "IMAGE_PROHIBITED_CONTENT",
                "content_filter",
                "content_filter",
            ),
            ("IMAGE_RECITATION", "content_filter", "content_filter"),
            ("MALFORMED_FUNCTION_CALL", "stop", "stop"),
            ("UNEXPECTED_TOOL_CALL", "stop", "stop"),
            ("TOO_MANY_TOOL_CALLS", "stop", "stop"),
            ("MALFORMED_RESPONSE", "stop", "stop"),
        ] {
            let finish = Finish::of(reason.as_bytes()).unwrap();
            assert_eq!(finish.word(Calls::None), plain, "{reason}");
            assert_eq!(finish.word(Calls::Tools), with_calls, "{reason}");
            let is_malformed = matches!(finish, Finish::Malformed(_));
            assert_eq!(
                is_malformed,
                reason.contains("MALFORMED") || reason.contains("TOOL")
            );
        }
        assert_eq!(Finish::of(b""), None);
        assert_eq!(Finish::Stop.word(Calls::Function), "function_call");
    }
}
