//! Operations, and the URLs they have.

use proptest::prelude::*;

use super::*;

const DATED: &str = "2024-10-21";

/// An operation, what the form with dates asks, what the one without does.
const PLACES: &str = "
POST completions /deployments/d/completions?api-version=2024-10-21 /v1/completions
POST embeddings /deployments/d/embeddings?api-version=2024-10-21 /v1/embeddings
POST images/generations /deployments/d/images/generations?api-version=2024-10-21 /v1/images/generations
POST images/edits /deployments/d/images/edits?api-version=2025-04-01-preview /v1/images/edits
POST audio/transcriptions /deployments/d/audio/transcriptions?api-version=2024-10-21 /v1/audio/transcriptions
POST audio/translations /deployments/d/audio/translations?api-version=2024-10-21 /v1/audio/translations
POST audio/speech /deployments/d/audio/speech?api-version=2025-04-01-preview /v1/audio/speech
GET chat/completions/c-1 /chat/completions/c-1?api-version=2025-04-01-preview /v1/chat/completions/c-1
POST responses /v1/responses /v1/responses
GET responses/r-1/input_items /v1/responses/r-1/input_items /v1/responses/r-1/input_items
POST responses/compact /v1/responses/compact /v1/responses/compact
POST conversations /v1/conversations /v1/conversations
GET containers/c/files /v1/containers/c/files /v1/containers/c/files
POST videos /v1/videos /v1/videos
POST realtime/client_secrets /v1/realtime/client_secrets /v1/realtime/client_secrets
POST realtime/calls /v1/realtime/calls /v1/realtime/calls
POST fine_tuning/alpha/graders/run /v1/fine_tuning/alpha/graders/run /v1/fine_tuning/alpha/graders/run
GET files/file-1/content /files/file-1/content?api-version=2024-10-21 /v1/files/file-1/content
POST uploads/u/parts /uploads/u/parts?api-version=2024-10-21 /v1/uploads/u/parts
POST batches /batches?api-version=2024-10-21 /v1/batches
POST fine_tuning/jobs/j/cancel /fine_tuning/jobs/j/cancel?api-version=2024-10-21 /v1/fine_tuning/jobs/j/cancel
GET models /models?api-version=2024-10-21 /v1/models
GET models/m /models/m?api-version=2024-10-21 /v1/models/m
GET deployments /deployments?api-version=2022-12-01 /deployments?api-version=2022-12-01
GET deployments/d%201 /deployments/d%201?api-version=2022-12-01 /deployments/d%201?api-version=2022-12-01
POST assistants /assistants?api-version=2025-04-01-preview /v1/assistants
POST threads/t/runs /threads/t/runs?api-version=2025-04-01-preview /v1/threads/t/runs
GET vector_stores/v /vector_stores/v?api-version=2025-04-01-preview /v1/vector_stores/v
GET evals /evals?api-version=2025-04-01-preview /v1/evals
GET realtime /realtime?api-version=2025-04-01-preview&deployment=d /v1/realtime?model=d
GET something/new /v1/something/new /v1/something/new
";

#[test]
fn every_operation_has_its_place() {
    for [method, path, dated, dateless] in rows(PLACES) {
        for (form, below) in [("classic", dated), ("v1", dateless)] {
            let resource = given("https://r.test", form, DATED).resource();
            let asked = format!("https://r.test/openai{below}");
            let ask = Ask {
                method,
                path,
                ..NO_ASK
            };
            assert_eq!(url(&resource, &ask), asked, "{form}");
        }
    }
}

/// A form, and what it has not.
const ABSENT: &str = "
classic POST moderations
v1 POST images/variations
v1 POST rerank
classic POST images/embeddings
foundry-models POST responses
foundry-models POST completions
foundry-models GET info
foundry-models GET deployments
foundry-models GET models
serverless GET deployments
anthropic GET models
serverless POST responses
serverless GET files
managed POST images/generations
github GET chat/completions
anthropic POST embeddings
";

#[test]
fn what_is_not_there_is_refused_by_name() {
    for [form, method, path] in rows(ABSENT) {
        let resource = given("https://r.test", form, "").resource();
        let ask = Ask {
            method,
            path,
            ..NO_ASK
        };
        let error = route::find(&resource, &ask).unwrap_err();
        assert_eq!((error.status(), error.code), (404, "unsupported_operation"));
        assert!(error.message.contains(path) && error.message.contains("azure"));
    }
}

/// An address, form and version, the client's path, and what is asked.
const SINGLE: &str = "
https://m.test serverless - embeddings https://m.test/v1/embeddings?a=b
https://m.test?api-version=2024-05-01-preview serverless - rerank https://m.test/v1/rerank?api-version=2024-05-01-preview&a=b
https://m.test serverless v1 info https://m.test/info?a=b
https://m.test/v1 managed - completions https://m.test/v1/completions?a=b
https://m.test foundry-models - rerank https://m.test/providers/cohere/v2/rerank?a=b
https://m.test/x foundry-models - images/embeddings https://m.test/x/models/images/embeddings?api-version=2024-05-01-preview&a=b
";

#[test]
fn hosts_of_one_model_keep_the_clients_path() {
    for [pasted, form, version, path, asked] in rows(SINGLE) {
        let ask = Ask {
            path,
            query: "api-version=2020-01-01&a=b",
            ..NO_ASK
        };
        assert_eq!(url(&given(pasted, form, version).resource(), &ask), asked);
    }
}

#[test]
fn a_socket_is_asked_for_over_http() {
    let at = "https://res.openai.azure.com/openai";
    for (form, version, query, below) in [
        (
            "classic",
            "2024-10-01-preview",
            "model=x",
            "/realtime?api-version=2024-10-01-preview&deployment=rt",
        ),
        ("v1", "", "model=x&api-version=1", "/v1/realtime?model=rt"),
        (
            "v1",
            "preview",
            "intent=transcription&model=x",
            "/v1/realtime?intent=transcription",
        ),
    ] {
        let resource = given("https://res.openai.azure.com", form, version).resource();
        let ask = Ask {
            method: "GET",
            path: "realtime",
            query,
            deployment: Some("rt"),
            is_upgrade: true,
            ..NO_ASK
        };
        assert_eq!(url(&resource, &ask), format!("{at}{below}"));
    }
    let pasted =
        "wss://r.openai.azure.com/openai/realtime?api-version=2024-10-01-preview&deployment=rt";
    let resource = given(pasted, "", "").resource();
    assert_eq!(resource.pinned.as_deref(), Some("rt"));
    let responses = Ask {
        method: "GET",
        path: "responses",
        is_upgrade: true,
        ..NO_ASK
    };
    assert_eq!(
        url(&resource, &responses),
        "https://r.openai.azure.com/openai/v1/responses"
    );
}

#[test]
fn responses_go_where_they_are() {
    for (version, responses, via_v1, asked) in [
        ("2024-10-21", "", true, "/v1/responses"),
        (
            "2025-03-01-preview",
            "",
            true,
            "/responses?api-version=2025-03-01-preview",
        ),
        ("2025-02-01-preview", "", true, "/v1/responses"),
        (
            "2024-12-01-preview",
            "",
            false,
            "/responses?api-version=2024-12-01-preview",
        ),
        ("2025-04-01-preview", "v1", true, "/v1/responses"),
        (
            "2025-04-01-preview",
            "preview",
            true,
            "/v1/responses?api-version=preview",
        ),
        (
            "v1",
            "2025-04-01-preview",
            true,
            "/responses?api-version=2025-04-01-preview",
        ),
        ("preview", "", true, "/v1/responses?api-version=preview"),
    ] {
        let choices = Choices {
            version: ApiVersion::parse(version),
            responses_version: ApiVersion::parse(responses),
            responses_via_v1: via_v1,
            ..Choices::new(Written::Azure)
        };
        let resource = Resource::new("https://r.openai.azure.com", choices).unwrap();
        let ask = Ask {
            path: "responses",
            ..NO_ASK
        };
        let asked = format!("https://r.openai.azure.com/openai{asked}");
        assert_eq!(url(&resource, &ask), asked, "{version} {responses}");
    }
}

#[test]
fn one_version_whatever_the_client_says() {
    let resource = given("https://r.test", "classic", DATED).resource();
    for (query, kept) in [
        ("", ""),
        ("api-version=2023-01-01", ""),
        (
            "API-Version=1&api%2Dversion=2&limit=3&&after=x%20y",
            "&limit=3&after=x%20y",
        ),
    ] {
        let ask = Ask {
            method: "GET",
            path: "files",
            query,
            ..NO_ASK
        };
        let asked = format!("https://r.test/openai/files?api-version={DATED}{kept}");
        assert_eq!(url(&resource, &ask), asked);
    }
    let own = ApiVersion::parse("2025-01-01-preview").unwrap();
    let ask = Ask {
        path: "embeddings",
        version: Some(&own),
        ..NO_ASK
    };
    assert!(url(&resource, &ask).ends_with("/d/embeddings?api-version=2025-01-01-preview"));
}

#[test]
fn a_deployment_is_one_segment() {
    let resource = given("https://r.test", "classic", DATED).resource();
    for (deployment, written) in [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("%2e%2e", "%252e%252e"),
        ("gpt-4.1", "gpt-4.1"),
        ("x?y#z", "x%3Fy%23z"),
    ] {
        let ask = Ask {
            path: "embeddings",
            deployment: Some(deployment),
            ..NO_ASK
        };
        let asked =
            format!("https://r.test/openai/deployments/{written}/embeddings?api-version={DATED}");
        assert_eq!(url(&resource, &ask), asked);
    }
    for (deployment, status, code) in [
        (Some("."), 404, "model_not_found"),
        (Some(".."), 404, "model_not_found"),
        (Some("../../files"), 400, "invalid_model"),
        (Some("a\\..\\b"), 400, "invalid_model"),
        (None, 400, "model_required"),
    ] {
        let ask = Ask {
            path: "embeddings",
            deployment,
            ..NO_ASK
        };
        let error = route::find(&resource, &ask).unwrap_err();
        assert_eq!(
            (error.status(), error.code, error.param),
            (status, code, Some("model"))
        );
    }
}

#[test]
fn images_were_once_submitted() {
    for (version, async_images, below) in [
        (
            "2023-08-01-preview",
            false,
            "images/generations:submit?api-version=2023-08-01-preview",
        ),
        (
            DATED,
            true,
            "images/generations:submit?api-version=2023-06-01-preview",
        ),
        (
            DATED,
            false,
            "deployments/d/images/generations?api-version=2024-10-21",
        ),
    ] {
        let choices = Choices {
            version: ApiVersion::parse(version),
            async_images,
            ..Choices::new(Written::Azure)
        };
        let resource = Resource::new("https://r.openai.azure.com", choices).unwrap();
        let ask = Ask {
            path: "images/generations",
            ..NO_ASK
        };
        assert_eq!(
            url(&resource, &ask),
            format!("https://r.openai.azure.com/openai/{below}")
        );
    }
}

proptest! {
    /// Whatever the names, paths and queries: the call stays below its place, with one version.
    #[test]
    fn a_call_stays_below_its_place(
        form in prop::sample::select(vec!["classic", "v1", "foundry-models", "serverless", "github"]),
        operation in prop::sample::select(vec!["chat/completions", "embeddings", "realtime", "responses"]),
        deployment in "(\\.|/|\\\\|%2e|[?#&=]|[ -~]|é){0,8}",
        query in "(api-version|API%2DVERSION|model|x)=[a-z&]{0,6}(&api-version=1)?",
    ) {
        let resource = given("https://r.test/prefix", form, DATED).resource();
        let ask = Ask { path: operation, query: &query, deployment: Some(&deployment), ..NO_ASK };
        let Ok(route) = route::find(&resource, &ask) else { return Ok(()) };
        let (place, query) = route.url.split_once('?').unwrap_or((&route.url, ""));
        prop_assert!(place.starts_with("https://r.test/prefix/"));
        prop_assert!(place.ends_with(operation), "{}", place);
        prop_assert!(!place.split('/').any(|segment| matches!(segment, "." | "..")));
        prop_assert!(!place.contains(['#', '\\', ' ']));
        let versions = query.split('&').filter(|pair| {
            let name = crate::surface::decode(pair.split('=').next().unwrap_or_default());
            name.eq_ignore_ascii_case("api-version")
        });
        let wanted = usize::from(route.spoken == Spoken::Classic || form == "foundry-models");
        let is_told = form == "serverless" || form == "github";
        prop_assert_eq!(versions.count(), wanted + usize::from(is_told));
    }

    /// Nothing anybody pastes does harm.
    #[test]
    fn anything_may_be_pasted(pasted in "(https://)?(r\\.test|r\\.openai\\.azure\\.com)?(/|openai|deployments|v1|api|projects|models|\\?|=|%2e|.){0,12}") {
        if let Ok(resource) = Resource::new(&pasted, Choices::new(Written::Azure)) {
            let path = "chat/completions";
            let url = route::find(&resource, &Ask { path, ..NO_ASK }).unwrap().url;
            prop_assert_eq!(url.split("//").count(), 2, "{}", url);
        }
    }
}
