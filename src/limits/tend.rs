//! What asks the shared objects: for a call that must know, and in the background for all that were.

use std::rc::Rc;

use futures_util::future::join_all;

use crate::platform::Platform;
use crate::shared::Message;

use super::ledger::{Command, Reply};
use super::thing::{Thing, Verdict};
use super::{Amount, Leases};

/// Between two looks at what is due.
const PAUSE_MILLIS: u32 = 250;

/// The runtime lets work go on for half a minute behind an answer; the next call goes on with it.
const SHIFT_MILLIS: u64 = 20_000;

/// So many are asked side by side.
const MOST_AT_ONCE: usize = 6;

/// The runtime lets one request ask a thousand times, all that is done behind it included.
const MOST_QUESTIONS: usize = 500;

/// Renews leases and settles what is to be settled with the shared objects, as long as there is something to do.
pub async fn tend<P: Platform>(platform: &P) {
    let leases = platform.memory().leases().clone();
    let begun = platform.now_millis();
    let shift = leases.begin_shift(begun);
    let mut questions = 0;
    while platform.now_millis().saturating_sub(begun) < SHIFT_MILLIS && questions < MOST_QUESTIONS {
        for things in leases.due(platform.now_millis()).chunks(MOST_AT_ONCE) {
            questions += things.len();
            let telling = things.iter().map(|thing| tell(platform, &leases, thing));
            join_all(telling).await;
            if !leases.extend_shift(shift, platform.now_millis()) {
                return;
            }
        }
        if !leases.have_to_do(platform.now_millis()) {
            break;
        }
        platform.sleep(PAUSE_MILLIS).await;
        if !leases.extend_shift(shift, platform.now_millis()) {
            return;
        }
    }
    leases.end_shift();
}

async fn tell<P: Platform>(platform: &P, leases: &Leases, thing: &Thing) {
    let now = platform.now_millis();
    let (asked, report) = thing.report(leases.holder(), || leases.number(), now);
    let reply = ask(platform, thing, Command::Report(Box::new(report))).await;
    thing.reported(asked, reply, platform.now_millis());
}

/// Has the object say whether a call may go on.
pub(super) async fn ask_for<P: Platform>(
    platform: &P,
    leases: &Leases,
    thing: &Rc<Thing>,
    amount: Amount,
) -> Verdict {
    let number = leases.number();
    let (asked, reserve) = thing.reserve(leases.holder(), number, amount, platform.now_millis());
    let mut question = Question {
        thing,
        number: Some(number),
    };
    let reply = ask(platform, thing, Command::Reserve(reserve)).await;
    question.number = None;
    let now = platform.now_millis();
    match reply {
        Some(reply) => thing.answered(asked, amount, reply, now),
        None => thing.take_unheard(amount, number, now),
    }
}

async fn ask<P: Platform>(platform: &P, thing: &Thing, command: Command) -> Option<Reply> {
    let message = serde_json::to_string(&Message::Ledger(command)).ok()?;
    let answer = platform.ask(&thing.name, &message).await?;
    serde_json::from_str(&answer).ok()
}

/// A call that waits for its answer. If its client leaves, what may be granted is not used.
struct Question<'a> {
    thing: &'a Thing,
    number: Option<u64>,
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.thing.lose(number);
        }
    }
}
