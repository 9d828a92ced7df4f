//! Chance in proportion to weights.

use super::Member;

/// Draws one after the other without putting them back, each in proportion to its weight among those that are left: the
/// same as to sort by `-ln(u) / weight` for an even `u` each (Efraimidis and Spirakis). Who has no weight comes last, as
/// written; if nobody has, all have the same. Is `u` a digest instead of chance, this is weighted rendezvous hashing.
pub fn sort<'a>(group: &mut [Member<'a>], mut fraction: impl FnMut(&Member<'a>) -> f64) {
    let is_even = weights(group) == 0;
    group.sort_by_cached_key(|member| {
        let weight = if is_even {
            1.0
        } else {
            f64::from(member.candidate.weight)
        };
        // Positive numbers, infinity too, stand in the order of their bits.
        (-fraction(member).ln() / weight).to_bits()
    });
}

pub fn weights(group: &[Member<'_>]) -> u64 {
    group.iter().map(|it| u64::from(it.candidate.weight)).sum()
}
