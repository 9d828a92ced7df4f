//! Lists of models: what is asked, what is kept, what is served meanwhile.

mod any_order;
mod asking;
mod failing;
mod hostile;
mod keeping;
mod merging;
mod one;
mod sharing;

use crate::fake::{Ask, Gateway, Got, Upstream, gateway, get, json, leaked};

/// Two servers. The first is the default one.
pub const TWO: &str = r#"{"providers": {
    "a": {"kind": "openai", "endpoint": "https://a.test", "key": "$A"},
    "b": {"kind": "openai", "endpoint": "https://b.test", "key": "$B"}}}"#;

pub const KEYS: &str = "alice:client-key,bob:other-key";

/// Both answer.
pub fn two() -> Gateway {
    let gateway = of(TWO);
    gateway.serve("a.test", lists(&["m1", "m2"]));
    gateway.serve("b.test", lists(&["n1"]));
    gateway
}

/// What both list, as a client may send it.
pub const BOTH: [&str; 3] = ["m1", "m2", "b/n1"];

pub fn of(document: &str) -> Gateway {
    gateway([
        ("GATEWAY", document),
        ("A", "key-a"),
        ("B", "key-b"),
        ("PROXY_API_KEYS", KEYS),
    ])
    .timed()
}

/// A server that lists these.
pub fn lists<Id: AsRef<str>>(ids: &[Id]) -> Upstream {
    let item = |id: &Id| {
        format!(
            r#"{{"id":"{}","object":"model","created":1,"owned_by":"them"}}"#,
            id.as_ref()
        )
    };
    let items: Vec<String> = ids.iter().map(item).collect();
    json(
        200,
        leaked(&format!(
            r#"{{"object":"list","data":[{}]}}"#,
            items.join(",")
        )),
    )
}

pub fn list() -> Ask {
    get("/v1/models")
}

pub fn anew() -> Ask {
    list().header("cache-control", "max-age=0, No-Cache")
}

pub fn ids(got: &Got) -> Vec<String> {
    assert_eq!(got.status(), 200, "{}", got.text());
    let list = got.json();
    assert_eq!(list["object"], "list");
    let items = list["data"].as_array().expect("data");
    let id = |item: &serde_json::Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

/// Where an answer came from, and who is missing from it.
pub fn told(got: &Got) -> (&str, Option<&str>) {
    let cache = got.header("x-isthmus-cache").expect("where it is from");
    (cache, got.header("x-isthmus-models-partial"))
}
