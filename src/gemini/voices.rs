//! The voices of Gemini's speaking models.

/// Gemini's voice for a name of OpenAI's or its own.
pub fn voice(name: &str) -> &str {
    match name {
        "Puck" | "puck" | "echo" => "Puck",
        "coral" => "Aoede",
        _ => "Kore",
    }
}
