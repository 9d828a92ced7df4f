//! What a shared object knows of the isolates that ask it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::Amount;
use super::ledger::{Charge, Report};
use super::tally::Tally;

/// More isolates than use one thing at a time. Those for whom there is no place are served call by call.
const MOST: usize = 1024;
const LONGEST_NAME: usize = 64;

/// Isolates nobody has heard of for so long are forgotten: no message is under way for so long.
const REMEMBERED_MILLIS: u64 = 120_000;

/// Of each isolate so many reservations are remembered by their numbers, for who does not know whether they were heard.
const MOST_RESERVED: usize = 64;

/// By their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders(BTreeMap<String, Holder>);

/// One isolate.
#[derive(Clone, Debug, Default)]
pub(super) struct Holder {
    pub counted: Counted,
    /// What it may have used since then, and may still use; counted as used as long as it is.
    pub open: Amount,
    pub until_millis: u64,
    /// What was taken as used when a lease ended without a report.
    assumed: Option<Charge>,
    reserved: VecDeque<Reserved>,
    seen_millis: u64,
}

/// The last report of an isolate that was counted, and when it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    pub number: u64,
    pub at_millis: u64,
}

#[derive(Clone, Copy, Debug)]
struct Reserved {
    number: u64,
    charge: Charge,
}

/// What a report means beside what it says.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What was promised, and is not any more.
    pub covered: Amount,
    pub assumed: Option<Charge>,
    /// What was charged and not used.
    pub back: Vec<Charge>,
}

impl Holders {
    /// One that was heard of now; none where there are too many.
    pub fn meet(&mut self, name: &str, now_millis: u64) -> Option<&mut Holder> {
        let is_full = self.0.len() >= MOST || name.len() > LONGEST_NAME || name.is_empty();
        if is_full && !self.0.contains_key(name) {
            return None;
        }
        let holder = self.0.entry(name.to_owned()).or_default();
        holder.seen_millis = now_millis;
        Some(holder)
    }

    pub fn known(&mut self, name: &str) -> Option<&mut Holder> {
        self.0.get_mut(name)
    }

    /// Those an object had heard of before it was restored.
    pub fn that_reported(reports: BTreeMap<String, Counted>, now_millis: u64) -> Self {
        let mut holders = Self::default();
        for (name, counted) in reports {
            if let Some(holder) = holders.meet(&name, now_millis) {
                holder.counted = counted;
            }
        }
        holders
    }

    /// What of each was counted.
    pub fn reports(&self) -> BTreeMap<String, Counted> {
        let holders = self.0.iter().filter(|(_, it)| it.counted.number > 0);
        let reports = holders.map(|(name, holder)| (name.clone(), holder.counted));
        reports.collect()
    }

    /// What somebody was promised before this object was restored, and may still use.
    pub fn promise(&mut self, open: Amount, until_millis: u64) {
        let somebody = self.0.entry(String::new()).or_default();
        somebody.open = open;
        somebody.until_millis = until_millis;
    }

    /// All that is promised.
    pub fn open(&self) -> Amount {
        let amounts = self.0.values().map(|holder| holder.open);
        amounts.fold(Amount::NONE, Amount::plus)
    }

    /// When the last of it ends.
    pub fn until_millis(&self) -> u64 {
        let open = self.0.values().filter(|holder| holder.is_open());
        open.map(|holder| holder.until_millis).max().unwrap_or(0)
    }

    /// A lease whose time is over without a report is taken as used: its isolate may have used it up before it died. One
    /// that reports all the same has the rest given back.
    pub fn end_leases(&mut self, now_millis: u64, tally: &mut Tally) {
        let holders = self.0.values_mut();
        let mut ended: Vec<&mut Holder> = holders
            .filter(|holder| holder.is_open() && holder.until_millis <= now_millis)
            .collect();
        ended.sort_unstable_by_key(|holder| holder.until_millis);
        for holder in ended {
            let at_millis = tally.charge(holder.open, holder.until_millis);
            let assumed = holder.assumed.get_or_insert(Charge {
                at_millis,
                amount: Amount::NONE,
            });
            assumed.amount = assumed.amount.plus(std::mem::take(&mut holder.open));
        }
        self.0.retain(|_, holder| {
            holder.is_open() || now_millis.saturating_sub(holder.seen_millis) < REMEMBERED_MILLIS
        });
    }

    /// What a tally will be if everything promised is used.
    pub fn ended(&self, tally: &Tally) -> Tally {
        let holders = self.0.values();
        let mut open: Vec<&Holder> = holders.filter(|holder| holder.is_open()).collect();
        open.sort_unstable_by_key(|holder| holder.until_millis);
        let mut tally = tally.clone();
        for holder in open {
            tally.charge(holder.open, holder.until_millis);
        }
        tally
    }
}

impl Holder {
    pub fn is_open(&self) -> bool {
        self.open != Amount::NONE
    }

    /// Takes in a report that was not counted yet.
    pub fn hear(&mut self, report: &Report) -> Heard {
        self.counted.number = report.number;
        let kept = report.kept.least(self.open);
        let covered = self.open.minus(kept);
        self.open = kept;
        let assumed = self.end_assumption(report.kept.minus(kept));
        let lost = report.lost.iter().filter_map(|it| self.take_back(*it));
        Heard {
            covered,
            assumed,
            back: lost.chain(report.returned.iter().copied()).collect(),
        }
    }

    /// What was taken as used is known now, but for what was kept when the report was made: that report was late, its
    /// lease was over when it came, and something of it may have been used since.
    fn end_assumption(&mut self, kept: Amount) -> Option<Charge> {
        let assumed = self.assumed.take()?;
        let kept = assumed.amount.least(kept);
        if kept != Amount::NONE {
            self.assumed = Some(Charge {
                amount: kept,
                ..assumed
            });
        }
        Some(Charge {
            amount: assumed.amount.minus(kept),
            ..assumed
        })
    }

    /// When a call was charged, if it was.
    pub fn charged_millis(&self, number: u64) -> Option<u64> {
        let mut reserved = self.reserved.iter();
        let found = reserved.find(|reserved| reserved.number == number)?;
        Some(found.charge.at_millis)
    }

    pub fn remember(&mut self, number: u64, charge: Charge) {
        if self.reserved.len() >= MOST_RESERVED {
            self.reserved.pop_front();
        }
        self.reserved.push_back(Reserved { number, charge });
    }

    fn take_back(&mut self, number: u64) -> Option<Charge> {
        let mut reserved = self.reserved.iter();
        let at = reserved.position(|reserved| reserved.number == number)?;
        Some(self.reserved.remove(at)?.charge)
    }
}
