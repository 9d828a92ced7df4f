//! What an owner can choose for a provider of Google's.

/// All of them; they are few and small, so that they travel by value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of the configuration"
)]
pub struct Options {
    /// Thoughts are asked for, and given as `reasoning_content`.
    pub include_thoughts: bool,
    pub safety: Safety,
    pub tool_schemas: ToolSchemas,
    /// A tool call's id carries its signature, for clients that drop members they do not know.
    pub signatures_in_ids: bool,
    /// Pictures and files behind `https` addresses are fetched here, and sent along.
    pub fetch_media: bool,
    /// Whether calls and their results carry ids; by default where the host knows them.
    pub call_ids: Option<bool>,
    /// Whether `temperature`, `top_p` and `top_k` are sent; by default to models from before 3.6.
    pub sampling: Option<bool>,
    /// A chat's `metadata` becomes labels of Vertex AI's, which show on its bill.
    pub labels: bool,
    /// What cannot be honoured is refused instead of left out: formats of speech that cannot be made, `logit_bias`, a
    /// conversation that ends with the assistant's words for a model that refuses to continue them.
    pub strict: bool,
}

/// How a tool's parameters are described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolSchemas {
    /// `parametersJsonSchema`: JSON Schema as it is, for models that know it.
    #[default]
    Json,
    /// `parameters`: the subset of `OpenAPI` that every model knows.
    Restricted,
}

/// Thresholds by category, in the order of [`CATEGORIES`]; None: Google's own.
pub type Safety = [Option<Threshold>; CATEGORIES.len()];

pub const CATEGORIES: [&str; 5] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    Off,
    None,
    OnlyHigh,
    MediumAndAbove,
    LowAndAbove,
}

impl Threshold {
    const ALL: [Self; 5] = [
        Self::Off,
        Self::None,
        Self::OnlyHigh,
        Self::MediumAndAbove,
        Self::LowAndAbove,
    ];

    /// By Google's name for it, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.name().eq_ignore_ascii_case(name))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::None => "BLOCK_NONE",
            Self::OnlyHigh => "BLOCK_ONLY_HIGH",
            Self::MediumAndAbove => "BLOCK_MEDIUM_AND_ABOVE",
            Self::LowAndAbove => "BLOCK_LOW_AND_ABOVE",
        }
    }
}
