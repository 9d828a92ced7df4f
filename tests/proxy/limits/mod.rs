//! Limits of clients and of all calls together, as whole requests meet them.

mod headers;
mod refusing;
mod settling;
mod sharing;
mod targets;
mod unlimited;

use std::rc::Rc;

use isthmus::answer::{Answer, Body};
use isthmus::clients::Access;
use isthmus::limits::{Limits, Mode};
use isthmus::report::Ending;
use isthmus::usage::Watch;

use crate::fake::{Ask, Gateway, Got, Upstream, chat, gateway, json};

const MODES: [Mode; 2] = [Mode::Leased, Mode::Exact];
const NONE: Limits = Limits {
    requests: None,
    tokens: None,
    daily: None,
    monthly: None,
};

/// It is estimated to need [`ESTIMATE`] tokens: 25 characters, a message, and 90 to come.
const HELLO: &str = r#"{"model":"m","max_tokens":90,"messages":[{"role":"user","content":"a-prompt-of-25-characters"}]}"#;
const ESTIMATE: u64 = 101;
const INPUT: u64 = 11;

fn requests(limit: u64) -> Limits {
    Limits {
        requests: Some(limit),
        ..NONE
    }
}

fn tokens(limit: u64) -> Limits {
    Limits {
        tokens: Some(limit),
        ..NONE
    }
}

fn daily(limit: u64) -> Limits {
    Limits {
        daily: Some(limit),
        ..NONE
    }
}

fn monthly(limit: u64) -> Limits {
    Limits {
        monthly: Some(limit),
        ..NONE
    }
}

/// Of alice, whose key is `client-key`, and of all together; bob, whose key is `bobs-key`, has none of his own.
struct Bounds {
    client: Limits,
    all: Limits,
    mode: Mode,
}

impl Bounds {
    fn of_client(client: Limits, mode: Mode) -> Self {
        let all = NONE;
        Self { client, all, mode }
    }

    fn of_all(all: Limits, mode: Mode) -> Self {
        let client = NONE;
        Self { client, all, mode }
    }

    fn gateway(self) -> Gateway {
        let mut gateway = gateway([
            ("OPENAI_BASE_URL", "https://up.test/v1"),
            ("OPENAI_API_KEY", "upstream-key"),
            ("PROXY_API_KEYS", "alice:client-key,bob:bobs-key"),
            ("FORWARD_ALLOWED_HOSTS", "up.test,other.test"),
        ]);
        let Access::Keys(keys) = &mut gateway.config.access else {
            panic!("no keys");
        };
        for key in keys.iter_mut().filter(|key| key.client.name == "alice") {
            Rc::make_mut(&mut key.client).limits = self.client;
        }
        gateway.config.limits = self.all;
        gateway.config.limits_mode = self.mode;
        gateway.serve("up.test", took(30));
        gateway
    }
}

fn hello() -> Ask {
    chat(HELLO)
}

fn bobs_hello() -> Ask {
    crate::fake::ask("POST", "/v1/chat/completions")
        .key("bobs-key")
        .json(HELLO)
}

/// An answer that says how many tokens it took.
fn took(tokens: u64) -> Upstream {
    let output = tokens - 10;
    json(
        200,
        &format!(
            r#"{{"object":"chat.completion","choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{output},"total_tokens":{tokens}}}}}"#
        ),
    )
}

/// To its end, with all that is to be done in the background.
fn send(gateway: &Gateway, ask: Ask) -> Got {
    let got = gateway.send(ask);
    gateway.work();
    got
}

/// Does with a stream that is over what the runtime does; gives how much is thought to have been generated.
fn end(gateway: &Gateway, got: Got, ending: Ending) -> Option<u64> {
    let Answer {
        unfinished, body, ..
    } = got.0;
    let mut unfinished = unfinished.expect("a stream");
    let Body::Changed(changed) = body else {
        panic!("nobody looks at it");
    };
    if let Some(usage) = changed.rewrite.usage() {
        unfinished.tab.note(usage);
    }
    let output = changed.rewrite.watched().map(Watch::estimated_output);
    unfinished.end(ending, output, gateway.now());
    isthmus::later::tidy_up(&gateway.platform);
    gateway.work();
    output
}

/// What is left of the tokens a minute before another hello.
fn tokens_left(gateway: &Gateway) -> u64 {
    let got = gateway.send(hello());
    assert_eq!(got.status(), 200, "{}", got.text());
    number(&got, "x-ratelimit-remaining-tokens") + ESTIMATE
}

fn number(got: &Got, name: &str) -> u64 {
    let value = got.header(name);
    value
        .unwrap_or_else(|| panic!("no {name}"))
        .parse()
        .unwrap()
}
