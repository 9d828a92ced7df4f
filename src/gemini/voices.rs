//! OpenAI's voices as Gemini's.

/// Every model that speaks has them: <https://ai.google.dev/gemini-api/docs/speech-generation#voices>
const OURS: [&str; 30] = [
    "Zephyr",
    "Puck",
    "Charon",
    "Kore",
    "Fenrir",
    "Leda",
    "Orus",
    "Aoede",
    "Callirrhoe",
    "Autonoe",
    "Enceladus",
    "Iapetus",
    "Umbriel",
    "Algieba",
    "Despina",
    "Erinome",
    "Algenib",
    "Rasalgethi",
    "Laomedeia",
    "Achernar",
    "Alnilam",
    "Schedar",
    "Gacrux",
    "Pulcherrima",
    "Achird",
    "Zubenelgenubi",
    "Vindemiatrix",
    "Sadachbia",
    "Sadaltager",
    "Sulafat",
];

/// By likeness.
const THEIRS: [(&str, &str); 13] = [
    ("alloy", "Kore"),
    ("ash", "Charon"),
    ("ballad", "Orus"),
    ("coral", "Aoede"),
    ("echo", "Puck"),
    ("fable", "Fenrir"),
    ("nova", "Leda"),
    ("onyx", "Algenib"),
    ("sage", "Despina"),
    ("shimmer", "Zephyr"),
    ("verse", "Iapetus"),
    ("marin", "Sulafat"),
    ("cedar", "Gacrux"),
];

const ANY: &str = "Kore";

/// Gemini's voice for a name of OpenAI's or of its own, in any case.
pub fn voice(name: &str) -> &'static str {
    let own = OURS.iter().find(|own| own.eq_ignore_ascii_case(name));
    let like = || {
        let mut theirs = THEIRS.iter();
        let found = theirs.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, own)| own)
    };
    own.or_else(like).copied().unwrap_or(ANY)
}

#[cfg(test)]
mod tests {
    use super::{OURS, THEIRS, voice};

    #[test]
    fn each_name_has_a_voice() {
        for (name, expected) in [
            ("alloy", "Kore"),
            ("Cedar", "Gacrux"),
            ("zephyr", "Zephyr"),
            ("SULAFAT", "Sulafat"),
            ("voice_1234", "Kore"),
            ("", "Kore"),
        ] {
            assert_eq!(voice(name), expected, "{name}");
        }
        assert!(THEIRS.iter().all(|(_, own)| OURS.contains(own)));
    }
}
