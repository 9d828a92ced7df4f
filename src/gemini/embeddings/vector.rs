//! One vector: copied, or counted with.

use super::Expects;
use crate::json::{Value, Writer};

/// None if it is no vector.
pub(super) fn write_vector(out: &mut Writer, values: Value<'_>, expects: &Expects) -> Option<()> {
    if !values.is_array() || values.is_empty() {
        return None;
    }
    if !expects.base64 && !expects.normalise {
        return copy(out, values);
    }
    let mut floats = read(values)?;
    if expects.normalise {
        normalise(&mut floats);
    }
    if expects.base64 {
        let bytes: Vec<u8> = floats.iter().flat_map(|it| it.to_le_bytes()).collect();
        out.base64("embedding", &bytes);
        return Some(());
    }
    out.open_list("embedding");
    for float in floats {
        out.item(float.to_string().as_bytes());
    }
    out.close_list();
    Some(())
}

/// Digit by digit, without the blanks and line breaks Google writes between them.
fn copy(out: &mut Writer, values: Value<'_>) -> Option<()> {
    out.open_list("embedding");
    for value in values.elements() {
        out.item(number(value)?.raw());
    }
    out.close_list();
    Some(())
}

fn read(values: Value<'_>) -> Option<Vec<f32>> {
    let floats = values.elements().map(|value| {
        let digits = std::str::from_utf8(number(value)?.raw()).ok()?;
        let float: f32 = digits.parse().ok()?;
        float.is_finite().then_some(float)
    });
    floats.collect()
}

/// Within JSON what begins like a number is one.
fn number(value: Value<'_>) -> Option<Value<'_>> {
    let begins = matches!(value.raw().first(), Some(b'0'..=b'9' | b'-'));
    begins.then_some(value)
}

/// To length one, as OpenAI's vectors are: clients compare them by their product alone.
fn normalise(floats: &mut [f32]) {
    let square = |float: &f32| f64::from(*float) * f64::from(*float);
    let length = floats.iter().map(square).sum::<f64>().sqrt();
    if length > 0.0 {
        for float in floats {
            *float = narrow(f64::from(*float) / length);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "to the precision the vector came in"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}
