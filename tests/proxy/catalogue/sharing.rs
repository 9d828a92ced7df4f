//! Several calls of an isolate, and several isolates with one KV.

use std::rc::Rc;

use super::{BOTH, TWO, anew, ids, list, lists, of, told, two};
use crate::fake::{Gateway, Kv, Upstream, ask, gateway, poll};

const MINUTE: u64 = 60_000;

/// Another isolate of the same Worker, where upstreams answer nobody.
fn beside(first: &Gateway) -> Gateway {
    let mut second = of(TWO);
    second.platform.store = Rc::clone(&first.platform.store);
    second
}

#[test]
fn a_second_isolate_has_it_from_the_store() {
    let first = two();
    let made = first.ask(list());
    let second = beside(&first);
    let got = second.ask(list());
    assert_eq!((got.text(), told(&got)), (made.text(), ("hit", None)));
    assert!(second.asked_nobody());
    second.ask(list());
    assert_eq!(
        (second.platform.look_ups.get(), second.platform.writes.get()),
        (1, 0)
    );
}

#[test]
fn what_another_isolate_has_renewed_is_as_good() {
    let first = two();
    first.ask(list());
    let second = beside(&first);
    second.ask(list());
    for gateway in [&first, &second] {
        gateway.platform.wait(6 * MINUTE);
        assert_eq!(told(&gateway.ask(list())).0, "stale");
    }
    first.serve("a.test", lists(&["m9"]));
    assert_eq!((first.work(), second.work()), (1, 1));
    let got = second.ask(list());
    assert_eq!((ids(&got)[0].as_str(), told(&got).0), ("m9", "hit"));
    assert!(second.asked_nobody());
}

/// What a store may hold or be -> the list is made all the same.
#[test]
fn a_store_can_do_no_harm() {
    let made = two();
    made.ask(list());
    let (key, text) = made
        .platform
        .store
        .borrow()
        .iter()
        .next()
        .map(|(key, text)| (key.clone(), text.clone()))
        .unwrap();
    let cut = &text[..text.len() - 5];
    let other = text.replace("\"provider\":\"b\"", "\"provider\":\"b\\r\\nx-evil: 1\"");
    let deep = text.replace("\"created\":1", &"[".repeat(100_000));
    let future = text.replace("\"asked_at\":", "\"asked_at\":9");
    for rubbish in ["", "null", "{}", "<html>", cut, &other, &deep] {
        let gateway = two();
        gateway
            .platform
            .store
            .borrow_mut()
            .insert(key.clone(), rubbish.to_owned());
        let got = gateway.ask(list());
        assert_eq!(
            (ids(&got), told(&got)),
            (BOTH.map(str::to_owned).to_vec(), ("miss", None))
        );
    }
    let gateway = two();
    gateway.platform.store.borrow_mut().insert(key, future);
    assert_eq!(told(&gateway.ask(list())).0, "hit");
    gateway.platform.wait(6 * MINUTE);
    assert_eq!(
        told(&gateway.ask(list())).0,
        "stale",
        "nothing is from the future"
    );
    for kv in [Kv::Down, Kv::Slow] {
        let gateway = two();
        gateway.platform.kv.set(kv);
        for cache in ["miss", "hit", "hit"] {
            assert_eq!(told(&gateway.ask(list())).0, cache);
        }
        assert_eq!(gateway.platform.look_ups.get(), 1);
    }
}

#[test]
fn calls_that_come_at_once_ask_once() {
    let gateway = two();
    let asks = (0..5).map(|_| gateway.begin(list())).collect();
    let got = gateway.drive(asks);
    let made = got.iter().filter(|it| told(it).0 == "miss").count();
    assert!(got.iter().all(|it| ids(it) == BOTH));
    assert_eq!(
        (made, gateway.asked("a.test"), gateway.asked("b.test")),
        (1, 1, 1)
    );
    assert_eq!(gateway.platform.look_ups.get(), 1);
}

#[test]
fn when_the_first_leaves_the_next_asks() {
    let gateway = two();
    gateway.serve("b.test", Upstream::Late(1000, Box::new(lists(&["n1"]))));
    let mut first = gateway.begin(list());
    let mut second = gateway.begin(list());
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    assert_eq!(gateway.asked("b.test"), 1);
    drop(first);
    let got = gateway.drive(vec![second]);
    assert_eq!(
        (ids(&got[0]), told(&got[0]).0),
        (BOTH.map(str::to_owned).to_vec(), "miss")
    );
    assert_eq!(gateway.asked("b.test"), 2);
}

/// Two credentials never see each other's list, nor does it stand in the store by its name.
#[test]
fn a_list_that_a_credential_opened_is_its_own() {
    let gateway = gateway([("OPENAI_BASE_URL", "https://up.test")]).timed();
    let ask = |key: &str| ask("GET", "/v1/models").key(key);
    for (key, id) in [("key-one", "one"), ("key-two", "two")] {
        gateway.serve("up.test", lists(&[id]));
        let got = gateway.ask(ask(key));
        assert_eq!((ids(&got), told(&got).0), (vec![id.to_owned()], "miss"));
    }
    assert_eq!(ids(&gateway.ask(ask("key-one"))), ["one"]);
    let store = gateway.platform.store.borrow();
    assert_eq!(store.len(), 2);
    let all = format!("{store:?}");
    assert!(!all.contains("key-one") && !all.contains("key-two"));
}

#[test]
fn on_our_credentials_there_is_one_list_for_all() {
    let gateway = two();
    gateway.ask(list());
    let other = gateway.ask(ask("GET", "/v1/models").key("other-key"));
    assert_eq!(told(&other).0, "hit");
}

#[test]
fn another_configuration_has_another_list() {
    let first = two();
    first.ask(list());
    first.platform.wait(6 * MINUTE);
    first.ask(list());
    // The document in KV was changed: the isolate is the same.
    let mut second = of(&TWO.replace("a.test", "c.test"));
    second.platform = first.platform;
    second.serve("c.test", lists(&["new"]));
    assert_eq!(second.work(), 1);
    assert_eq!(
        second.asked("test"),
        2,
        "the job is of a configuration that is gone"
    );
    assert_eq!(ids(&second.ask(list())), ["new", "b/n1"]);
}

#[test]
fn the_impatient_are_told_what_another_isolate_knows_where_nobody_answers() {
    let first = two();
    first.ask(list());
    let second = beside(&first);
    second.serve("test", Upstream::Unreachable);
    let got = second.ask(anew());
    assert_eq!(
        (ids(&got), told(&got)),
        (BOTH.map(str::to_owned).to_vec(), ("stale", Some("a, b")))
    );
    assert_eq!(
        second.platform.writes.get(),
        0,
        "and it takes nobody's place"
    );
}
