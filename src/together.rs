//! Several futures of one call at once, and one for so long.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_util::future::{Either, select};

use crate::platform::Platform;

/// A Worker waits for the headers of six requests at once, and holds the others back itself.
pub const AT_ONCE: usize = 6;

/// Runs futures, so many at a time; gives what they come to, in their order, or the first failure: the others are dropped
/// then. Whenever anything has come for the call all that run are asked again, so that no waker has to know which.
pub async fn together<F, T, E>(
    at_once: usize,
    futures: impl IntoIterator<Item = F>,
) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting: VecDeque<F> = futures.into_iter().collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < at_once
                && let Some(future) = waiting.pop_front()
            {
                running.push((done.len() - waiting.len() - 1, Box::pin(future)));
            }
            let mut still = Vec::new();
            let before = running.len();
            for (at, mut future) in running.drain(..) {
                match (future.as_mut().poll(context), done.get_mut(at)) {
                    (Poll::Ready(Err(error)), _) => return Poll::Ready(Err(error)),
                    (Poll::Ready(Ok(value)), Some(place)) => *place = Some(value),
                    (Poll::Ready(Ok(_)), None) => {}
                    (Poll::Pending, _) => still.push((at, future)),
                }
            }
            running = still;
            if waiting.is_empty() && running.is_empty() {
                return Poll::Ready(Ok(()));
            }
            // Where there is room and somebody waits, it goes on.
            if waiting.is_empty() || running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await?;
    Ok(done.into_iter().flatten().collect())
}

/// What a future comes to in time; None if it is late, and dropped.
pub async fn within<P: Platform, T>(
    platform: &P,
    millis: u32,
    future: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(future), pin!(platform.sleep(millis))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::together;

    /// Runs until it has come to something; gives how often it was asked.
    fn run<T>(future: impl Future<Output = T>) -> (T, u32) {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        let mut asked = 0;
        loop {
            asked += 1;
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return (value, asked);
            }
        }
    }

    /// Comes to its value when it was asked so many times.
    async fn after(
        times: u32,
        value: Result<u32, u32>,
        running: &Cell<u32>,
        most: &Cell<u32>,
    ) -> Result<u32, u32> {
        running.set(running.get() + 1);
        most.set(most.get().max(running.get()));
        let mut left = times;
        poll_fn(|_| {
            left = left.saturating_sub(1);
            if left == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        running.set(running.get() - 1);
        value
    }

    #[test]
    fn so_many_at_a_time_and_in_order() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let times = [5, 1, 3, 1, 1, 2];
        let futures = times
            .iter()
            .zip(0..)
            .map(|(times, at)| after(*times, Ok(at), &running, &most));
        let (done, _) = run(together(2, futures));
        assert_eq!(done, Ok(vec![0, 1, 2, 3, 4, 5]));
        assert_eq!(most.get(), 2);
    }

    #[test]
    fn the_first_failure_is_what_it_comes_to() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let futures = [(9, Ok(0)), (3, Err(7)), (2, Ok(1))];
        let futures = futures.map(|(times, value)| after(times, value, &running, &most));
        let (done, asked) = run(together(3, futures));
        assert_eq!((done, asked), (Err(7), 3));
    }

    #[test]
    fn of_nothing_comes_nothing() {
        let none: [std::future::Ready<Result<(), ()>>; 0] = [];
        assert_eq!(run(together(3, none)).0, Ok(Vec::new()));
    }
}
