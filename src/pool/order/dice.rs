//! As much chance as one call needs, from one number: `SplitMix64`.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    pub fn fraction(&mut self) -> f64 {
        fraction(self.next())
    }

    /// Less than that; 0 of none.
    pub fn below(&mut self, count: usize) -> usize {
        // The high half of the product: uneven by 2^-64 times the count.
        let count = u128::try_from(count).unwrap_or(0);
        let product = (u128::from(self.next()) * count) >> 64;
        usize::try_from(product).unwrap_or(0)
    }

    /// Of two different numbers below that the lower.
    pub fn lower_of_two(&mut self, count: usize) -> usize {
        let one = self.below(count);
        let other = self.below(count.saturating_sub(1));
        // All but the first number, moved on by one.
        one.min(if other >= one { other + 1 } else { other })
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Every bit of the result depends on every bit of the number.
pub fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Between 0 and 1, neither of them.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what there is")]
pub fn fraction(number: u64) -> f64 {
    ((number >> 12) as f64 + 0.5) / (1u64 << 52) as f64
}
