//! JSON looked at and changed in place, or written anew from pieces of it: nothing is parsed into a tree, and what
//! nobody changes keeps every byte.
//!
//! For text that is whole. It is not validated here: of text that is not JSON less is found, and nothing breaks.

mod backwards;
mod compact;
mod fields;
mod patch;
mod view;
mod write;

pub use backwards::Backwards;
pub use compact::compact;
pub use fields::Fields;
pub use patch::{Patch, apply, quoted, replace, sort, wrap};
pub use view::{Value, without_mark};
pub use write::{Writer, inside, is_deeper, is_json, member};
