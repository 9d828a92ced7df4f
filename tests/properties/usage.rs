//! Usage: what answers and streams tell of it, and what is taken where they tell nothing.

mod answers;
mod asking;
mod estimated;
mod streams;

use isthmus::usage::Usage;

const fn usage(input: u64, output: u64, total: u64) -> Usage {
    Usage {
        input,
        output,
        total,
    }
}
