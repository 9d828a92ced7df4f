//! The request's fields, read one at a time so that an error can name the one at fault.
//!
//! `null` means absent everywhere, as OpenAI's SDKs send it for an option left alone.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::error::{Error, Result, invalid};

/// Models are echoed in every event of a stream; this keeps a hostile name from filling the memory.
const MAX_NAME: usize = 256;

pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Result<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(Error::bad_request(
                "invalid_json",
                "The request's body is not a JSON object.",
            )),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn model(&self) -> Result<Option<&str>> {
        match self.string("model")? {
            Some("") => Err(invalid("model", "a model's name")),
            Some(model) if model.len() > MAX_NAME => Err(invalid("model", "a shorter name")),
            model => Ok(model),
        }
    }

    pub(super) fn string(&self, name: &'static str) -> Result<Option<&str>> {
        self.read(name, "a string", Value::as_str)
    }

    pub(super) fn array(&self, name: &'static str) -> Result<Option<&[Value]>> {
        self.read(name, "an array", |value| {
            value.as_array().map(Vec::as_slice)
        })
    }

    pub(super) fn object(&self, name: &'static str) -> Result<Option<&Map<String, Value>>> {
        self.read(name, "an object", Value::as_object)
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>> {
        self.read(name, "a boolean", Value::as_bool)
    }

    pub(super) fn integer(
        &self,
        name: &'static str,
        range: &RangeInclusive<u64>,
    ) -> Result<Option<u64>> {
        let integer = self.read(name, "an integer of zero or more", Value::as_u64)?;
        if integer.is_some_and(|integer| !range.contains(&integer)) {
            let (least, most) = (range.start(), range.end());
            return Err(invalid(name, &format!("from {least} to {most}")));
        }
        Ok(integer)
    }

    pub(super) fn number(&self, name: &'static str, range: &RangeInclusive<f64>) -> Result<()> {
        let number = self.read(name, "a number", Value::as_f64)?;
        if number.is_some_and(|number| !range.contains(&number)) {
            let (least, most) = (range.start(), range.end());
            return Err(invalid(name, &format!("from {least} to {most}")));
        }
        Ok(())
    }

    /// What only a model would heed must still be what OpenAI takes.
    pub(super) fn check_sampling(&self) -> Result<()> {
        self.number("temperature", &(0.0..=2.0))?;
        self.number("top_p", &(0.0..=1.0))?;
        self.number("frequency_penalty", &(-2.0..=2.0))?;
        self.number("presence_penalty", &(-2.0..=2.0))?;
        self.number("seed", &(f64::MIN..=f64::MAX))?;
        self.object("logit_bias")?;
        self.string("user")?;
        Ok(())
    }

    /// `stream_options.include_usage`: whether the stream is to end with the usage.
    pub(super) fn include_usage(&self) -> Result<bool> {
        let options = self.object("stream_options")?;
        match options.and_then(|options| options.get("include_usage")) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(include)) => Ok(*include),
            Some(_) => Err(invalid("stream_options", "with a boolean include_usage")),
        }
    }

    fn read<'a, T>(
        &'a self,
        name: &'static str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        self.get(name)
            .map(|value| read(value).ok_or_else(|| invalid(name, expected)))
            .transpose()
    }
}

pub(super) fn missing(name: &'static str) -> Error {
    Error::bad_request(
        "missing_required_parameter",
        format!("Missing required parameter: '{name}'."),
    )
    .param(name)
}
