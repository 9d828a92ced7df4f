//! Model families: what a deployment's model takes and refuses, as data.

/// A family of models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Nothing is known: nothing is changed.
    #[default]
    Unknown,
}

impl Family {
    /// The family of a model by its name, or by a hint of the owner's.
    pub fn of(_name: &str) -> Self {
        Self::Unknown
    }
}
