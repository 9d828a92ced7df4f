//! What one object holds for all isolates together: it is asked in JSON, and answers in JSON.

use serde::{Deserialize, Serialize};

use crate::condition::board::{Board, Report};
use crate::limits::ledger::{self, Command, Ledger};

/// What is asked of an object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    Ledger(Command),
    Board(Report),
}

/// One object. Each of them could hold everything; its name says what it is asked for.
#[derive(Default)]
pub struct Object {
    ledger: Ledger,
    /// Told anew after an eviction.
    board: Board,
}

/// What of it must not be forgotten.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    ledger: ledger::Saved,
}

impl Object {
    /// What it was when it was saved last; anew, if that cannot be read.
    pub fn restored(saved: Option<&str>, now_millis: u64) -> Self {
        let saved = saved.and_then(|text| serde_json::from_str::<Saved>(text).ok());
        let Saved { ledger } = saved.unwrap_or_default();
        Self {
            ledger: Ledger::restored(ledger, now_millis),
            board: Board::default(),
        }
    }

    /// None where the question means nothing.
    pub fn ask(&mut self, message: &str, now_millis: u64) -> Option<String> {
        match serde_json::from_str(message).ok()? {
            Message::Ledger(command) => {
                let reply = self.ledger.handle(&command, now_millis);
                serde_json::to_string(&reply).ok()
            }
            Message::Board(report) => {
                serde_json::to_string(&self.board.hear(&report, now_millis)).ok()
            }
        }
    }

    /// What has to be on disk before the last answer may go out; None: what is there will do.
    pub fn due(&mut self) -> Option<String> {
        self.ledger.due().and_then(text_of)
    }

    /// What is to be on disk when nothing has been asked for a while; None: it is there.
    pub fn rest(&mut self) -> Option<String> {
        self.ledger.rest().and_then(text_of)
    }
}

fn text_of(ledger: ledger::Saved) -> Option<String> {
    serde_json::to_string(&Saved { ledger }).ok()
}
