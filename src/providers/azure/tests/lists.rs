//! Where a resource's lists are, and which of them are asked for.

use super::*;

/// An address, its form, the path of a list, and what is asked: without an application of Entra's, and with one.
const LISTS: &str = "
https://r.openai.azure.com classic models https://r.openai.azure.com/openai/models?api-version=2024-06-01 -
https://r.openai.azure.com v1 models https://r.openai.azure.com/openai/v1/models -
https://r.openai.azure.com v1 deployments https://r.openai.azure.com/openai/deployments?api-version=2022-12-01 -
https://r.services.ai.azure.com foundry-models deployments https://r.services.ai.azure.com/openai/deployments?api-version=2022-12-01 -
https://r.services.ai.azure.com foundry-models models/Phi-4 https://r.services.ai.azure.com/openai/deployments/Phi-4?api-version=2022-12-01 -
https://r.services.ai.azure.com/api/projects/p v1 models https://r.services.ai.azure.com/api/projects/p/openai/v1/models -
https://r.services.ai.azure.com/api/projects/p v1 deployments https://r.services.ai.azure.com/openai/deployments?api-version=2022-12-01 https://r.services.ai.azure.com/api/projects/p/deployments?api-version=v1
https://r.services.ai.azure.com/api/projects/p/openai/v1/ v1 deployments/d https://r.services.ai.azure.com/openai/deployments/d?api-version=2022-12-01 https://r.services.ai.azure.com/api/projects/p/deployments/d?api-version=v1
https://gateway.test/api/projects/p v1 deployments https://gateway.test/api/projects/p/openai/deployments?api-version=2022-12-01 -
https://models.inference.ai.azure.com github models https://models.inference.ai.azure.com/models -
https://models.github.ai/inference github models https://models.github.ai/catalog/models -
https://models.github.ai/inference github chat/completions https://models.github.ai/inference/chat/completions -
";

#[test]
fn lists_have_their_places() {
    for [pasted, form, path, asked, with_identity] in rows(LISTS) {
        let with_identity = Some(with_identity).filter(|it| !it.is_empty());
        for (application, asked) in [
            (None, asked),
            (Some(application()), with_identity.unwrap_or(asked)),
        ] {
            let choices = Choices {
                form: Form::parse(form),
                models_version: ApiVersion::parse("2024-06-01").unwrap(),
                application,
                ..Choices::new(Written::Azure)
            };
            let resource = Resource::new(pasted, choices).unwrap();
            let ask = Ask {
                method: if path == "chat/completions" {
                    "POST"
                } else {
                    "GET"
                },
                path,
                deployment: None,
                ..NO_ASK
            };
            assert_eq!(url(&resource, &ask), asked, "{pasted}");
        }
    }
}

/// An address, its form and the mode of its list; what is asked where nothing is mapped, where something is, and where
/// all is wanted.
const SAID: &str = "
https://r.openai.azure.com classic configured deployments,models - deployments,models
https://r.openai.azure.com v1 configured deployments,models - deployments,models
https://gateway.test classic configured deployments,models - deployments,models
https://r.openai.azure.com classic azure_models models models models
https://r.openai.azure.com v1 deployments deployments deployments deployments
https://r.services.ai.azure.com foundry-models configured deployments - deployments
https://r.services.ai.azure.com foundry-models azure_models deployments deployments deployments
https://gateway.test foundry-models deployments - - -
https://m.test serverless configured info - info
https://m.test managed configured info - info
https://models.github.ai/inference github configured models - models
https://r.services.ai.azure.com anthropic deployments - - -
";

#[test]
fn lists_are_asked_for_as_their_owner_wants() {
    for [pasted, form, list_mode, usual, mapped, all] in rows(SAID) {
        let choices = Choices {
            form: Form::parse(form),
            list_mode: ListMode::parse(list_mode).unwrap(),
            ..Choices::new(Written::Azure)
        };
        let resource = Resource::new(pasted, choices).unwrap();
        for (everything, is_mapped, lists) in [
            (false, false, usual),
            (false, true, mapped),
            (true, false, all),
            (true, true, all),
        ] {
            let asked = resource.lists(everything, is_mapped).join(",");
            assert_eq!(asked, lists, "{pasted} {form} {list_mode}");
        }
    }
}
