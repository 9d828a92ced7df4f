//! The same target for the same conversation, so that its prompt cache stays warm, unless it has too much to do.

use super::dice::{Dice, fraction, mixed};
use super::{Member, weighted};

/// A target may have so much more than its share of the calls under way, and always two: what one isolate has under
/// way is little, and not worth a cold cache.
const MOST_PERCENT: u64 = 125;
const ALWAYS: u64 = 2;

/// By weighted rendezvous hashing: is a target lost, only its conversations move. Who has its share of the calls under
/// way already comes behind the others, in the same order. What tells no conversation goes where least is under way,
/// of equals by chance.
pub fn sort(group: &mut [Member<'_>], conversation: Option<u64>, dice: &mut Dice) {
    let Some(conversation) = conversation else {
        dice.shuffle(group);
        group.sort_by_key(|member| member.candidate.snapshot.in_flight);
        return;
    };
    weighted::sort(group, |member| {
        fraction(mixed(conversation ^ digest(member.candidate.key)))
    });
    let bound = Bound::of(group);
    group.sort_by_key(|member| bound.is_reached_by(member));
}

/// FNV-1a, mixed: the keys of targets often differ in their last letter alone.
fn digest(key: &str) -> u64 {
    let step = |digest: u64, byte: u8| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mixed(key.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// How much may be under way, with this call.
struct Bound {
    calls: u64,
    weights: u64,
    /// Nobody has a weight: all have the same.
    is_even: bool,
}

impl Bound {
    fn of(group: &[Member<'_>]) -> Self {
        let calls = group
            .iter()
            .map(|it| u64::from(it.candidate.snapshot.in_flight));
        let (weights, members) = (weighted::weights(group), group.len() as u64);
        Self {
            calls: calls.sum::<u64>() + 1,
            weights: if weights == 0 { members } else { weights },
            is_even: weights == 0,
        }
    }

    fn is_reached_by(&self, member: &Member<'_>) -> bool {
        let calls = u128::from(self.calls) * u128::from(MOST_PERCENT);
        let weight = if self.is_even {
            1
        } else {
            u128::from(member.candidate.weight)
        };
        let share = (calls * weight).div_ceil(u128::from(self.weights.max(1)) * 100);
        u128::from(member.candidate.snapshot.in_flight) >= share.max(u128::from(ALWAYS))
    }
}
