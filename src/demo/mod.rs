//! The built-in provider: a small OpenAI server without a model.
