//! The futures of the calls in flight, polled by `shim.js`.
//!
//! JavaScript awaits the runtime's promises itself and hands each outcome in: no closure, no promise and no waker
//! crosses the border. A future is polled when something it asked for has come, and dropped, there and then,
//! when its client has gone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;

/// A value, or what went wrong.
pub type Outcome = Result<JsValue, JsValue>;

struct Task {
    future: Pin<Box<dyn Future<Output = JsValue>>>,
    arrivals: Arrivals,
}

thread_local! {
    static TASKS: RefCell<HashMap<u32, Task>> = RefCell::default();
}

/// What has come for one call, by the ticket it was asked for with.
#[derive(Clone, Default)]
pub struct Arrivals(Rc<RefCell<Vec<(u32, Outcome)>>>);

impl Arrivals {
    /// What that ticket's promise brings.
    pub async fn outcome(&self, ticket: u32) -> Outcome {
        std::future::poll_fn(|_| {
            let mut arrived = self.0.borrow_mut();
            match arrived.iter().position(|(came_for, _)| *came_for == ticket) {
                Some(at) => Poll::Ready(arrived.swap_remove(at).1),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Starts a call's future; gives what it comes to, or undefined while it waits for something.
pub fn start<F>(id: u32, future: impl FnOnce(Arrivals) -> F) -> JsValue
where
    F: Future<Output = JsValue> + 'static,
{
    let arrivals = Arrivals::default();
    let future = Box::pin(future(arrivals.clone()));
    poll(id, Task { future, arrivals })
}

/// Hands an outcome in. Null if the call is over: its client has gone.
pub fn resume(id: u32, ticket: u32, outcome: Outcome) -> JsValue {
    let Some(task) = TASKS.with_borrow_mut(|tasks| tasks.remove(&id)) else {
        return JsValue::NULL;
    };
    task.arrivals.0.borrow_mut().push((ticket, outcome));
    poll(id, task)
}

/// Drops a call's future, with everything it holds.
pub fn hang_up(id: u32) {
    let task = TASKS.with_borrow_mut(|tasks| tasks.remove(&id));
    drop(task);
}

/// While a task runs it is nowhere but here: a panic takes it along.
fn poll(id: u32, mut task: Task) -> JsValue {
    let mut context = Context::from_waker(Waker::noop());
    match task.future.as_mut().poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => {
            TASKS.with_borrow_mut(|tasks| tasks.insert(id, task));
            JsValue::UNDEFINED
        }
    }
}
