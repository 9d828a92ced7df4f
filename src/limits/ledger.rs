//! What a shared object counts: all that was reserved, leased and used of one thing.

use serde::{Deserialize, Serialize};

use super::{Amount, Denial, Limits, Room};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Command {
    /// Before a call.
    Reserve {
        id: String,
        amount: Amount,
        limits: Limits,
    },
    /// After it, once: further ones of the same id change nothing.
    Settle { id: String, tokens: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Granted { room: Room },
    Denied(Denial),
    Settled,
}

impl Ledger {
    pub fn handle(&mut self, command: &Command, now_millis: u64) -> Reply {
        let _ = now_millis;
        match command {
            Command::Reserve { .. } => Reply::Granted {
                room: Room::default(),
            },
            Command::Settle { .. } => Reply::Settled,
        }
    }
}
