//! One isolate: cold, warm, stale; renewed behind its readers' backs.

use super::{BOTH, TWO, anew, ids, list, lists, of, told, two};
use crate::fake::{Upstream, ask, gateway, get, json};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

#[test]
fn what_was_listed_is_served_from_memory() {
    let gateway = two();
    let cold = gateway.ask(list());
    assert_eq!(
        (ids(&cold), told(&cold)),
        (BOTH.map(str::to_owned).to_vec(), ("miss", None))
    );
    assert_eq!(gateway.line()["attempts"], 2);
    let read = gateway.platform.look_ups.get();
    for _ in 0..3 {
        let warm = gateway.ask(list());
        assert_eq!((warm.text(), told(&warm)), (cold.text(), ("hit", None)));
    }
    assert_eq!((gateway.asked("a.test"), gateway.asked("b.test")), (1, 1));
    assert_eq!((read, gateway.platform.look_ups.get()), (1, 1));
    assert_eq!(gateway.platform.writes.get(), 1);
    assert!(gateway.platform.jobs.borrow().is_empty());
}

#[test]
fn a_stale_list_is_served_at_once_and_renewed_once() {
    let gateway = two();
    gateway.ask(list());
    gateway.serve("a.test", lists(&["m3"]));
    gateway.platform.wait(5 * MINUTE);
    for _ in 0..3 {
        let stale = gateway.ask(list());
        assert_eq!(
            (ids(&stale), told(&stale).0),
            (BOTH.map(str::to_owned).to_vec(), "stale")
        );
    }
    assert_eq!(gateway.asked("a.test"), 1);
    assert_eq!(gateway.work(), 1);
    let fresh = gateway.ask(list());
    assert_eq!(
        (ids(&fresh), told(&fresh).0),
        (vec!["m3".to_owned(), "b/n1".to_owned()], "hit")
    );
    assert_eq!(
        (gateway.asked("a.test"), gateway.platform.writes.get()),
        (2, 2)
    );
    gateway.platform.wait(6 * MINUTE);
    gateway.ask(list());
    assert_eq!(gateway.work(), 1, "and again when its time has come");
}

/// It is no request's failure, and would be nobody's news.
#[test]
fn a_renewal_that_fails_leaves_a_line() {
    for (fault, word) in [
        (json(500, "{}"), "status 500"),
        (Upstream::Unreachable, "upstream_unreachable"),
    ] {
        let gateway = two();
        gateway.ask(list());
        gateway.serve("b.test", fault);
        gateway.platform.wait(5 * MINUTE);
        gateway.ask(list());
        gateway.platform.lines.take();
        assert_eq!(gateway.work(), 1);
        let line = gateway.line();
        let shown = ["level", "operation", "error", "detail"].map(|name| line[name].clone());
        let wanted = [
            "warn",
            "models",
            "models_not_renewed",
            &format!("b: {word}"),
        ];
        assert_eq!(shown, wanted.map(serde_json::Value::from));
        assert!(!line.to_string().contains("key-b"));
    }
    let gateway = two();
    gateway.ask(list());
    gateway.platform.wait(5 * MINUTE);
    gateway.ask(list());
    gateway.platform.lines.take();
    assert_eq!(gateway.work(), 1);
    assert!(gateway.platform.lines.borrow().is_empty());
}

#[test]
fn none_is_left_to_renew_while_one_runs() {
    let gateway = two();
    gateway.ask(list());
    gateway.serve(
        "a.test",
        Upstream::Late(3 * SECOND, Box::new(lists(&["slow"]))),
    );
    gateway.platform.wait(6 * MINUTE);
    gateway.ask(list());
    let job = gateway.platform.jobs.take().remove(0);
    let mut job = crate::fake::alone(job.run(&gateway.platform, &gateway.config));
    assert!(crate::fake::poll(&mut job).is_pending());
    assert_eq!(told(&gateway.ask(list())).0, "stale");
    assert!(gateway.platform.jobs.borrow().is_empty());
    gateway.drive(vec![job]);
    let fresh = gateway.ask(list());
    assert_eq!(
        ids(&fresh)[0],
        "slow",
        "in the background there is more time"
    );
}

/// The runtime may end what goes on behind an answer.
#[test]
fn a_renewal_that_never_ran_is_left_again() {
    let gateway = two();
    gateway.ask(list());
    gateway.platform.wait(6 * MINUTE);
    gateway.ask(list());
    drop(gateway.platform.jobs.take());
    gateway.platform.wait(29 * SECOND);
    gateway.ask(list());
    assert!(gateway.platform.jobs.borrow().is_empty());
    gateway.platform.wait(2 * SECOND);
    gateway.ask(list());
    assert_eq!(gateway.work(), 1);
}

#[test]
fn a_list_without_its_time_is_a_day_old_at_most() {
    let gateway = two();
    gateway.ask(list());
    gateway.platform.wait(DAY - MINUTE);
    assert_eq!(told(&gateway.ask(list())).0, "stale");
    gateway.platform.jobs.take();
    gateway.platform.wait(2 * MINUTE);
    assert_eq!(told(&gateway.ask(list())).0, "miss");
    assert_eq!(gateway.asked("a.test"), 2);
}

/// Minutes, whether the list is still fresh then.
#[test]
fn how_long_a_list_is_fresh_is_the_owners_choice() {
    for (ttl, minutes, is_fresh) in [
        ("600", 9, true),
        ("600", 11, false),
        ("1", 0, true),
        ("1", 2, false),
        ("soon", 4, true),
        ("99999999999999999999", 4, true),
        ("18446744073709551615", 60, true),
    ] {
        let gateway = gateway([
            ("OPENAI_BASE_URL", "https://up.test"),
            ("ALLOW_ANONYMOUS", "true"),
            ("MODELS_CACHE_TTL", ttl),
        ])
        .timed();
        gateway.serve("up.test", lists(&["m"]));
        gateway.ask(list());
        gateway.platform.wait(minutes * MINUTE);
        let served = told(&gateway.ask(list())).0.to_owned();
        assert_eq!(
            served,
            if is_fresh { "hit" } else { "stale" },
            "{ttl} {minutes}"
        );
    }
}

#[test]
fn who_wants_it_anew_waits_for_it() {
    let gateway = two();
    gateway.ask(list());
    gateway.serve("b.test", lists(&["n2"]));
    gateway.platform.wait(SECOND);
    let new = gateway.ask(anew());
    assert_eq!(
        (ids(&new).pop().unwrap(), told(&new).0),
        ("b/n2".to_owned(), "miss")
    );
    let all = gateway.ask(list());
    assert_eq!((ids(&all), told(&all).0), (ids(&new), "hit"));
    assert_eq!(gateway.asked("b.test"), 2);
}

/// Two who want it at once have one made for both.
/// What is kept is free; who has the upstreams asked does so within the limit for calls.
#[test]
fn the_impatient_are_bound_by_their_limit() {
    let document = TWO.replace(
        r#"{"providers""#,
        r#"{"clients": {"eve": {"key": "$EVE", "rpm": 2}}, "providers""#,
    );
    let gateway = gateway([
        ("GATEWAY", document.as_str()),
        ("A", "key-a"),
        ("B", "key-b"),
        ("EVE", "client-key"),
    ])
    .timed();
    gateway.serve("test", lists(&["m"]));
    let statuses =
        [anew(), list(), anew(), anew(), list(), anew()].map(|it| gateway.ask(it).status());
    assert_eq!(statuses, [200, 200, 200, 429, 200, 429]);
    assert_eq!(gateway.asked("a.test"), 2);
}

#[test]
fn the_impatient_do_not_ask_one_after_the_other() {
    let gateway = two();
    gateway.ask(list());
    gateway.platform.wait(SECOND);
    let asks = (0..3).map(|_| gateway.begin(anew())).collect();
    let got = gateway.drive(asks);
    assert!(got.iter().all(|it| ids(it) == BOTH));
    assert_eq!(gateway.asked("a.test"), 2);
}

/// Settings, key -> whether it may have upstreams asked.
#[test]
fn a_stranger_cannot_have_upstreams_asked() {
    let keys = ("PROXY_API_KEYS", "client-key");
    let open = ("ALLOW_ANONYMOUS", "true");
    let ours = ("OPENAI_API_KEY", "ours");
    let none = ("LOG_LEVEL", "info");
    for (settings, key, may) in [
        ([keys, ours], Some("client-key"), true),
        ([open, ours], Some("anything"), false),
        ([open, ours], None, false),
        ([none, none], Some("their-own"), true),
    ] {
        let gateway = gateway([
            ("OPENAI_BASE_URL", "https://up.test"),
            settings[0],
            settings[1],
        ])
        .timed();
        gateway.serve("up.test", lists(&["m"]));
        let request = || {
            let ask = ask("GET", "/v1/models").header("cache-control", "no-cache");
            key.into_iter().fold(ask, crate::fake::Ask::key)
        };
        for _ in 0..2 {
            assert_eq!(gateway.ask(request()).status(), 200);
            gateway.platform.wait(SECOND);
        }
        assert_eq!(gateway.asked("up.test"), if may { 2 } else { 1 }, "{key:?}");
    }
}

/// What nobody has a say in is made once.
#[test]
fn what_is_configured_alone_never_grows_old() {
    let document = r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test", "key": "$A"}},
        "models": {"mine": "a/x", "open-*": "a/*"}}"#;
    let settings = [
        ("GATEWAY", document),
        ("A", "key-a"),
        ("PROXY_API_KEYS", "client-key"),
        ("MODELS_LIST", "Configured"),
    ];
    let gateway = gateway(settings).timed();
    for (wait, cache) in [(0, "miss"), (0, "hit"), (2 * DAY, "hit")] {
        gateway.platform.wait(wait);
        let got = gateway.ask(anew());
        assert_eq!(
            (ids(&got), told(&got)),
            (vec!["mine".to_owned()], (cache, None))
        );
    }
    let platform = &gateway.platform;
    assert!(gateway.asked_nobody() && platform.jobs.borrow().is_empty());
    assert_eq!((platform.look_ups.get(), platform.writes.get()), (0, 0));
}

#[test]
fn the_built_in_provider_needs_neither_key_nor_store() {
    let gateway = gateway([]).timed();
    let got = gateway.ask(ask("GET", "/v1/models"));
    assert!(!ids(&got).is_empty());
    gateway.platform.wait(2 * DAY);
    assert_eq!(
        told(&gateway.ask(ask("GET", "/v1/models").key("any"))).0,
        "hit"
    );
    assert!(gateway.asked_nobody());
    assert_eq!(
        (
            gateway.platform.look_ups.get(),
            gateway.platform.writes.get()
        ),
        (0, 0)
    );
}

#[test]
fn one_model_is_told_from_what_is_kept() {
    let gateway = two();
    gateway.ask(list());
    for path in [
        "/v1/models/b%2Fn1",
        "/v1/models/b/n1",
        "/v1/models/B/N1",
        "/models/b%2fn1",
    ] {
        let one = gateway.ask(get(path));
        assert_eq!(
            (one.status(), &one.json()["id"]),
            (200, &"b/n1".into()),
            "{path}"
        );
        assert_eq!(one.json()["owned_by"], "them");
    }
    assert_eq!(gateway.asked("test"), 2);
    gateway.serve("a.test", json(404, r#"{"error":{"message":"no"}}"#));
    let none = gateway.ask(get("/v1/models/nothing"));
    assert_eq!(none.refusal(), (404, "model_not_found".to_owned()));
    assert!(none.message().contains("nothing"));
}

/// Nothing is kept yet: its upstream is asked for it, and KV but once.
#[test]
fn one_model_does_not_need_the_list() {
    let gateway = of(TWO);
    gateway.serve(
        "b.test/v1/models/x%2Fy",
        json(200, r#"{"id":"x/y","owned_by":"b"}"#),
    );
    for _ in 0..3 {
        let one = gateway.ask(get("/v1/models/b%2Fx%2Fy"));
        assert_eq!(
            one.json(),
            serde_json::json!({"id": "b/x/y", "object": "model", "created": 0, "owned_by": "b"})
        );
    }
    assert_eq!(
        (gateway.asked("b.test"), gateway.platform.look_ups.get()),
        (3, 1)
    );
}
