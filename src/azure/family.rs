//! Model families: what a deployment's model takes and refuses, as data.

mod name;

pub use name::without_date;

/// A family of models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Nothing is known: nothing is changed.
    #[default]
    Unknown,
    /// gpt-35-turbo, gpt-4, gpt-4-turbo.
    Early,
    /// gpt-4o, gpt-4.1, gpt-4.5 and their audio models.
    Gpt4o,
    /// o1-mini and o1-preview, which know no instructions.
    O1Mini,
    /// o1 and o3-mini.
    O1,
    /// o3, o4-mini and later.
    O3,
    /// gpt-5, -mini, -nano: they always reason.
    Gpt5,
    /// gpt-5.1 to 5.4: they reason when asked to.
    Gpt51,
    /// gpt-5.5, gpt-6 and later: they reason unless asked not to.
    Gpt55,
    /// gpt-5-chat, gpt-5.1-chat: of the line by name, but they do not reason.
    Gpt5Chat,
    /// gpt-5.2-chat and later, chat-latest.
    Gpt52Chat,
    /// Codex, pro, deep research, computer use: not to be had on chat completions.
    ResponsesOnly,
    GptImage,
    /// model-router: whatever it chooses.
    Router,
    GptOss,
    DeepSeek,
    Grok3,
    Grok3Mini,
    /// grok-4 and later, grok-code-fast.
    Grok4,
    /// Llama, Mistral, Phi, Cohere and others behind servers that refuse what they do not know.
    Open,
}

/// What a family takes and refuses.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Traits {
    pub token_limit: TokenLimit,
    pub reasons: Reasons,
    /// Parameters of a chat it never takes.
    pub refuses: &'static [&'static str],
    /// Those it takes only when it does not reason.
    pub refuses_reasoning: &'static [&'static str],
    /// The same at an effort of `minimal`.
    pub refuses_at_minimal: &'static [&'static str],
    pub instructions: Instructions,
    pub takes_chat: bool,
    pub takes_stream: bool,
    pub takes_response_format: bool,
    /// Its servers refuse members of a message they do not know.
    pub is_strict: bool,
}

/// The field of a chat that bounds the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLimit {
    MaxTokens,
    MaxCompletionTokens,
    /// Both, where the version knows both.
    Either,
}

/// Whether it reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasons {
    Never,
    Always,
    /// Its default effort is not `none`.
    UnlessToldNot,
    /// Its default effort is `none`.
    IfTold,
}

/// The role of a message with instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    Developer,
    System,
    /// Both, where the version knows both.
    Either,
    /// Neither: they are said by the user.
    User,
}

impl Family {
    /// The family of a model by its name, or by a hint of the owner's.
    pub fn of(name: &str) -> Self {
        name::family(name)
    }

    pub fn traits(self) -> &'static Traits {
        match self {
            Self::Unknown => &PLAIN,
            Self::Early => &EARLY,
            Self::Gpt4o => &GPT_4O,
            Self::O1Mini => &O1_MINI,
            Self::O1 => &O1,
            Self::O3 => &O3,
            Self::Gpt5 => &GPT_5,
            Self::Gpt51 => &GPT_51,
            Self::Gpt55 => &GPT_55,
            Self::Gpt5Chat => &GPT_5_CHAT,
            Self::Gpt52Chat => &GPT_52_CHAT,
            Self::ResponsesOnly => &RESPONSES_ONLY,
            Self::GptImage => &GPT_IMAGE,
            Self::Router => &ROUTER,
            Self::GptOss => &GPT_OSS,
            Self::DeepSeek => &DEEP_SEEK,
            Self::Grok3 => &GROK_3,
            Self::Grok3Mini => &GROK_3_MINI,
            Self::Grok4 => &GROK_4,
            Self::Open => &OPEN,
        }
    }
}

const PLAIN: Traits = Traits {
    token_limit: TokenLimit::Either,
    reasons: Reasons::Never,
    refuses: &[],
    refuses_reasoning: &[],
    refuses_at_minimal: &[],
    instructions: Instructions::Either,
    takes_chat: true,
    takes_stream: true,
    takes_response_format: true,
    is_strict: false,
};

const EARLY: Traits = Traits {
    refuses: &["reasoning_effort", "verbosity"],
    instructions: Instructions::System,
    ..PLAIN
};

const GPT_4O: Traits = Traits {
    refuses: &["reasoning_effort", "verbosity"],
    ..PLAIN
};

/// What no model takes while it reasons.
const SAMPLING: &[&str] = &["temperature", "top_p", "logprobs", "top_logprobs"];

const SAMPLING_AND_TOOLS: &[&str] = &[
    "temperature",
    "top_p",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
];

const O1: Traits = Traits {
    token_limit: TokenLimit::MaxCompletionTokens,
    reasons: Reasons::Always,
    refuses: &[
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "n",
        "parallel_tool_calls",
        "verbosity",
    ],
    refuses_reasoning: SAMPLING,
    refuses_at_minimal: SAMPLING_AND_TOOLS,
    instructions: Instructions::Developer,
    ..PLAIN
};

const O1_MINI: Traits = Traits {
    refuses: &[
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "n",
        "parallel_tool_calls",
        "reasoning_effort",
        "verbosity",
    ],
    instructions: Instructions::User,
    takes_stream: false,
    ..O1
};

const O3: Traits = Traits {
    refuses: &[
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "n",
        "parallel_tool_calls",
        "verbosity",
        "stop",
    ],
    ..O1
};

const GPT_5: Traits = Traits {
    refuses: &[
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "n",
        "stop",
        "modalities",
        "prediction",
        "audio",
        "web_search_options",
    ],
    ..O1
};

const GPT_51: Traits = Traits {
    reasons: Reasons::IfTold,
    ..GPT_5
};

const GPT_55: Traits = Traits {
    reasons: Reasons::UnlessToldNot,
    ..GPT_5
};

const GPT_5_CHAT: Traits = Traits {
    token_limit: TokenLimit::MaxCompletionTokens,
    instructions: Instructions::System,
    ..PLAIN
};

const GPT_52_CHAT: Traits = Traits {
    refuses: &["temperature"],
    ..GPT_5_CHAT
};

const RESPONSES_ONLY: Traits = Traits {
    takes_chat: false,
    ..O1
};

const GPT_IMAGE: Traits = Traits {
    takes_response_format: false,
    ..PLAIN
};

const ROUTER: Traits = Traits {
    token_limit: TokenLimit::MaxCompletionTokens,
    ..PLAIN
};

const DEEP_SEEK: Traits = Traits {
    token_limit: TokenLimit::MaxTokens,
    instructions: Instructions::System,
    ..PLAIN
};

const OPEN: Traits = Traits {
    is_strict: true,
    ..DEEP_SEEK
};

const GPT_OSS: Traits = Traits {
    token_limit: TokenLimit::Either,
    ..OPEN
};

const GROK_3: Traits = Traits {
    instructions: Instructions::System,
    ..PLAIN
};

const GROK_3_MINI: Traits = Traits {
    refuses: &["stop"],
    ..GROK_3
};

const GROK_4: Traits = Traits {
    refuses: &["stop", "frequency_penalty"],
    ..GROK_3
};
