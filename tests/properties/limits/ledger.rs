//! What a shared object says.

use isthmus::limits::ledger::{Charge, Command, Ledger, Report, Reserve, Wanted, Word};
use isthmus::limits::{Amount, Limits, Measure};
use isthmus::shared::Object;
use proptest::prelude::*;
use serde_json::{Value, json};

const LIMITS: Limits = Limits {
    requests: Some(20),
    tokens: Some(500),
    daily: Some(3000),
    monthly: Some(20_000),
};

fn amount(tokens: u64) -> Amount {
    Amount {
        requests: 1,
        tokens,
    }
}

fn reserve(number: u64, tokens: u64) -> Command {
    Command::Reserve(Reserve {
        holder: "one".to_owned(),
        number,
        amount: amount(tokens),
        owed: None,
        limits: LIMITS,
    })
}

fn lease(holder: u64, number: u64, spent: u64, wanted: u64) -> Command {
    let report = Report {
        holder: format!("other {holder}"),
        number,
        spent: Amount {
            requests: 0,
            tokens: spent,
        },
        wanted: Wanted {
            amount: Amount {
                requests: wanted.min(2),
                tokens: wanted,
            },
            least: amount(1),
        },
        limits: LIMITS,
        ..Report::default()
    };
    Command::Report(Box::new(report))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn who_is_denied_and_waits_as_told_is_let_in(
        start in 1_699_900_000_000u64..1_703_000_000_000,
        steps in prop::collection::vec((0u64..20_000_000, any::<bool>(), 0u64..4, 0u64..200, 0u64..100), 1..60),
    ) {
        let mut ledger = Ledger::default();
        let mut now = start;
        for (number, (pause, is_call, holder, tokens, spent)) in (1..).zip(steps) {
            // Mostly close to each other.
            now += if pause % 4 == 0 { pause } else { pause % 3000 };
            if !is_call {
                ledger.handle(&lease(holder, number, spent.min(tokens), tokens), now);
                continue;
            }
            let reply = ledger.handle(&reserve(number, tokens), now);
            let Word::Denied(denial) = reply.word else {
                continue;
            };
            let wait = denial.wait_millis.unwrap();
            let at = |at: u64| ledger.clone().handle(&reserve(number, tokens), at).word;
            prop_assert_eq!(at(now + wait), Word::Granted, "after {} of {:?}", wait, denial);
            prop_assert!(matches!(at(now + wait - 1), Word::Denied(_)), "not before {}", wait);
        }
    }

    #[test]
    fn hostile_numbers_do_no_harm(
        commands in prop::collection::vec((any::<[u64; 8]>(), any::<Option<u64>>(), any::<bool>()), 1..30),
        saved in any::<[u64; 6]>(),
    ) {
        let bucket = |at: u64| format!(r#"{{"last_millis":{at},"requests":{},"tokens":{}}}"#, saved[1], saved[2]);
        let text = format!(
            r#"{{"ledger":{{"tally":{{"window":[{},{}],"day":{{"period":{},"used":{}}},"month":{{"period":{},"used":{}}}}},"open":{{"tokens":{}}},"until_millis":{}}}}}"#,
            bucket(saved[0]), bucket(saved[5]), saved[3], saved[4], saved[1], saved[2], saved[3], saved[4],
        );
        let mut object = Object::restored(Some(&text), commands[0].0[0]);
        for (numbers, limit, is_report) in commands {
            let [now, requests, tokens, number, kept, earlier, at, wanted] = numbers;
            let limits = Limits { requests: limit, tokens: Some(tokens), daily: limit, monthly: None };
            let some = Amount { requests, tokens };
            let command = if is_report {
                serde_json::json!({"do": "report", "holder": number.to_string(), "number": number,
                    "spent": some, "earlier_tokens": earlier, "returned": [{"at_millis": at, "amount": some}],
                    "lost": [number], "owed": {"number": at, "amount": some}, "kept": {"tokens": kept},
                    "wanted": {"amount": {"tokens": wanted}, "least": some}, "limits": limits})
            } else {
                serde_json::json!({"do": "reserve", "holder": "a", "number": number, "amount": some, "owed": null,
                    "limits": limits})
            };
            let message = serde_json::json!({"ledger": command}).to_string();
            prop_assert!(object.ask(&message, now).is_some(), "{}", message);
            object.due();
        }
        object.rest();
    }
}

#[test]
fn a_denial_names_the_limit_that_bars_longest() {
    // Limits, tokens used before, tokens wanted; measure and wait.
    let now = 1_700_000_000_000;
    let to_midnight = 86_400_000 - now % 86_400_000;
    let cases = [
        (
            (Some(1), None, None),
            5,
            5,
            (Measure::Requests, Some(60_000)),
        ),
        ((None, Some(9), None), 5, 5, (Measure::Tokens, Some(60_000))),
        (
            (None, None, Some(9)),
            5,
            5,
            (Measure::Daily, Some(to_midnight)),
        ),
        (
            (Some(1), Some(9), Some(9)),
            5,
            5,
            (Measure::Daily, Some(to_midnight)),
        ),
        ((Some(1), Some(9), None), 5, 10, (Measure::Tokens, None)),
    ];
    for ((requests, tokens, daily), before, wanted, (measure, wait)) in cases {
        let limits = Limits {
            requests,
            tokens,
            daily,
            monthly: None,
        };
        let mut ledger = Ledger::default();
        let mut ask = |number, tokens| {
            let command = Command::Reserve(Reserve {
                holder: "one".to_owned(),
                number,
                amount: amount(tokens),
                owed: None,
                limits,
            });
            ledger.handle(&command, now).word
        };
        assert_eq!(ask(1, before), Word::Granted);
        let Word::Denied(denial) = ask(2, wanted) else {
            panic!("{limits:?}")
        };
        assert_eq!((denial.measure, denial.wait_millis), (measure, wait));
    }
}

#[test]
fn a_report_that_comes_twice_is_counted_once() {
    let mut ledger = Ledger::default();
    let command = lease(1, 7, 100, 0);
    for _ in 0..3 {
        let reply = ledger.handle(&command, 5000);
        assert_eq!(reply.room.tokens.unwrap().remaining, 400);
    }
}

#[test]
fn a_lease_that_nobody_reports_is_taken_as_used_and_corrected_when_he_comes_after_all() {
    let mut ledger = Ledger::default();
    let reply = ledger.handle(&lease(1, 1, 0, 40), 5000);
    let Word::Leased(lease_given) = reply.word else {
        panic!()
    };
    assert_eq!(lease_given.amount.tokens, 40);
    let remaining = |ledger: &mut Ledger, command: &Command, now: u64| {
        ledger.handle(command, now).room.tokens.unwrap().remaining
    };
    assert_eq!(
        remaining(&mut ledger, &lease(2, 1, 0, 0), 6000),
        460,
        "promised"
    );
    assert_eq!(
        remaining(&mut ledger, &lease(2, 2, 0, 0), 20_000),
        460,
        "taken as used"
    );
    assert_eq!(
        remaining(&mut ledger, &lease(1, 2, 10, 0), 30_000),
        490,
        "he had used less"
    );
    assert_eq!(
        remaining(&mut ledger, &lease(2, 3, 0, 0), 69_000),
        500,
        "and that is over"
    );
}

fn heard(object: &mut Object, command: &Command, now: u64) -> Value {
    let message = json!({"ledger": command}).to_string();
    serde_json::from_str(&object.ask(&message, now).unwrap()).unwrap()
}

fn told(number: u64, spent: u64, kept: u64) -> Report {
    let tokens = |tokens| Amount {
        requests: 0,
        tokens,
    };
    Report {
        holder: "other 1".to_owned(),
        number,
        spent: tokens(spent),
        kept: tokens(kept),
        limits: LIMITS,
        ..Report::default()
    }
}

#[test]
fn a_report_that_comes_twice_is_counted_once_by_an_object_that_was_restarted_meanwhile() {
    let mut object = Object::default();
    let at_millis = heard(&mut object, &reserve(1, 100), 5000)["at_millis"].as_u64();
    heard(&mut object, &reserve(2, 100), 5000);
    let report = Report {
        returned: vec![Charge {
            at_millis: at_millis.unwrap(),
            amount: amount(60),
        }],
        ..told(3, 0, 0)
    };
    let settled = Command::Report(Box::new(report));
    for _ in 0..2 {
        let reply = heard(&mut object, &settled, 5500);
        assert_eq!(reply["room"]["tokens"]["remaining"], 360);
        object = Object::restored(object.rest().as_deref(), 5500);
    }
}

#[test]
fn what_was_used_without_a_limit_does_not_use_up_one_that_is_set_later() {
    let of_requests = Limits {
        requests: Some(100),
        ..Limits::default()
    };
    let of_tokens = Limits {
        tokens: Some(1000),
        ..Limits::default()
    };
    for before in [of_requests, of_tokens, Limits::default()] {
        let mut object = Object::default();
        let mut call = |limits: Limits, now| {
            let command = Command::Reserve(Reserve {
                holder: "one".to_owned(),
                number: now,
                amount: amount(10),
                owed: None,
                limits,
            });
            let reply = heard(&mut object, &command, now);
            // Gone before it was idle.
            object = Object::restored(object.due().as_deref(), now);
            reply["word"].clone()
        };
        let after = Limits {
            requests: Some(100),
            monthly: Some(1000),
            ..before
        };
        for (limits, now) in [(before, 5000), (after, 6000), (after, 80_000)] {
            assert_eq!(call(limits, now), "granted", "{before:?} at {now}");
        }
    }
}

#[test]
fn of_a_lease_that_ended_what_a_late_report_kept_stays_counted() {
    let mut ledger = Ledger::default();
    ledger.handle(&lease(1, 1, 0, 40), 5000);
    // Number, spent, kept; what remains then of five hundred.
    for (number, spent, kept, remaining) in [(2, 10, 25, 465), (3, 15, 0, 475), (4, 0, 0, 475)] {
        let report = Command::Report(Box::new(told(number, spent, kept)));
        let room = ledger.handle(&report, 20_000 + number).room;
        assert_eq!(room.tokens.unwrap().remaining, remaining, "{number}");
    }
}

#[test]
fn few_grants_write_to_disk() {
    let mut object = Object::default();
    let mut writes = 0;
    for number in 0..1000 {
        let command = Command::Reserve(Reserve {
            holder: "one".to_owned(),
            number,
            amount: amount(10),
            owed: None,
            limits: Limits {
                tokens: Some(10_000),
                ..Limits::default()
            },
        });
        let message = serde_json::json!({"ledger": command}).to_string();
        assert!(
            object
                .ask(&message, 1000 + number)
                .unwrap()
                .contains("granted")
        );
        writes += u32::from(object.due().is_some());
    }
    assert_eq!(writes, 20, "one for each twentieth of the limit");
    assert!(object.rest().is_some());
    assert!(object.rest().is_none(), "it is there");
}

#[test]
fn rubbish_on_disk_is_no_beginning() {
    for text in [
        "",
        "{",
        "[]",
        r#"{"ledger":7}"#,
        r#"{"ledger":{"tally":{"window":[{}]}}}"#,
    ] {
        let mut object = Object::restored(Some(text), 5000);
        let message = serde_json::json!({"ledger": reserve(1, 500)}).to_string();
        assert!(
            object.ask(&message, 5000).unwrap().contains("granted"),
            "{text}"
        );
    }
}
