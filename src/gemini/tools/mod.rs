//! Tools and the choice among them.

mod names;

pub use names::Names;
