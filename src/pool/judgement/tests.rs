//! The table, row by row.

use super::{Effect, Judgement, Outcome, Reason, Refusal, Scope, judge};
use crate::credentials::Whose;
use crate::headers::Headers;

/// 2026-11-20T00:00:00Z.
const NOW: u64 = 1_795_132_800_000;

/// Of a refusal, where it is like most.
struct Given {
    status: u16,
    code: &'static str,
    kind: &'static str,
    message: &'static str,
    headers: &'static [(&'static str, &'static str)],
    whose: Whose,
    credential: Option<Scope>,
    is_counted_by_model: bool,
    is_missing_model: bool,
    is_about_place: bool,
}

const USUAL: Given = Given {
    status: 400,
    code: "",
    kind: "",
    message: "",
    headers: &[],
    whose: Whose::Ours,
    credential: None,
    is_counted_by_model: true,
    is_missing_model: false,
    is_about_place: false,
};

const fn with(status: u16) -> Given {
    Given { status, ..USUAL }
}

fn judged(given: &Given) -> Judgement {
    let mut headers = Headers::default();
    for (name, value) in given.headers {
        headers.push(name, value);
    }
    let refusal = Refusal {
        status: given.status,
        headers: &headers,
        code: given.code,
        kind: given.kind,
        message: given.message,
        whose: given.whose,
        credential: given.credential,
        is_counted_by_model: given.is_counted_by_model,
        is_missing_model: given.is_missing_model,
        is_about_place: given.is_about_place,
    };
    judge(Outcome::Refused(refusal), NOW)
}

const fn row(scope: Scope, effect: Effect, goes_on: bool) -> Judgement {
    Judgement {
        scope,
        effect,
        goes_on,
        reason: None,
        wait_millis: None,
    }
}

const CLIENTS: Judgement = row(Scope::Request, Effect::Nothing, false);
const NEXT: Judgement = row(Scope::Request, Effect::Nothing, true);
const FAILED: Judgement = row(Scope::Deployment, Effect::Failure, true);
const NOT_THERE: Judgement = row(Scope::Provider, Effect::Failure, true);
const LIMITED: Judgement = row(Scope::Deployment, rest(60_000, false), true);
const UNPAID: Judgement = row(Scope::Provider, rest(600_000, false), true);
const BROKEN: Judgement = row(Scope::Deployment, Effect::Broken, true);
const ALL_BROKEN: Judgement = row(Scope::Provider, Effect::Broken, true);
const BROKEN_HERE: Judgement = row(Scope::Provider, Effect::BrokenHere, true);
const FILTERED: Judgement = Judgement {
    reason: Some(Reason::ContentFilter),
    ..CLIENTS
};
const TOO_LONG: Judgement = Judgement {
    reason: Some(Reason::ContextLength),
    ..CLIENTS
};

const fn rest(millis: u64, is_its_word: bool) -> Effect {
    Effect::Rest {
        millis,
        is_its_word,
    }
}

/// By its own word.
const fn says(millis: u64) -> Judgement {
    let rested = if millis < 600_000 { millis } else { 600_000 };
    Judgement {
        wait_millis: Some(millis),
        ..row(Scope::Deployment, rest(rested, true), true)
    }
}

#[track_caller]
fn check(rows: &[(Given, Judgement)]) {
    for (at, (given, expected)) in rows.iter().enumerate() {
        let said = (given.status, given.code, given.message, given.headers);
        assert_eq!(judged(given), *expected, "row {at}: {said:?}");
    }
}

#[test]
fn of_what_is_no_refusal() {
    for (at, (outcome, expected)) in [
        (
            Outcome::Answered,
            row(Scope::Deployment, Effect::Well, false),
        ),
        (Outcome::Unreachable, NOT_THERE),
        (Outcome::Timeout, FAILED),
        (Outcome::Silent, FAILED),
        (Outcome::BrokeOff, FAILED),
        (
            Outcome::BrokeLate,
            row(Scope::Deployment, Effect::Failure, false),
        ),
        (Outcome::Unfit, NEXT),
        (Outcome::Withheld, FILTERED),
        (Outcome::Clients, CLIENTS),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(judge(outcome, NOW), expected, "row {at}");
    }
}

#[test]
fn of_statuses() {
    for (statuses, expected) in [
        (&[400, 404, 405, 406, 409, 410, 411][..], CLIENTS),
        (&[412, 413, 414, 415, 416, 422, 428, 431, 451], CLIENTS),
        (&[424, 425, 499, 501], NEXT),
        (&[402], row(Scope::Deployment, rest(600_000, false), true)),
        (&[429], LIMITED),
        (&[408, 500, 502, 503, 504, 505, 520, 524, 529, 599], FAILED),
        (&[521, 522, 523, 525, 526, 530], NOT_THERE),
    ] {
        for status in statuses {
            assert_eq!(judged(&with(*status)), expected, "{status}");
        }
    }
}

#[test]
fn of_what_another_model_may_do() {
    let code = |status, code| Given {
        code,
        ..with(status)
    };
    let words = |status, message| Given {
        message,
        ..with(status)
    };
    check(&[
        (code(400, "content_filter"), FILTERED),
        (code(400, "content_policy_violation"), FILTERED),
        (code(400, "moderation_blocked"), FILTERED),
        (code(400, "contentFilter"), FILTERED),
        (code(400, "ResponsibleAIPolicyViolation"), FILTERED),
        (code(403, "content_filter"), FILTERED),
        (
            words(
                403,
                "It requires moderation and your input was flagged for \"x\"",
            ),
            FILTERED,
        ),
        (words(500, "your input was flagged"), FAILED),
        (words(400, "a content_filter is no setting"), CLIENTS),
        (code(400, "context_length_exceeded"), TOO_LONG),
        (code(413, "context_length_exceeded"), TOO_LONG),
        (
            Given {
                kind: "exceed_context_size_error",
                ..with(400)
            },
            TOO_LONG,
        ),
        (
            words(400, "This model's maximum context length is 4096 tokens."),
            TOO_LONG,
        ),
        (words(400, "Prompt is too long: 203942 tokens"), TOO_LONG),
        (
            words(
                422,
                "Please reduce the length of the messages or completion.",
            ),
            TOO_LONG,
        ),
        (words(500, "maximum context length"), FAILED),
        (code(400, "string_above_max_length"), CLIENTS),
    ]);
}

#[test]
fn of_models_that_are_not_there() {
    let code = |status, code| Given {
        code,
        ..with(status)
    };
    let words = |message| Given {
        message,
        ..with(404)
    };
    let clients = |given| Given {
        whose: Whose::TheClients,
        ..given
    };
    check(&[
        (
            Given {
                is_missing_model: true,
                ..with(404)
            },
            BROKEN,
        ),
        (
            clients(Given {
                is_missing_model: true,
                ..with(404)
            }),
            BROKEN,
        ),
        (code(404, "model_not_found"), BROKEN),
        (code(403, "model_not_found"), BROKEN),
        (code(404, "DeploymentNotFound"), BROKEN),
        (code(410, "model_decommissioned"), BROKEN),
        // It may be there for others.
        (clients(code(404, "model_not_found")), NEXT),
        (words("The model `m` does not exist."), BROKEN),
        (words("model \"m\" not found, try pulling it first"), BROKEN),
        (words("Serverless endpoint not found"), BROKEN),
        (words("The response does not exist."), CLIENTS),
        (words("No item: 'The model x does not exist'"), CLIENTS),
        (words("Resource not found"), CLIENTS),
        (code(404, "not_found"), CLIENTS),
        (code(500, "model_not_found"), FAILED),
    ]);
}

#[test]
fn of_credentials() {
    let refused = |status, scope, whose| Given {
        credential: Some(scope),
        whose,
        ..with(status)
    };
    let (all, one) = (Scope::Provider, Scope::Deployment);
    let place = |code| Given {
        code,
        credential: Some(one),
        ..with(403)
    };
    check(&[
        (refused(401, all, Whose::Ours), ALL_BROKEN),
        (refused(502, all, Whose::Ours), ALL_BROKEN),
        (refused(403, one, Whose::Ours), BROKEN),
        (refused(401, all, Whose::TheClients), CLIENTS),
        (refused(403, one, Whose::TheClients), CLIENTS),
        (refused(401, all, Whose::Nobodys), CLIENTS),
        // Of a file of somebody else's.
        (with(403), CLIENTS),
        (place("unsupported_country_region_territory"), BROKEN_HERE),
        (
            Given {
                is_about_place: true,
                ..with(400)
            },
            BROKEN_HERE,
        ),
    ]);
}

#[test]
fn of_money() {
    let by_account = |given| Given {
        is_counted_by_model: false,
        headers: &[("retry-after", "38")],
        ..given
    };
    let code = |status, code| Given {
        code,
        ..with(status)
    };
    let by_model = row(Scope::Deployment, rest(600_000, false), true);
    let clients = |given| Given {
        whose: Whose::TheClients,
        ..given
    };
    check(&[
        (code(429, "insufficient_quota"), by_model),
        (by_account(code(429, "insufficient_quota")), UNPAID),
        (
            by_account(Given {
                kind: "insufficient_quota",
                ..with(429)
            }),
            UNPAID,
        ),
        (by_account(code(400, "billing_hard_limit_reached")), UNPAID),
        (by_account(with(402)), UNPAID),
        (code(400, "quotaExceeded"), CLIENTS),
        (clients(with(402)), CLIENTS),
        (clients(code(429, "insufficient_quota")), CLIENTS),
    ]);
}

const fn said(status: u16, headers: &'static [(&'static str, &'static str)]) -> Given {
    Given {
        headers,
        ..with(status)
    }
}

fn words(message: &'static str, mut given: Given) -> Given {
    given.message = message;
    given
}

#[test]
fn of_limits_by_their_words() {
    let in_full = &[("x-ratelimit-reset-tokens", "6m0s")];
    check(&[
        (said(429, &[("retry-after-ms", "120")]), says(120)),
        (said(429, &[("retry-after", "20")]), says(20_000)),
        (
            said(429, &[("retry-after", "20"), ("retry-after-ms", "1300")]),
            says(1_300),
        ),
        (
            said(429, &[("retry-after", "Fri, 20 Nov 2026 00:00:30 GMT")]),
            says(30_000),
        ),
        (
            said(429, &[("retry-after", "Thu, 19 Nov 2026 00:00:30 GMT")]),
            LIMITED,
        ),
        (said(429, &[("x-ms-retry-after-ms", "700")]), says(700)),
        (said(429, in_full), says(360_000)),
        (words("try again in 1.2s.", said(429, in_full)), says(1_200)),
        (
            words("try again in 1.2s.", said(429, &[("retry-after", "3")])),
            says(3_000),
        ),
        (
            words("Please retry after 45 seconds.", with(429)),
            says(45_000),
        ),
        (
            words("Please retry after 86400 seconds", with(429)),
            says(86_400_000),
        ),
        (said(429, &[("retry-after", "0")]), LIMITED),
        (said(429, &[("retry-after", "soon")]), LIMITED),
    ]);
}

#[test]
fn of_limits_that_are_not_the_targets() {
    let too_large = "Request too large for m on tokens per min (TPM)";
    let clients = |is_counted_by_model| Given {
        whose: Whose::TheClients,
        is_counted_by_model,
        ..said(429, &[("retry-after", "20")])
    };
    let at_the_next = Judgement {
        wait_millis: Some(20_000),
        ..NEXT
    };
    check(&[
        // More than a whole minute has is asked for: the next request may be served.
        (words(too_large, with(429)), NEXT),
        (words(too_large, with(413)), NEXT),
        (clients(true), says(20_000)),
        (clients(false), at_the_next),
    ]);
}

#[test]
fn of_others_that_say_when_they_are_back() {
    check(&[
        (said(503, &[("retry-after", "20")]), says(20_000)),
        (said(529, &[("retry-after-ms", "20")]), says(20)),
        (said(500, &[("x-ratelimit-reset-tokens", "9s")]), FAILED),
        (said(503, &[("retry-after", "0")]), FAILED),
        // It may repeat what the client wrote.
        (words("No schema: 'try again in 600s'", with(500)), FAILED),
        (said(409, &[("retry-after", "20")]), CLIENTS),
    ]);
}
