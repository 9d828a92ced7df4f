//! Pasted addresses and operations, and the URLs they make.

use super::route::{self, Ask};
use super::*;

const NO_ASK: Ask<'_> = Ask {
    provider: "azure",
    method: "POST",
    path: "",
    query: "",
    deployment: Some("d"),
    version: None,
    is_upgrade: false,
};

struct Given {
    pasted: &'static str,
    form: &'static str,
    version: &'static str,
}

fn given(pasted: &'static str, form: &'static str, version: &'static str) -> Given {
    Given {
        pasted,
        form,
        version,
    }
}

impl Given {
    fn resource(&self) -> Resource {
        let choices = Choices {
            form: Form::parse(self.form),
            version: ApiVersion::parse(self.version),
            ..Choices::new(Written::Azure)
        };
        Resource::new(self.pasted, choices).unwrap()
    }
}

fn url(resource: &Resource, ask: &Ask<'_>) -> String {
    route::find(resource, ask).unwrap().url
}

#[test]
fn what_people_paste_as_an_endpoint() {
    let classic = "https://res.openai.azure.com/openai/deployments/d/chat/completions";
    let ptu = "https://apim.test/PTU/openai/deployments/d/chat/completions";
    let local = "http://127.0.0.1:1234";
    for (given, asked) in [
        (given("https://res.openai.azure.com/", "", "2024-10-21"), format!("{classic}?api-version=2024-10-21")),
        (given("res.openai.azure.com", "", ""), format!("{classic}?api-version=2024-10-21")),
        (given("https://res.openai.azure.com/openai", "", "2024-06-01"), format!("{classic}?api-version=2024-06-01")),
        (given("https://res.openai.azure.com//openai//", "", ""), format!("{classic}?api-version=2024-10-21")),
        (given("https://res.openai.azure.com/openai/deployments/d", "", ""), format!("{classic}?api-version=2024-10-21")),
        (
            given("https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-02-01", "", "2024-10-21"),
            format!("{classic}?api-version=2024-10-21"),
        ),
        (
            given("https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-02-01&x=1#y", "", ""),
            format!("{classic}?api-version=2024-02-01"),
        ),
        (given("https://res.openai.azure.com/openai/responses?api-version=2025-04-01-preview", "", ""), format!("{classic}?api-version=2025-04-01-preview")),
        (given("https://res.openai.azure.com", "", "v1"), "https://res.openai.azure.com/openai/v1/chat/completions".to_owned()),
        (given("https://res.openai.azure.com/openai/v1/responses", "", "2024-10-21"), "https://res.openai.azure.com/openai/v1/chat/completions".to_owned()),
        (given("https://res.openai.azure.com", "", "preview"), "https://res.openai.azure.com/openai/v1/chat/completions?api-version=preview".to_owned()),
        (given("https://r.services.ai.azure.com/api/projects/p", "", ""), "https://r.services.ai.azure.com/api/projects/p/openai/v1/chat/completions".to_owned()),
        (given("https://r.services.ai.azure.com/api/projects/p/openai/v1/", "", ""), "https://r.services.ai.azure.com/api/projects/p/openai/v1/chat/completions".to_owned()),
        (
            given("https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview", "", ""),
            "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview".to_owned(),
        ),
        (given("https://r.services.ai.azure.com/models", "", ""), "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview".to_owned()),
        (given("https://r.services.ai.azure.com/anthropic/v1/messages", "", ""), "https://r.services.ai.azure.com/anthropic/v1/messages".to_owned()),
        (given("https://m.eastus2.models.ai.azure.com", "", ""), "https://m.eastus2.models.ai.azure.com/v1/chat/completions".to_owned()),
        (given("https://m.eastus2.models.ai.azure.com/", "", ""), "https://m.eastus2.models.ai.azure.com/v1/chat/completions".to_owned()),
        (given("https://m.eastus2.models.ai.azure.com/v1", "", ""), "https://m.eastus2.models.ai.azure.com/v1/chat/completions".to_owned()),
        (given("https://m.eastus2.models.ai.azure.com/chat/completions", "", ""), "https://m.eastus2.models.ai.azure.com/v1/chat/completions".to_owned()),
        (
            given("https://m-serverless.eastus2.inference.ai.azure.com/v1/chat/completions", "", ""),
            "https://m-serverless.eastus2.inference.ai.azure.com/v1/chat/completions".to_owned(),
        ),
        (given("https://models.inference.ai.azure.com", "", ""), "https://models.inference.ai.azure.com/chat/completions".to_owned()),
        (given("https://ep.eastus2.inference.ml.azure.com/score", "", ""), "https://ep.eastus2.inference.ml.azure.com/chat/completions".to_owned()),
        (given("https://apim.test/PTU", "classic", ""), format!("{ptu}?api-version=2024-10-21")),
        (given("https://apim.test/PTU/openai", "", ""), format!("{ptu}?api-version=2024-10-21")),
        (given("https://apim.test/PTU/deployments/d/chat/completions", "", ""), "https://apim.test/PTU/deployments/d/chat/completions?api-version=2024-10-21".to_owned()),
        (given("https://apim.test/openai/team", "", ""), "https://apim.test/openai/team/openai/deployments/d/chat/completions?api-version=2024-10-21".to_owned()),
        (given("https://apim.test/team/openai/v1", "", ""), "https://apim.test/team/openai/v1/chat/completions".to_owned()),
        (given("https://gateway.test/llm/v1", "", ""), "https://gateway.test/llm/v1/chat/completions".to_owned()),
        (given("https://apim.test/team", "", "v1"), "https://apim.test/team/openai/v1/chat/completions".to_owned()),
        (given(local, "classic", ""), format!("{local}/openai/deployments/d/chat/completions?api-version=2024-10-21")),
        (given(local, "v1", ""), format!("{local}/openai/v1/chat/completions")),
        (given(local, "foundry-models", ""), format!("{local}/models/chat/completions?api-version=2024-05-01-preview")),
        (given(local, "serverless", ""), format!("{local}/v1/chat/completions")),
        (given(local, "managed", ""), format!("{local}/chat/completions")),
        (given(local, "github", ""), format!("{local}/chat/completions")),
        (given(local, "anthropic", ""), format!("{local}/anthropic/v1/messages")),
    ] {
        let ask = Ask {
            path: "chat/completions",
            ..NO_ASK
        };
        assert_eq!(url(&given.resource(), &ask), asked, "{}", given.pasted);
    }
}

#[test]
fn hosts_are_known_by_the_ends_of_their_names() {
    use Form::{Anthropic, Classic, GitHub, Managed, Models, Serverless, V1};
    for (pasted, as_azure, as_foundry) in [
        ("https://res.openai.azure.com", Classic, Classic),
        ("https://res.openai.azure.us", Classic, Classic),
        ("https://res.openai.azure.com/openai/v1", V1, V1),
        (
            "https://res.cognitiveservices.azure.com/openai/deployments/d",
            Classic,
            Classic,
        ),
        (
            "https://eastus.api.cognitive.microsoft.com",
            Classic,
            Classic,
        ),
        ("https://res.services.ai.azure.com", V1, Models),
        ("https://res.services.ai.azure.com/openai", Classic, Classic),
        ("https://res.services.ai.azure.com/models", Models, Models),
        ("https://res.services.ai.azure.com/api/projects/p", V1, V1),
        (
            "https://res.services.ai.azure.com/anthropic/v1/messages",
            Anthropic,
            Anthropic,
        ),
        (
            "https://n.eastus2.models.ai.azure.com",
            Serverless,
            Serverless,
        ),
        (
            "https://n.eastus2.inference.ai.azure.com/v1",
            Serverless,
            Serverless,
        ),
        ("https://models.inference.ai.azure.com", GitHub, GitHub),
        (
            "https://ep.eastus2.inference.ml.azure.com/score",
            Managed,
            Managed,
        ),
        ("https://apim.azure-api.net/x", Classic, Models),
        ("https://evilservices.ai.azure.com", Classic, Models),
        ("https://services.ai.azure.com.evil.test", Classic, Models),
    ] {
        for (written, form) in [(Written::Azure, as_azure), (Written::Foundry, as_foundry)] {
            let resource = Resource::new(pasted, Choices::new(written)).unwrap();
            assert_eq!(resource.form, form, "{pasted} as {written:?}");
        }
    }
}

#[test]
fn addresses_that_are_none_are_refused() {
    for pasted in [
        "",
        "ftp://r.test",
        "https://r.test/../x",
        "https://r.test/%2e%2E/",
        "https://u:p@r.test",
    ] {
        let refused = Resource::new(pasted, Choices::new(Written::Azure));
        assert!(refused.is_err(), "{pasted}");
    }
}

const DATED: &str = "2024-10-21";

/// Operation, what the form with dates asks, what the one without does.
#[test]
fn every_operation_has_its_place() {
    let root = "https://r.test/openai";
    for (method, path, dated, dateless) in [
        (
            "POST",
            "completions",
            "/deployments/d/completions?api-version=2024-10-21",
            "/v1/completions",
        ),
        (
            "POST",
            "embeddings",
            "/deployments/d/embeddings?api-version=2024-10-21",
            "/v1/embeddings",
        ),
        (
            "POST",
            "images/generations",
            "/deployments/d/images/generations?api-version=2024-10-21",
            "/v1/images/generations",
        ),
        (
            "POST",
            "images/edits",
            "/deployments/d/images/edits?api-version=2025-04-01-preview",
            "/v1/images/edits",
        ),
        (
            "POST",
            "audio/transcriptions",
            "/deployments/d/audio/transcriptions?api-version=2024-10-21",
            "/v1/audio/transcriptions",
        ),
        (
            "POST",
            "audio/translations",
            "/deployments/d/audio/translations?api-version=2024-10-21",
            "/v1/audio/translations",
        ),
        (
            "POST",
            "audio/speech",
            "/deployments/d/audio/speech?api-version=2025-04-01-preview",
            "/v1/audio/speech",
        ),
        (
            "GET",
            "chat/completions/c-1",
            "/chat/completions/c-1?api-version=2025-04-01-preview",
            "/v1/chat/completions/c-1",
        ),
        ("POST", "responses", "/v1/responses", "/v1/responses"),
        (
            "GET",
            "responses/r-1/input_items",
            "/v1/responses/r-1/input_items",
            "/v1/responses/r-1/input_items",
        ),
        (
            "POST",
            "responses/compact",
            "/v1/responses/compact",
            "/v1/responses/compact",
        ),
        (
            "POST",
            "conversations",
            "/v1/conversations",
            "/v1/conversations",
        ),
        (
            "GET",
            "containers/c/files",
            "/v1/containers/c/files",
            "/v1/containers/c/files",
        ),
        ("POST", "videos", "/v1/videos", "/v1/videos"),
        (
            "POST",
            "realtime/client_secrets",
            "/v1/realtime/client_secrets",
            "/v1/realtime/client_secrets",
        ),
        (
            "POST",
            "realtime/calls",
            "/v1/realtime/calls",
            "/v1/realtime/calls",
        ),
        (
            "POST",
            "fine_tuning/alpha/graders/run",
            "/v1/fine_tuning/alpha/graders/run",
            "/v1/fine_tuning/alpha/graders/run",
        ),
        (
            "GET",
            "files/file-1/content",
            "/files/file-1/content?api-version=2024-10-21",
            "/v1/files/file-1/content",
        ),
        (
            "POST",
            "uploads/u/parts",
            "/uploads/u/parts?api-version=2024-10-21",
            "/v1/uploads/u/parts",
        ),
        (
            "POST",
            "batches",
            "/batches?api-version=2024-10-21",
            "/v1/batches",
        ),
        (
            "POST",
            "fine_tuning/jobs/j/cancel",
            "/fine_tuning/jobs/j/cancel?api-version=2024-10-21",
            "/v1/fine_tuning/jobs/j/cancel",
        ),
        (
            "GET",
            "models",
            "/models?api-version=2024-10-21",
            "/v1/models",
        ),
        (
            "GET",
            "models/m",
            "/models/m?api-version=2024-10-21",
            "/v1/models/m",
        ),
        (
            "GET",
            "models/m/capabilities",
            "/models/m?api-version=2024-10-21",
            "/v1/models/m",
        ),
        (
            "POST",
            "assistants",
            "/assistants?api-version=2025-04-01-preview",
            "/v1/assistants",
        ),
        (
            "POST",
            "threads/t/runs",
            "/threads/t/runs?api-version=2025-04-01-preview",
            "/v1/threads/t/runs",
        ),
        (
            "GET",
            "vector_stores/v",
            "/vector_stores/v?api-version=2025-04-01-preview",
            "/v1/vector_stores/v",
        ),
        (
            "GET",
            "evals",
            "/evals?api-version=2025-04-01-preview",
            "/v1/evals",
        ),
        (
            "GET",
            "realtime",
            "/realtime?api-version=2025-04-01-preview&deployment=d",
            "/v1/realtime?model=d",
        ),
        (
            "GET",
            "something/new",
            "/v1/something/new",
            "/v1/something/new",
        ),
    ] {
        for (form, below) in [("classic", dated), ("v1", dateless)] {
            let resource = given("https://r.test", form, DATED).resource();
            let ask = Ask {
                method,
                path,
                ..NO_ASK
            };
            assert_eq!(url(&resource, &ask), format!("{root}{below}"), "{form}");
        }
    }
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    for (form, method, path) in [
        ("classic", "POST", "moderations"),
        ("v1", "POST", "images/variations"),
        ("v1", "POST", "rerank"),
        ("classic", "POST", "images/embeddings"),
        ("foundry-models", "POST", "responses"),
        ("foundry-models", "POST", "completions"),
        ("foundry-models", "GET", "info"),
        ("serverless", "POST", "responses"),
        ("serverless", "GET", "files"),
        ("managed", "POST", "images/generations"),
        ("github", "GET", "chat/completions"),
        ("anthropic", "POST", "embeddings"),
    ] {
        let resource = given("https://r.test", form, "").resource();
        let error = route::find(
            &resource,
            &Ask {
                method,
                path,
                ..NO_ASK
            },
        )
        .unwrap_err();
        assert_eq!((error.status(), error.code), (404, "unsupported_operation"));
        assert!(error.message.contains(path) && error.message.contains("azure"));
    }
}

#[test]
fn hosts_of_one_model_keep_the_clients_path() {
    for (given, path, asked) in [
        (
            given("https://m.test", "serverless", ""),
            "embeddings",
            "https://m.test/v1/embeddings?a=b",
        ),
        (
            given(
                "https://m.test?api-version=2024-05-01-preview",
                "serverless",
                "",
            ),
            "rerank",
            "https://m.test/v1/rerank?api-version=2024-05-01-preview&a=b",
        ),
        (
            given("https://m.test", "serverless", "v1"),
            "info",
            "https://m.test/info?a=b",
        ),
        (
            given("https://m.test/v1", "managed", ""),
            "completions",
            "https://m.test/v1/completions?a=b",
        ),
        (
            given("https://m.test", "foundry-models", ""),
            "rerank",
            "https://m.test/providers/cohere/v2/rerank?a=b",
        ),
        (
            given("https://m.test/x", "foundry-models", ""),
            "images/embeddings",
            "https://m.test/x/models/images/embeddings?api-version=2024-05-01-preview&a=b",
        ),
    ] {
        let ask = Ask {
            path,
            query: "api-version=2020-01-01&a=b",
            ..NO_ASK
        };
        let ask = Ask {
            method: if path == "info" { "GET" } else { "POST" },
            ..ask
        };
        assert_eq!(url(&given.resource(), &ask), asked);
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
    let own = ApiVersion::dated("2025-01-01-preview");
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
fn lists_are_asked_for_as_their_owner_wants() {
    for (list_mode, version, below) in [
        (
            ListMode::Configured,
            DATED,
            "/models?api-version=2024-06-01",
        ),
        (ListMode::AzureModels, "v1", "/v1/models"),
        (
            ListMode::Deployments,
            "v1",
            "/deployments?api-version=2022-12-01",
        ),
    ] {
        let choices = Choices {
            version: ApiVersion::parse(version),
            models_version: ApiVersion::dated("2024-06-01"),
            list_mode,
            ..Choices::new(Written::Azure)
        };
        let resource = Resource::new("https://r.openai.azure.com", choices).unwrap();
        let ask = Ask {
            method: "GET",
            path: "models",
            deployment: None,
            ..NO_ASK
        };
        assert_eq!(
            url(&resource, &ask),
            format!("https://r.openai.azure.com/openai{below}")
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

#[test]
fn tokens_are_for_the_host_they_are_sent_to() {
    for (pasted, authority, scope) in [
        (
            "https://r.openai.azure.com",
            "login.microsoftonline.com",
            "cognitiveservices.azure.com",
        ),
        (
            "https://r.services.ai.azure.com/api/projects/p",
            "login.microsoftonline.com",
            "ai.azure.com",
        ),
        (
            "https://e.eastus.inference.ml.azure.com",
            "login.microsoftonline.com",
            "ml.azure.com",
        ),
        (
            "https://r.openai.azure.us",
            "login.microsoftonline.us",
            "cognitiveservices.azure.us",
        ),
        (
            "https://r.openai.azure.cn",
            "login.partner.microsoftonline.cn",
            "cognitiveservices.azure.cn",
        ),
        (
            "https://apim.example.us",
            "login.microsoftonline.com",
            "cognitiveservices.azure.com",
        ),
    ] {
        let application = Application {
            tenant: "t".to_owned(),
            client_id: "c".to_owned(),
            client_secret: Secret::new("s").unwrap(),
            scope: None,
            authority: None,
        };
        let choices = Choices {
            application: Some(application),
            ..Choices::new(Written::Azure)
        };
        let identity = Resource::new(pasted, choices).unwrap().identity.unwrap();
        assert_eq!(identity.authority, format!("https://{authority}"));
        assert_eq!(identity.scope, format!("https://{scope}/.default"));
    }
}
