//! One priority: which of those that can serve the call comes first.

use std::cmp::Ordering;

use super::dice::Dice;
use super::{Circumstances, Member, affinity, weighted};
use crate::pool::{Rules, Strategy};

/// Of so many calls one finds out whether a slow target has become quick.
const EXPLORES: u64 = 50;

/// `leads`: the first of these is the first of all.
pub fn arrange(
    group: &mut [Member<'_>],
    rules: &Rules,
    given: &Circumstances,
    dice: &mut Dice,
    leads: bool,
) {
    match rules.strategy {
        Strategy::Failover => mix(group, rules, dice),
        Strategy::Weighted if weighted::weights(group) > 0 => {
            weighted::sort(group, |_| dice.fraction());
        }
        Strategy::RoundRobin | Strategy::Weighted => take_turns(group, rules, dice, leads),
        Strategy::LeastLoaded => {
            mix(group, rules, dice);
            sort_by_load(group);
        }
        Strategy::Fastest => put_quick_first(group, dice),
        Strategy::Affinity => affinity::sort(group, given.conversation, dice),
    }
}

fn mix(group: &mut [Member<'_>], rules: &Rules, dice: &mut Dice) {
    if rules.mixes_ties {
        dice.shuffle(group);
    }
}

/// The one whose turn it is, and those behind it as they are written down. The turn is over when it is given, not when
/// the call is: calls that come at once go to several. It is a place in the pool, so that one that is left out leaves
/// its turn to the next, and nobody else's number changes. Only who comes first of all takes a turn; whom the others
/// fall back to is chance, since that place never moves.
fn take_turns(group: &mut [Member<'_>], rules: &Rules, dice: &mut Dice, leads: bool) {
    if !leads {
        group.rotate_left(dice.below(group.len()));
        return;
    }
    let turn = rules.turn.get();
    let found = group.iter().position(|member| member.at >= turn);
    group.rotate_left(found.unwrap_or(0));
    if let Some(first) = group.first() {
        rules.turn.set(first.at + 1);
    }
}

/// By the part of their tokens a minute that is in use; where one of them has no such number by the tokens alone, since
/// a part and a number cannot be compared. Of equals the one with fewer calls under way, then as they stand.
fn sort_by_load(group: &mut [Member<'_>]) {
    let are_parts = group.iter().all(|member| member.candidate.tpm.is_some());
    group.sort_by(|one, other| {
        let parts = if are_parts {
            compare_parts(one, other)
        } else {
            Ordering::Equal
        };
        let rest = |member: &Member<'_>| {
            let candidate = member.candidate;
            (candidate.used_tokens(), candidate.snapshot.in_flight)
        };
        parts.then_with(|| rest(one).cmp(&rest(other)))
    });
}

/// `a / b < c / d` is `a * d < c * b`.
fn compare_parts(one: &Member<'_>, other: &Member<'_>) -> Ordering {
    let used = |member: &Member<'_>| u128::from(member.candidate.used_tokens());
    let most = |member: &Member<'_>| u128::from(member.candidate.tpm.unwrap_or(0).max(1));
    let (left, right) = (used(one) * most(other), used(other) * most(one));
    left.cmp(&right)
}

/// The quicker of two taken by chance: of many calls at once not all go to the quickest. One that nobody knows comes
/// before, and is known after one call; while that is under way it comes last.
fn put_quick_first(group: &mut [Member<'_>], dice: &mut Dice) {
    dice.shuffle(group);
    group.sort_by_key(|member| {
        member
            .candidate
            .snapshot
            .first_byte_millis
            .unwrap_or(u64::MAX)
    });
    let is_new = |member: &Member<'_>| {
        let snapshot = &member.candidate.snapshot;
        snapshot.first_byte_millis.is_none() && snapshot.in_flight == 0
    };
    let first = match group.iter().position(is_new) {
        Some(new) => new,
        None if dice.next().is_multiple_of(EXPLORES) => dice.below(group.len()),
        None => dice.lower_of_two(group.len()),
    };
    if let Some(before) = group.get_mut(..=first) {
        before.rotate_right(1);
    }
}
