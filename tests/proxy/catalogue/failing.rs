//! Upstreams that do not answer, or nonsense.

use super::{BOTH, TWO, anew, ids, list, lists, of, told, two};
use crate::fake::{Upstream, ask, gateway, get, json, leaked};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

fn html() -> Upstream {
    Upstream::Answers(
        200,
        vec![("content-type", "text/html")],
        "<html>Hello</html>",
    )
}

fn moved() -> Upstream {
    Upstream::Answers(302, vec![("location", "https://elsewhere.test/")], "")
}

fn too_long() -> Upstream {
    json(
        200,
        &format!(r#"{{"data":[{{"id":"x","d":"{}"}}]}}"#, "x".repeat(9 << 20)),
    )
}

fn too_many() -> Upstream {
    let ids: Vec<String> = (0..20_001).map(|number| format!("m{number}")).collect();
    lists(&ids)
}

/// What may be wrong with an upstream, and what a client is told where there is no other.
fn faults() -> Vec<(Upstream, u16, &'static str)> {
    vec![
        (Upstream::Unreachable, 502, "upstream_unreachable"),
        (Upstream::TimesOut, 504, "upstream_timeout"),
        (Upstream::NeverAnswers, 504, "upstream_timeout"),
        (
            Upstream::Late(2_500, Box::new(lists(&["late"]))),
            504,
            "upstream_timeout",
        ),
        (Upstream::BreaksOff, 502, "upstream_broke"),
        (html(), 502, "upstream_nonsense"),
        (json(200, "[["), 502, "upstream_nonsense"),
        (
            json(200, leaked(&"[".repeat(1 << 20))),
            502,
            "upstream_nonsense",
        ),
        (json(200, ""), 502, "upstream_nonsense"),
        (
            Upstream::Answers(204, Vec::new(), ""),
            502,
            "upstream_nonsense",
        ),
        (
            Upstream::Answers(101, Vec::new(), ""),
            502,
            "upstream_nonsense",
        ),
        (moved(), 502, "upstream_redirect"),
        (too_long(), 502, "list_too_large"),
        (too_many(), 502, "list_too_large"),
        (
            json(
                500,
                r#"{"error":{"message":"m","type":"t","param":null,"code":"broken"}}"#,
            ),
            500,
            "broken",
        ),
        (
            json(
                429,
                r#"{"error":{"message":"m","type":"t","param":null,"code":"slow_down"}}"#,
            ),
            429,
            "slow_down",
        ),
    ]
}

#[test]
fn one_that_fails_is_missed_and_said_to_be() {
    for (fault, _, word) in faults() {
        let gateway = two();
        gateway.serve("b.test", fault);
        let got = gateway.ask(list());
        assert_eq!(told(&got), ("miss", Some("b")), "{word}");
        assert_eq!(ids(&got), ["m1", "m2"], "{word}");
        let line = gateway.line();
        assert!(
            line["detail"].as_str().unwrap().starts_with("b: "),
            "{line}"
        );
        assert_eq!(told(&gateway.ask(list())), ("hit", Some("b")), "{word}");
        gateway.platform.wait(31 * SECOND);
        assert_eq!(told(&gateway.ask(list())), ("stale", Some("b")), "{word}");
    }
}

#[test]
fn when_all_fail_it_is_the_first_ones_failure() {
    for (fault, status, code) in faults() {
        let gateway = of(TWO);
        gateway.serve("a.test", fault);
        gateway.serve("b.test", Upstream::Unreachable);
        let got = gateway.ask(list());
        assert_eq!(got.refusal(), (status, code.to_owned()));
        assert_eq!(gateway.platform.writes.get(), 0);
        // Others are told the same for a while, then the upstreams are asked again.
        assert_eq!(gateway.ask(list()).status(), status);
        assert_eq!(gateway.asked("a.test"), 1);
        gateway.platform.wait(6 * SECOND);
        gateway.serve("a.test", lists(&["m"]));
        assert_eq!(told(&gateway.ask(list())), ("miss", Some("b")));
    }
}

/// Each has its own time: who is slow takes it from nobody.
#[test]
fn all_are_asked_at_once_six_at_a_time() {
    let names: Vec<String> = (0..14).map(|number| format!("p{number:02}")).collect();
    let provider = |name: &String| {
        format!(r#""{name}": {{"kind":"openai","endpoint":"https://{name}.test"}}"#)
    };
    let providers: Vec<String> = names.iter().map(provider).collect();
    let gateway = of(&format!(r#"{{"providers": {{{}}}}}"#, providers.join(",")));
    for name in &names {
        gateway.serve(name, Upstream::Late(1_900, Box::new(lists(&["m"]))));
    }
    gateway.serve("p00", Upstream::NeverAnswers);
    let mut asking = gateway.begin(list());
    assert!(crate::fake::poll(&mut asking).is_pending());
    assert_eq!(gateway.asked("test"), 6);
    let begun = gateway.now();
    let got = gateway.drive(vec![asking]).remove(0);
    assert_eq!((ids(&got).len(), told(&got)), (13, ("miss", Some("p00"))));
    assert!(
        (5_700..6_000).contains(&(gateway.now() - begun)),
        "{}",
        gateway.now() - begun
    );
    assert_eq!(gateway.platform.abandoned.get(), 1, "nothing of it goes on");
}

#[test]
fn the_time_for_each_is_the_owners_choice() {
    for (secs, millis, status) in [
        ("1", 1_500, 504),
        ("3", 1_500, 200),
        ("3600", 19_000, 200),
        ("3600", 21_000, 504),
    ] {
        let gateway = gateway([
            ("OPENAI_BASE_URL", "https://up.test"),
            ("ALLOW_ANONYMOUS", "true"),
            ("MODELS_TIMEOUT", secs),
        ])
        .timed();
        gateway.serve("up.test", Upstream::Late(millis, Box::new(lists(&["m"]))));
        assert_eq!(gateway.ask(list()).status(), status);
    }
}

#[test]
fn what_one_listed_before_stands_for_a_day() {
    let gateway = two();
    gateway.ask(list());
    gateway.serve("b.test", json(500, "{}"));
    gateway.serve("a.test", lists(&["m1"]));
    let mut passed = 0;
    while passed + 6 * MINUTE < DAY {
        gateway.platform.wait(6 * MINUTE);
        passed += 6 * MINUTE;
        let got = gateway.ask(list());
        assert!(ids(&got).contains(&"b/n1".to_owned()), "{passed}");
        gateway.work();
    }
    gateway.platform.wait(6 * MINUTE);
    let got = gateway.ask(list());
    assert_eq!(
        (ids(&got), told(&got).1),
        (vec!["m1".to_owned()], Some("b"))
    );
    let stored = format!("{:?}", gateway.platform.store.borrow());
    assert!(!stored.contains("n1"), "{stored}");
}

#[test]
fn a_renewal_that_fails_for_all_keeps_the_list_and_waits() {
    let gateway = two();
    gateway.ask(list());
    gateway.serve("test", Upstream::Unreachable);
    gateway.serve("a.test", Upstream::Unreachable);
    gateway.serve("b.test", Upstream::NeverAnswers);
    gateway.platform.wait(6 * MINUTE);
    gateway.ask(list());
    assert_eq!(gateway.work(), 1);
    for _ in 0..5 {
        gateway.platform.wait(5 * SECOND);
        let got = gateway.ask(list());
        assert_eq!(
            (ids(&got), told(&got)),
            (BOTH.map(str::to_owned).to_vec(), ("hit", Some("a, b")))
        );
    }
    assert!(gateway.platform.jobs.borrow().is_empty());
    assert_eq!(
        gateway.platform.writes.get(),
        1,
        "what nobody answered is not stored"
    );
    let asked = gateway.asked("a.test");
    let got = gateway.ask(anew());
    assert_eq!(
        (ids(&got), told(&got)),
        (BOTH.map(str::to_owned).to_vec(), ("stale", Some("a, b")))
    );
    assert_eq!(gateway.asked("a.test"), asked + 1);
}

/// A page that does not come: what came before is there, and what was known beside.
#[test]
fn a_list_that_ends_early_is_a_part() {
    let settings = [
        ("GOOGLE_AI_STUDIO_API_KEY", "k"),
        ("PROXY_API_KEYS", "client-key"),
    ];
    let page = |name: &str, next: &str| {
        json(
            200,
            &format!(
                r#"{{"models":[{{"name":"models/{name}","supportedGenerationMethods":["generateContent"]}}],"nextPageToken":"{next}"}}"#
            ),
        )
    };
    let gateway = gateway(settings).timed();
    gateway.serve("pageToken", page("gemini-b", ""));
    gateway.serve("models", page("gemini-a", "t"));
    assert_eq!(ids(&gateway.ask(list())), ["gemini-a", "gemini-b"]);
    for fault in [json(500, "{}"), Upstream::NeverAnswers] {
        gateway.platform.wait(SECOND);
        gateway.serve("pageToken", fault);
        // What is served first is asked first.
        gateway.serve("models", page("gemini-a", "t"));
        let got = gateway.ask(anew());
        assert_eq!(
            (ids(&got), told(&got).1),
            (
                vec!["gemini-a".to_owned(), "gemini-b".to_owned()],
                Some("google")
            )
        );
    }
    // One that turns for ever.
    gateway.serve("pageToken", page("gemini-c", "t"));
    gateway.serve("models", page("gemini-a", "t"));
    let before = gateway.asked("models");
    gateway.platform.wait(SECOND);
    let cut = gateway.ask(anew());
    assert_eq!(ids(&cut), ["gemini-a", "gemini-c", "gemini-b"]);
    assert_eq!(told(&cut).1, Some("google"), "what is cut off is a part");
    assert_eq!(gateway.asked("models"), before + 12);
}

#[test]
fn a_client_whose_own_key_is_refused_is_not_shown_what_it_opened() {
    let gateway = gateway([("OPENAI_BASE_URL", "https://up.test")]).timed();
    gateway.serve("up.test", lists(&["m"]));
    let anew = || {
        ask("GET", "/v1/models")
            .key("own")
            .header("cache-control", "no-cache")
    };
    assert_eq!(gateway.ask(anew()).status(), 200);
    gateway.platform.wait(SECOND);
    gateway.serve(
        "up.test",
        json(
            401,
            r#"{"error":{"message":"m","type":"t","param":null,"code":"invalid_api_key"}}"#,
        ),
    );
    assert_eq!(
        gateway.ask(anew()).refusal(),
        (401, "invalid_api_key".to_owned())
    );
}

/// Settings of a gateway that lets everybody in with their own credential.
#[test]
fn without_any_credential_there_is_no_list() {
    for settings in [
        vec![("OPENAI_BASE_URL", "https://up.test")],
        vec![
            ("OPENAI_BASE_URL", "https://up.test"),
            ("MODELS_LIST", "configured"),
        ],
        vec![(
            "GATEWAY",
            r#"{"providers":{"p":{"kind":"openai","endpoint":"https://up.test"}},"models":{"mine":"p/x"}}"#,
        )],
    ] {
        let gateway = crate::fake::gateway_of(settings).timed();
        for path in ["/v1/models", "/v1/models/mine", "/deployments"] {
            let got = gateway.ask(ask("GET", path));
            assert_eq!(got.refusal(), (401, "missing_api_key".to_owned()), "{path}");
        }
        assert!(gateway.asked_nobody());
    }
}

/// Key's models -> what it sees where nobody answers, and where all do.
#[test]
fn a_limited_key_has_at_least_the_models_it_names() {
    for (models, failing, answering) in [
        ("m1|nowhere", Ok(vec!["m1", "nowhere"]), vec!["m1"]),
        ("m*|b/n1", Ok(vec!["b/n1"]), vec!["m1", "m2", "b/n1"]),
        ("M*", Err(502), vec!["m1", "m2"]),
        ("z", Ok(vec!["z"]), vec![]),
    ] {
        let keys = format!("eve:client-key:{models}");
        let gateway = || {
            gateway([
                ("GATEWAY", TWO),
                ("A", "key-a"),
                ("B", "key-b"),
                ("PROXY_API_KEYS", &keys),
            ])
            .timed()
        };
        let all = gateway();
        all.serve("a.test", lists(&["m1", "m2"]));
        all.serve("b.test", lists(&["n1"]));
        assert_eq!(ids(&all.ask(list())), answering);
        let none = gateway();
        none.serve("test", Upstream::Unreachable);
        let got = none.ask(list());
        match failing {
            Ok(named) => assert_eq!(
                (ids(&got), told(&got).1),
                (named.into_iter().map(str::to_owned).collect(), Some("a, b"))
            ),
            Err(status) => assert_eq!(got.status(), status),
        }
    }
}

/// What is configured is there for whom it is, and is no list for anybody else.
#[test]
fn a_limited_key_that_sees_nothing_is_told_why() {
    let document = TWO.replace(
        r#"{"providers""#,
        r#"{"models": {"team": "a/m1"}, "providers""#,
    );
    let gateway = gateway([
        ("GATEWAY", document.as_str()),
        ("A", "key-a"),
        ("B", "key-b"),
        (
            "PROXY_API_KEYS",
            "all:client-key,eve:key-of-eve:n*,bob:key-of-bob:te*",
        ),
    ])
    .timed();
    gateway.serve("test", Upstream::Unreachable);
    let listed = |key: &str| gateway.ask(crate::fake::ask("GET", "/v1/models").key(key));
    assert_eq!(ids(&listed("client-key")), ["team"]);
    assert_eq!(ids(&listed("key-of-bob")), ["team"]);
    let refusal = listed("key-of-eve").refusal();
    assert_eq!(refusal, (502, "upstream_unreachable".to_owned()));
    // Who answers and has nothing for it is no failure.
    gateway.platform.wait(6 * SECOND);
    gateway.serve("test", lists(&["m1"]));
    gateway.ask(anew());
    assert_eq!(ids(&listed("key-of-eve")), Vec::<String>::new());
}

/// Nothing is asked of a provider that cannot be used, and the others' models are theirs by name.
#[test]
fn a_default_provider_that_makes_no_sense_takes_nobody_along() {
    let gateway = gateway([
        (
            "GATEWAY",
            r#"{"providers": {"a": {"kind": "openai", "endpoint": "ftp://a.test"},
                "b": {"kind": "openai", "endpoint": "https://b.test", "key": "$B"},
                "d": {"kind": "demo"}}, "default": "a"}"#,
        ),
        ("B", "key-b"),
        ("PROXY_API_KEYS", "client-key"),
    ])
    .timed();
    gateway.serve("b.test", lists(&["n1", "b/n2"]));
    let got = gateway.ask(list());
    let all = ids(&got);
    assert!(
        all.starts_with(&["b/n1".to_owned(), "b/b/n2".to_owned()]),
        "{all:?}"
    );
    assert!(all[2..].iter().all(|id| id.starts_with("d/")) && all.len() > 2);
    assert_eq!(told(&got), ("miss", None));
    let explained = get("/v1/models").header("x-isthmus-explain", "1");
    let sources = gateway.ask(explained).json()["sources"].clone();
    assert_eq!(
        (&sources[0]["provider"], sources.as_array().unwrap().len()),
        (&"b".into(), 2)
    );
    assert_eq!(gateway.ask(get("/health")).json()["health"], "degraded");
}

/// A setting that was not understood is what a list of nothing says.
#[test]
fn where_nothing_can_be_used_the_settings_are_to_blame() {
    for settings in [
        [
            ("OPENAI_BASE_URL", "ftp://up.test"),
            ("PROXY_API_KEYS", "client-key"),
        ],
        [
            ("AZURE_OPENAI_PROXY_MODE", "azure"),
            ("PROXY_API_KEYS", "client-key"),
        ],
        [("GATEWAY", "{"), ("PROXY_API_KEYS", "client-key")],
        [
            (
                "GATEWAY",
                r#"{"providers":{"p":{"kind":"openai","endpoint":"ftp://x"}},"models":{"mine":"p/x"}}"#,
            ),
            ("PROXY_API_KEYS", "client-key"),
        ],
    ] {
        let gateway = gateway(settings).timed();
        assert_eq!(
            gateway.ask(list()).refusal(),
            (500, "configuration_error".to_owned()),
            "{settings:?}"
        );
        assert!(gateway.asked_nobody());
    }
    let half = of(&TWO.replace("https://b.test", "ftp://b.test"));
    half.serve("a.test", lists(&["m1"]));
    assert_eq!(ids(&half.ask(get("/v1/models"))), ["m1"]);
}
