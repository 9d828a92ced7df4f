//! JSON looked at and changed in place: nothing is parsed into a tree, and what nobody changes keeps every byte.
//!
//! For text that is whole. It is not validated here: of text that is not JSON less is found, and nothing breaks.

mod compact;
mod patch;
mod view;

pub use compact::compact;
pub use patch::{Patch, apply, quoted, replace, sort, wrap};
pub use view::Value;
