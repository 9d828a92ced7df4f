//! What refusals taught about a deployment.

/// A set of lessons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lessons(u32);

impl Lessons {
    /// As it is remembered: a number.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    /// What a refusal teaches beside what was known; None if it is not exactly known, or nothing new.
    pub fn learn(self, _status: u16, _body: &[u8]) -> Option<Self> {
        None
    }
}
