//! What is to be done in the background, from when it was left until the runtime begins with it.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::later::Job;

thread_local! {
    static JOBS: RefCell<(u32, HashMap<u32, Job>)> = RefCell::default();
}

/// Gives the number it is taken by.
pub(super) fn put(job: Job) -> u32 {
    JOBS.with_borrow_mut(|(last, jobs)| {
        *last = last.wrapping_add(1);
        jobs.insert(*last, job);
        *last
    })
}

pub(super) fn take(number: u32) -> Option<Job> {
    JOBS.with_borrow_mut(|(_, jobs)| jobs.remove(&number))
}
