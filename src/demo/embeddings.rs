//! Embeddings: directions drawn from a hash of the text. They know equal from different and nothing else.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::base64;
use crate::error::{Error, Result, invalid};

use super::fields::{Fields, missing};
use super::input::{self, Input};
use super::{Payload, Reply, Usage, whole};

/// That of OpenAI's `text-embedding-3-small`, which most stores of vectors are made for; `demo-embedding`
/// itself is small, to be read by people.
const DIMENSIONS: usize = 1536;
const DEMO_DIMENSIONS: usize = 256;
const MAX_DIMENSIONS: u64 = 4096;

/// 2 Mi numbers of some 13 characters are 27 MB of JSON, a good part of a Worker's 128 MB.
const MAX_NUMBERS: usize = 1 << 21;

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Item>,
    model: &'a str,
    usage: Counted,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Vector,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector {
    Floats(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Counted {
    prompt_tokens: u64,
    total_tokens: u64,
}

pub(super) fn answer(fields: &Fields) -> Result<Reply> {
    let model = fields.model()?.ok_or_else(|| missing("model"))?;
    fields.string("user")?;
    let inputs = read_inputs(fields)?;
    let dimensions = read_dimensions(fields, model)?;
    let encode = match fields.string("encoding_format")? {
        None | Some("float") => Vector::Floats,
        Some("base64") => |vector: Vec<f32>| Vector::Base64(base64::encode(&bytes(&vector))),
        Some(_) => return Err(invalid("encoding_format", "'float' or 'base64'")),
    };
    if inputs.len() * dimensions > MAX_NUMBERS {
        return Err(Error::bad_request(
            "input_too_large",
            format!("The demo provider makes up to {MAX_NUMBERS} numbers a request."),
        )
        .param("input"));
    }
    let tokens = inputs.iter().map(|input| input.tokens).sum();
    let data = inputs.iter().enumerate().map(|(index, input)| Item {
        object: "embedding",
        index,
        embedding: encode(direction(&input.text, dimensions)),
    });
    let list = List {
        object: "list",
        data: data.collect(),
        model,
        usage: Counted {
            prompt_tokens: tokens,
            total_tokens: tokens,
        },
    };
    Ok(Reply {
        payload: Payload::Json(serde_json::to_vec(&list).unwrap_or_default()),
        usage: Some(Usage {
            input: tokens,
            output: 0,
        }),
    })
}

fn read_inputs(fields: &Fields) -> Result<Vec<Input>> {
    let inputs = input::read(fields, "input")?;
    if inputs.is_empty() {
        return Err(missing("input"));
    }
    if inputs.iter().any(|input| input.text.is_empty()) {
        return Err(invalid("input", "without empty strings"));
    }
    Ok(inputs)
}

fn read_dimensions(fields: &Fields, model: &str) -> Result<usize> {
    let asked = fields.integer("dimensions", &(1..=MAX_DIMENSIONS))?;
    Ok(match asked.map(usize::try_from) {
        Some(Ok(asked)) => asked,
        _ if model == "demo-embedding" => DEMO_DIMENSIONS,
        _ => DIMENSIONS,
    })
}

/// A unit vector: SHA-256 in counter mode over the text's hash gives 16 numbers a block.
fn direction(text: &str, dimensions: usize) -> Vec<f32> {
    let seed = Sha256::digest(text.as_bytes());
    let numbers: Vec<f64> = (0..dimensions.div_ceil(16))
        .flat_map(|block| {
            let counter = whole(block).to_le_bytes();
            let block = Sha256::new().chain_update(seed).chain_update(counter);
            <[u8; 32]>::from(block.finalize())
        })
        .collect::<Vec<u8>>()
        .as_chunks::<2>()
        .0
        .iter()
        // The half keeps every number from being zero, and so the vector.
        .map(|pair| f64::from(i16::from_le_bytes(*pair)) + 0.5)
        .take(dimensions)
        .collect();
    let length = numbers
        .iter()
        .map(|number| number * number)
        .sum::<f64>()
        .sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "the wire has 32 bits")]
    numbers
        .iter()
        .map(|number| (number / length) as f32)
        .collect()
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}
