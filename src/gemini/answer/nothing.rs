//! What answers come to that hold nothing of what was asked for.

use crate::error::{Error, Kind};
use crate::gemini::finish::Finish;

use super::read::Answer;

/// `filtered` is the code OpenAI has for what its filter holds back, `empty` that for what should not be.
pub fn nothing(answers: &[Answer<'_>], filtered: &'static str, empty: &'static str) -> Error {
    match answers.iter().find_map(problem) {
        Some(Finish::Filter) => withheld(filtered),
        Some(Finish::Malformed(code)) => malformed(code),
        _ => {
            let problem = "Google's answer holds nothing of what was asked for.";
            Error::new(Kind::BadGateway, empty, problem)
        }
    }
}

pub fn withheld(code: &'static str) -> Error {
    let problem = "Google's content filter holds the answer back.";
    Error::bad_request(code, problem)
}

pub fn malformed(code: &'static str) -> Error {
    let problem = format!(
        "The model's answer was not usable: {}.",
        code.replace('_', " ")
    );
    Error::new(Kind::BadGateway, code, problem)
}

/// What went wrong first, if anything did.
pub fn problem(answer: &Answer<'_>) -> Option<Finish> {
    if answer.is_blocked() {
        return Some(Finish::Filter);
    }
    let mut finishes = answer.candidates().map(|it| Finish::of(it.finish_reason));
    let is_wrong = |it: &Finish| matches!(it, Finish::Filter | Finish::Malformed(_));
    finishes.find_map(|finish| finish.filter(is_wrong))
}
