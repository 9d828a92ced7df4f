//! Cutting bytes into windows.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Places to cut, for bytes of any length. Many or few; often the same place, which gives empty windows.
pub(crate) fn cuts() -> impl Strategy<Value = Cuts> {
    prop_oneof![
        8 => vec(any::<Index>(), 0..12).prop_map(Cuts::At),
        1 => (1usize..8).prop_map(Cuts::Every),
    ]
}

#[derive(Clone, Debug)]
pub(crate) enum Cuts {
    At(Vec<Index>),
    Every(usize),
}

impl Cuts {
    pub(crate) fn apply<'a>(&self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        match self {
            Self::Every(size) => bytes.chunks(*size).collect(),
            Self::At(places) => {
                let mut ends: Vec<usize> = places
                    .iter()
                    .map(|place| place.index(bytes.len() + 1))
                    .collect();
                ends.push(bytes.len());
                ends.sort_unstable();
                let mut start = 0;
                ends.into_iter()
                    .map(|end| &bytes[std::mem::replace(&mut start, end)..end])
                    .collect()
            }
        }
    }
}
