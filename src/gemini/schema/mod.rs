//! JSON Schema as Google takes it: nearly as it is where the model knows JSON Schema ([`json`]), else compiled to the
//! subset of `OpenAPI` that every model knows ([`restricted`]).

mod bounds;
mod compile;
mod hoisted;
mod light;
mod node;
mod object;
mod openapi;
mod pointers;
mod values;

use std::borrow::Cow;

use crate::gemini::Host;
use crate::json::{Value, Writer};

/// No schema in use is deeper, and Google refuses deep ones ("exceeds maximum allowed nesting depth").
const DEEPEST: usize = 32;

/// For `parametersJsonSchema` and `responseJsonSchema`. None: nothing is asked of the value (an object without
/// properties), and the field is left out.
pub fn json(schema: Value<'_>) -> Option<Cow<'_, [u8]>> {
    light::clean(schema)
}

/// For `parameters` and `responseSchema`. None as above. `number_enums`: enums of numbers may stay enums.
pub fn restricted(schema: Value<'_>, host: Host, number_enums: bool) -> Option<Vec<u8>> {
    let compiled = compile::root(schema, host, number_enums)?;
    let mut out = Writer::default();
    out.open();
    compiled.write(&mut out);
    out.close();
    Some(out.into_bytes())
}
