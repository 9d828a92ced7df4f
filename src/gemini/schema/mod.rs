//! JSON Schema as Google takes it.
