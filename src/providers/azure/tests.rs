//! Pasted addresses, and what they are taken for.

mod lists;
mod places;

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

fn application() -> Application {
    Application {
        tenant: "t".to_owned(),
        client_id: "c".to_owned(),
        client_secret: Secret::new("s").unwrap(),
        scope: None,
        authority: None,
    }
}

/// The lines of a table; `-` is an empty cell.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.is_empty()).map(|line| {
        let cells = line
            .split(' ')
            .map(|cell| if cell == "-" { "" } else { cell });
        let cells: Vec<_> = cells.collect();
        cells.try_into().expect("a row has a cell for every column")
    })
}

/// What is pasted, form and version as configured, and where a chat goes.
const PASTED: &str = "
https://res.openai.azure.com/ - 2024-10-21 https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21
res.openai.azure.com - - https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21
https://res.openai.azure.com/openai - 2024-06-01 https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01
https://res.openai.azure.com//openai// - - https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21
https://res.openai.azure.com/openai/deployments/d - - https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21
https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-02-01 - 2024-10-21 https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21
https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-02-01&x=1#y - - https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-02-01
https://res.openai.azure.com/openai/responses?api-version=2025-04-01-preview - - https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-04-01-preview
https://res.openai.azure.com - v1 https://res.openai.azure.com/openai/v1/chat/completions
https://res.openai.azure.com/openai/v1/responses - 2024-10-21 https://res.openai.azure.com/openai/v1/chat/completions
https://res.openai.azure.com - preview https://res.openai.azure.com/openai/v1/chat/completions?api-version=preview
https://r.services.ai.azure.com/api/projects/p - - https://r.services.ai.azure.com/api/projects/p/openai/v1/chat/completions
https://r.services.ai.azure.com/api/projects/p/openai/v1/ - - https://r.services.ai.azure.com/api/projects/p/openai/v1/chat/completions
https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview - - https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview
https://r.services.ai.azure.com/models - - https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview
https://r.services.ai.azure.com/anthropic/v1/messages - - https://r.services.ai.azure.com/anthropic/v1/messages
https://m.eastus2.models.ai.azure.com - - https://m.eastus2.models.ai.azure.com/v1/chat/completions
https://m.eastus2.models.ai.azure.com/ - - https://m.eastus2.models.ai.azure.com/v1/chat/completions
https://m.eastus2.models.ai.azure.com/v1 - - https://m.eastus2.models.ai.azure.com/v1/chat/completions
https://m.eastus2.models.ai.azure.com/chat/completions - - https://m.eastus2.models.ai.azure.com/v1/chat/completions
https://m-serverless.eastus2.inference.ai.azure.com/v1/chat/completions - - https://m-serverless.eastus2.inference.ai.azure.com/v1/chat/completions
https://models.inference.ai.azure.com - - https://models.inference.ai.azure.com/chat/completions
https://ep.eastus2.inference.ml.azure.com/score - - https://ep.eastus2.inference.ml.azure.com/chat/completions
https://apim.test/PTU classic - https://apim.test/PTU/openai/deployments/d/chat/completions?api-version=2024-10-21
https://apim.test/PTU/openai - - https://apim.test/PTU/openai/deployments/d/chat/completions?api-version=2024-10-21
https://apim.test/PTU/deployments/d/chat/completions - - https://apim.test/PTU/deployments/d/chat/completions?api-version=2024-10-21
https://apim.test/openai/team - - https://apim.test/openai/team/openai/deployments/d/chat/completions?api-version=2024-10-21
https://apim.test/team/openai/v1 - - https://apim.test/team/openai/v1/chat/completions
https://gateway.test/llm/v1 - - https://gateway.test/llm/v1/chat/completions
https://apim.test/team - v1 https://apim.test/team/openai/v1/chat/completions
http://127.0.0.1:1234 classic - http://127.0.0.1:1234/openai/deployments/d/chat/completions?api-version=2024-10-21
http://127.0.0.1:1234 v1 - http://127.0.0.1:1234/openai/v1/chat/completions
http://127.0.0.1:1234 foundry-models - http://127.0.0.1:1234/models/chat/completions?api-version=2024-05-01-preview
http://127.0.0.1:1234 serverless - http://127.0.0.1:1234/v1/chat/completions
http://127.0.0.1:1234 managed - http://127.0.0.1:1234/chat/completions
http://127.0.0.1:1234 github - http://127.0.0.1:1234/chat/completions
http://127.0.0.1:1234 anthropic - http://127.0.0.1:1234/anthropic/v1/messages
";

#[test]
fn what_people_paste_as_an_endpoint() {
    for [pasted, form, version, asked] in rows(PASTED) {
        let ask = Ask {
            path: "chat/completions",
            ..NO_ASK
        };
        let resource = given(pasted, form, version).resource();
        assert_eq!(url(&resource, &ask), asked, "{pasted}");
    }
}

/// An address, and its form where its owner wrote `azure`, or `foundry`.
const HOSTS: &str = "
https://res.openai.azure.com classic classic
https://res.openai.azure.us classic classic
https://res.openai.azure.com/openai/v1 v1 v1
https://res.cognitiveservices.azure.com/openai/deployments/d classic classic
https://eastus.api.cognitive.microsoft.com classic classic
https://res.services.ai.azure.com v1 foundry-models
https://res.services.ai.azure.com/openai classic classic
https://res.services.ai.azure.com/models foundry-models foundry-models
https://res.services.ai.azure.com/api/projects/p v1 v1
https://res.services.ai.azure.com/anthropic/v1/messages anthropic anthropic
https://n.eastus2.models.ai.azure.com serverless serverless
https://n.eastus2.inference.ai.azure.com/v1 serverless serverless
https://models.inference.ai.azure.com github github
https://ep.eastus2.inference.ml.azure.com/score managed managed
https://apim.azure-api.net/x classic foundry-models
https://evilservices.ai.azure.com classic foundry-models
https://services.ai.azure.com.evil.test classic foundry-models
";

#[test]
fn hosts_are_known_by_the_ends_of_their_names() {
    for [pasted, as_azure, as_foundry] in rows(HOSTS) {
        for (written, form) in [(Written::Azure, as_azure), (Written::Foundry, as_foundry)] {
            let resource = Resource::new(pasted, Choices::new(written)).unwrap();
            let form = Form::parse(form).unwrap();
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
        let choices = Choices {
            application: Some(application()),
            ..Choices::new(Written::Azure)
        };
        let identity = Resource::new(pasted, choices).unwrap().identity.unwrap();
        let Identity::Entra(identity) = &*identity else {
            panic!("{pasted}");
        };
        assert_eq!(identity.authority, format!("https://{authority}"));
        assert_eq!(identity.scope, format!("https://{scope}/.default"));
    }
}
