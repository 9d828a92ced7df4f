//! Embeddings, in Google's three ways.

mod answer;
mod vector;
mod way;

pub use answer::decode;

use crate::error::{Error, Result, invalid};
use crate::gemini::asked::{Asked, fields, missing, unsupported};
use crate::gemini::google::extension;
use crate::gemini::{self, Encoded, Manner, Outgoing, Request};
use crate::json::{Fields, Value, inside};

use way::Way;

/// OpenAI's limit.
const MAX_TEXTS: usize = 2048;

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// How many vectors each answer has to hold.
    pub shares: Vec<usize>,
    /// The client wants little-endian floats in base64; the official SDKs do.
    pub base64: bool,
    /// The vectors come cut short, and not of length one as OpenAI's are.
    pub normalise: bool,
}

/// What goes along with each text.
struct Manners<'t> {
    task: Option<String>,
    title: Option<Value<'t>>,
    dimensions: Option<u64>,
    auto_truncate: Option<Value<'t>>,
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let fields = fields(request.text)?;
    let texts = texts(&fields)?;
    let manners = Manners::read(&fields, request)?;
    let way = Way::of(manner.host, request.model);
    let mut requests = Vec::new();
    let mut shares = Vec::new();
    for share in way.shares(&texts) {
        shares.push(share.len());
        requests.push(Outgoing {
            method: way.method(),
            body: way.body(share, request.model, &manners),
        });
    }
    let is_short = manners.dimensions.is_some_and(|it| it < 3072);
    Ok(Encoded {
        requests,
        expects: gemini::Expects::Embeddings(Expects {
            shares,
            base64: wants_base64(&fields)?,
            normalise: is_short && request.model.contains("gemini-embedding-001"),
        }),
    })
}

fn texts<'t>(fields: &Fields<'t>) -> Result<Vec<Value<'t>>> {
    let input = fields.get("input").ok_or_else(|| missing("input"))?;
    let texts: Vec<_> = if input.is_array() {
        input.elements().take(MAX_TEXTS + 1).collect()
    } else {
        vec![input]
    };
    if let Some(wrong) = texts.iter().find(|text| !text.is_string()) {
        return Err(not_text(*wrong));
    }
    if texts.is_empty() || texts.iter().any(|text| inside(*text).is_empty()) {
        let wanted = "a string that is not empty, or an array of such";
        return Err(invalid("input", wanted));
    }
    if texts.len() > MAX_TEXTS {
        return Err(invalid("input", &format!("at most {MAX_TEXTS} strings")));
    }
    Ok(texts)
}

/// Tokens are numbers of OpenAI's vocabularies, alone or in lists. `LangChain` sends them unless told not to.
fn not_text(value: Value<'_>) -> Error {
    if value.is_array() || value.as_f64().is_some() {
        let problem = "Tokens mean nothing to Gemini: 'input' must be text (for LangChain: check_embedding_ctx_length=False).";
        return unsupported("input", problem);
    }
    invalid("input", "a string or an array of strings")
}

fn wants_base64(fields: &Fields<'_>) -> Result<bool> {
    match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => Ok(false),
        Some("base64") => Ok(true),
        Some(_) => Err(invalid("encoding_format", "\"float\" or \"base64\"")),
    }
}

impl<'t> Manners<'t> {
    fn read(fields: &Fields<'t>, request: &Request<'_>) -> Result<Self> {
        let task = extension(fields, ["task_type", "taskType"])?.map(|it| {
            let task = it.as_str().map(|task| task.to_ascii_uppercase());
            task.ok_or_else(|| invalid("task_type", "a string"))
        });
        let title = extension(fields, ["title"])?;
        if title.is_some_and(|it| !it.is_string()) {
            return Err(invalid("title", "a string"));
        }
        let truncate = extension(fields, ["auto_truncate", "autoTruncate"])?;
        if truncate.is_some_and(|it| it.as_bool().is_none()) {
            return Err(invalid("auto_truncate", "true or false"));
        }
        let dimensions = fields.integer("dimensions", 1..=u64::from(u16::MAX))?;
        Ok(Self {
            task: task.transpose()?,
            title,
            dimensions: dimensions.or_else(|| usual_dimensions(request)),
            auto_truncate: truncate,
        })
    }
}

/// Who asks for one of OpenAI's smaller models has room for its vectors; Gemini's are twice as long. Vertex AI's older
/// models have none so long.
fn usual_dimensions(request: &Request<'_>) -> Option<u64> {
    let asked = request.asked.rsplit('/').next().unwrap_or_default();
    let is_small = ["text-embedding-3-small", "text-embedding-ada-002"]
        .iter()
        .any(|known| asked.starts_with(known));
    (is_small && request.model.contains("gemini")).then_some(1536)
}
