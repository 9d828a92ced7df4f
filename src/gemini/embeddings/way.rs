//! Google's three ways to be asked for embeddings, and how much each takes at a time.

use super::Manners;
use crate::gemini::Host;
use crate::json::{Value, Writer, inside};

/// "at most 100 requests can be in one batch".
const MAX_BATCH: usize = 100;

/// Vertex AI's limits for one `:predict`. Tokens are estimated, rather too many than too few.
const MAX_INSTANCES: usize = 250;
const MAX_TOKENS: usize = 20_000;
const BYTES_PER_TOKEN: usize = 3;

/// How a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// AI Studio: any model, up to a hundred texts.
    Batch,
    /// Vertex AI's older models.
    Predict { most: usize },
    /// Vertex AI's newer models, which refuse `:predict`.
    Single,
}

impl Way {
    pub(super) fn of(host: Host, model: &str) -> Self {
        let is_first = model.contains("gemini-embedding-001");
        match host {
            Host::Studio => Self::Batch,
            // It takes one text at a time, as documented; some report that it takes more.
            Host::Vertex if is_first => Self::Predict { most: 1 },
            Host::Vertex if model.contains("gemini") || model.contains("maas") => Self::Single,
            Host::Vertex => Self::Predict {
                most: MAX_INSTANCES,
            },
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Batch => ":batchEmbedContents",
            Self::Predict { .. } => ":predict",
            Self::Single => ":embedContent",
        }
    }

    /// The texts of each request.
    pub(super) fn shares<'a, 't>(self, texts: &'a [Value<'t>]) -> Vec<&'a [Value<'t>]> {
        match self {
            Self::Batch => texts.chunks(MAX_BATCH).collect(),
            Self::Predict { most } => filled(texts, most),
            Self::Single => texts.chunks(1).collect(),
        }
    }

    pub(super) fn body(self, texts: &[Value<'_>], model: &str, manners: &Manners<'_>) -> Vec<u8> {
        let mut out = Writer::default();
        out.open();
        match self {
            Self::Batch => write_batch(&mut out, texts, model, manners),
            Self::Predict { .. } => write_instances(&mut out, texts, manners),
            Self::Single => write_single(&mut out, texts, manners),
        }
        out.close();
        out.into_bytes()
    }
}

/// As many texts to a request as fit, and at least one.
fn filled<'a, 't>(texts: &'a [Value<'t>], most: usize) -> Vec<&'a [Value<'t>]> {
    let mut shares = Vec::new();
    let mut rest = texts;
    while !rest.is_empty() {
        let mut tokens = 0;
        let fits = |text: &&Value<'_>| {
            tokens += inside(**text).len().div_ceil(BYTES_PER_TOKEN);
            tokens <= MAX_TOKENS
        };
        let count = rest.iter().take(most).take_while(fits).count().max(1);
        let (share, behind) = rest.split_at(count.min(rest.len()));
        shares.push(share);
        rest = behind;
    }
    shares
}

/// One content for each text: several parts of one content would become one vector.
fn write_content(out: &mut Writer, text: Value<'_>) {
    out.open_member("content");
    out.open_list("parts");
    out.open();
    out.raw("text", text.raw());
    out.close();
    out.close_list();
    out.close();
}

fn write_batch(out: &mut Writer, texts: &[Value<'_>], model: &str, manners: &Manners<'_>) {
    let prefix = if model.starts_with("tunedModels/") {
        ""
    } else {
        "models/"
    };
    let model = [prefix, model].concat();
    out.open_list("requests");
    for text in texts {
        out.open();
        out.string("model", &model);
        write_content(out, *text);
        write_manners(out, manners, ["taskType", "title"]);
        if let Some(dimensions) = manners.dimensions {
            out.number("outputDimensionality", dimensions);
        }
        out.close();
    }
    out.close_list();
}

fn write_instances(out: &mut Writer, texts: &[Value<'_>], manners: &Manners<'_>) {
    out.open_list("instances");
    for text in texts {
        out.open();
        out.raw("content", text.raw());
        write_manners(out, manners, ["task_type", "title"]);
        out.close();
    }
    out.close_list();
    if manners.dimensions.is_some() || manners.auto_truncate.is_some() {
        out.open_member("parameters");
        write_lengths(out, manners);
        out.close();
    }
}

fn write_single(out: &mut Writer, texts: &[Value<'_>], manners: &Manners<'_>) {
    for text in texts {
        write_content(out, *text);
    }
    let mut config = Writer::default();
    write_manners(&mut config, manners, ["taskType", "title"]);
    write_lengths(&mut config, manners);
    if !config.is_empty() {
        out.open_member("embedContentConfig");
        out.items(&config);
        out.close();
    }
}

fn write_manners(out: &mut Writer, manners: &Manners<'_>, [task, title]: [&str; 2]) {
    if let Some(said) = &manners.task {
        out.string(task, said);
    }
    out.value(title, manners.title);
}

fn write_lengths(out: &mut Writer, manners: &Manners<'_>) {
    if let Some(dimensions) = manners.dimensions {
        out.number("outputDimensionality", dimensions);
    }
    out.value("autoTruncate", manners.auto_truncate);
}
