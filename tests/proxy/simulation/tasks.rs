//! Futures side by side in virtual time: who can go on does, and if nobody can time passes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use crate::fake::{Alone, Clock};

#[derive(Default)]
pub struct Tasks<'a> {
    running: Vec<Option<Alone<'a, ()>>>,
    free: Vec<usize>,
    ready: Arc<Ready>,
}

#[derive(Default)]
struct Ready(Mutex<VecDeque<usize>>);

struct Waked {
    task: usize,
    ready: Arc<Ready>,
}

impl Wake for Waked {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

impl Ready {
    fn push(&self, task: usize) {
        self.0.lock().unwrap().push_back(task);
    }

    fn pop(&self) -> Option<usize> {
        self.0.lock().unwrap().pop_front()
    }
}

impl<'a> Tasks<'a> {
    pub fn begin(&mut self, future: Alone<'a, ()>) {
        let task = self.free.pop().unwrap_or_else(|| {
            self.running.push(None);
            self.running.len() - 1
        });
        self.running[task] = Some(future);
        self.ready.push(task);
    }

    /// Until all of them wait; `begun`: what they have begun meanwhile.
    pub fn run(&mut self, begun: impl Fn() -> Vec<Alone<'a, ()>>) {
        while let Some(task) = self.ready.pop() {
            let ready = self.ready.clone();
            let waker = Waker::from(Arc::new(Waked { task, ready }));
            let Some(future) = &mut self.running[task] else {
                continue;
            };
            if future
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
            {
                self.running[task] = None;
                self.free.push(task);
            }
            for future in begun() {
                self.begin(future);
            }
        }
    }

    /// Until nobody waits for anything.
    pub fn run_out(&mut self, clock: &Clock, begun: impl Fn() -> Vec<Alone<'a, ()>>) {
        self.run(&begun);
        while let Some(due) = clock.next_alarm() {
            clock.move_to(due);
            self.run(&begun);
        }
    }

    /// Until a time has come.
    pub fn run_to(&mut self, clock: &Clock, millis: u64, begun: impl Fn() -> Vec<Alone<'a, ()>>) {
        self.run(&begun);
        while let Some(due) = clock.next_alarm().filter(|due| *due < millis) {
            clock.move_to(due);
            self.run(&begun);
        }
        clock.move_to(millis);
    }
}
