//! Whole calls whose tokens are counted: what is asked for, what is told, and that the client sees nothing of it.

mod answers;
mod streams;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use isthmus::answer::Body;
use isthmus::exchange::Exchange;
use isthmus::headers::Headers;
use isthmus::limits::estimate::Estimate;
use isthmus::platform::Lane;
use isthmus::pool::Pool;
use isthmus::report::Report;
use isthmus::surface::{self, Arrival, Call, Route, Unread, Wanted};
use isthmus::tab::Tab;
use isthmus::usage::Usage;
use serde_json::{Value, json};

use crate::fake::{FakeBody, Gateway, Got, Upstream, gateway_of, headers_of};

const fn usage(input: u64, output: u64, total: u64) -> Usage {
    Usage {
        input,
        output,
        total,
    }
}

/// One provider and a client.
fn provider(options: &Value) -> Gateway {
    let document = json!({"providers": {"it": options}});
    let settings = [
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
        ("KEY", "key".to_owned()),
        ("GATEWAY", document.to_string()),
    ];
    gateway_of(settings)
}

/// What became of a call.
struct Outcome {
    got: Got,
    usage: Option<Usage>,
    /// What the upstreams were sent.
    sent: Vec<String>,
}

/// A call, with its tokens counted or not.
fn run(gateway: &Gateway, path_and_query: &str, body: &str, counts_tokens: bool) -> Outcome {
    run_at(gateway, None, path_and_query, body, counts_tokens)
}

/// The same, served by this pool.
fn run_at(
    gateway: &Gateway,
    pool: Option<Pool>,
    path_and_query: &str,
    body: &str,
    counts_tokens: bool,
) -> Outcome {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let headers = headers_of(&[
        ("authorization", "Bearer client-key"),
        ("api-key", "client-key"),
        ("content-type", "application/json"),
    ]);
    let config = &gateway.config;
    let wanted = recognised(path, query, &headers);
    let caller = config.caller(&headers).unwrap();
    let unread = Unread {
        method: "POST".to_owned(),
        query: query.to_owned(),
        headers,
        body: FakeBody::cut(body.as_bytes(), 7),
    };
    let is_inference = wanted.surface == surface::Surface::Inference;
    let mut call = ready(Call::read(wanted, unread, config.body_limits)).unwrap();
    if is_inference {
        call.settle(&config.inference).unwrap();
    }
    let serving = || config.serving(&call.wanted, call.model.as_deref()).unwrap();
    let pool = pool.unwrap_or_else(|| serving().1);
    let mut report = Report {
        request_id: "id-of-the-request".to_owned(),
        ..Report::default()
    };
    let mut tab = Tab::open(Estimate::default());
    tab.counts_tokens = counts_tokens;
    let exchange = Exchange {
        platform: &gateway.platform,
        config,
        caller: &caller,
        call,
        lane: Lane::First,
        gated: false,
        first_output_millis: None,
        report: &mut report,
        tab: &mut tab,
    };
    let got = Got::whole(ready(exchange.run(&pool)).unwrap());
    let streamed = match &got.0.body {
        Body::Changed(changed) => changed.rewrite.usage(),
        _ => None,
    };
    let sent = gateway.platform.sent.take();
    Outcome {
        got,
        usage: streamed.or(tab.usage()),
        sent: sent.into_iter().map(|it| it.body).collect(),
    }
}

fn recognised(path: &str, query: &str, headers: &Headers) -> Wanted {
    let arrival = Arrival {
        method: "POST",
        path,
        query,
        headers,
    };
    match surface::recognise(&arrival) {
        Ok(Route::Call(wanted)) => wanted,
        _ => panic!("{path} is no call"),
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something"),
    }
}

fn events(text: &str) -> Upstream {
    let of_events = vec![("content-type", "text/event-stream")];
    Upstream::Answers(200, of_events, crate::fake::leaked(text))
}
