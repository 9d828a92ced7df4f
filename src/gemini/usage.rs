//! What an answer cost, as OpenAI counts it.
