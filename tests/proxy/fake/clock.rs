//! A clock that moves when it is told to. Several fakes may have it together.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};

#[derive(Default)]
pub struct Clock {
    now: Cell<u64>,
    /// Who is to be woken, by when and in which order they came.
    alarms: RefCell<BTreeMap<(u64, u64), Waker>>,
    count: Cell<u64>,
}

impl Clock {
    pub fn at(millis: u64) -> Self {
        let clock = Self::default();
        clock.now.set(millis);
        clock
    }

    pub fn now(&self) -> u64 {
        self.now.get()
    }

    /// Time passes, and nobody is woken: for who asks everybody anyway.
    pub fn wait(&self, millis: u64) {
        self.now.set(self.now.get() + millis);
    }

    pub async fn pass(&self, millis: u64) {
        let due = self.now.get() + millis;
        let mut is_set = false;
        poll_fn(|context| {
            if self.now.get() >= due {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut is_set, true) {
                self.count.set(self.count.get() + 1);
                let mut alarms = self.alarms.borrow_mut();
                alarms.insert((due, self.count.get()), context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// When the next of those who wait is to be woken.
    pub fn next_alarm(&self) -> Option<u64> {
        let alarms = self.alarms.borrow();
        alarms.keys().next().map(|(due, _)| *due)
    }

    /// Moves on, and wakes who waited for it.
    pub fn move_to(&self, millis: u64) {
        self.now.set(millis);
        let mut alarms = self.alarms.borrow_mut();
        let later = alarms.split_off(&(millis + 1, 0));
        let due = std::mem::replace(&mut *alarms, later);
        drop(alarms);
        due.into_values().for_each(Waker::wake);
    }
}
