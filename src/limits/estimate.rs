//! How many tokens a call may need, before anybody has counted them.

use crate::surface::Operation;

/// What a call may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub input: u64,
    /// At most, as far as the request says.
    pub output: u64,
}

impl Estimate {
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// Of the text of a request's body.
pub fn of_request(operation: Operation, body: &[u8]) -> Estimate {
    let _ = (operation, body);
    Estimate::default()
}
