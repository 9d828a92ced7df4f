//! docs/migrating.md, section by section: what moves an old file is understood as the page has it.

use std::fs;

use serde_json::Value;

use crate::folder::folder;

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/migrating.md")).unwrap()
}

/// The blocks of a section in one language.
fn blocks(title: &str, language: &str) -> Vec<String> {
    let page = page();
    let (_, section) = page.split_once(&format!("\n## {title}")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let begins = format!("```{language}\n");
    let blocks = section.split(&begins).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// The names in the JSON that goes up with `wrangler secret bulk`, and what is put by itself.
fn secrets(title: &str) -> Vec<String> {
    let text = blocks(title, "sh").concat();
    let echoed = text
        .split("echo '")
        .nth(1)
        .and_then(|it| it.split('\'').next());
    let echoed: Value = serde_json::from_str(echoed.unwrap()).unwrap();
    let names = echoed.as_object().unwrap().keys().cloned();
    let put = text.split("secret put ").skip(1);
    let put = put.filter_map(|it| it.split_whitespace().next().map(str::to_owned));
    names.chain(put).collect()
}

/// Section -> what is said of its settings.
#[test]
fn what_moves_an_old_file_is_understood() {
    for (title, says) in [
        (
            "azure-oai-proxy",
            &[
                "azure azure key: set https://your-endpoint.openai.azure.com/openai/deployments/MODEL/chat/completions?api-version=2024-05-01-preview",
                "gpt-4o mapped azure/prod-4o",
                "default provider azure",
            ][..],
        ),
        (
            "Multi-AI Proxy",
            &[
                "mistral-large-2407 foundry key: set https://Mistral-large2.swedencentral.models.ai.azure.com/v1/chat/completions",
                "google google key: set https://generativelanguage.googleapis.com/v1beta/models/MODEL",
                "vertex vertex key: account https://aiplatform.googleapis.com/v1beta1/projects/your-project/locations/global/publishers/google/models/MODEL",
                "default provider azure",
            ],
        ),
        (
            "llm_router",
            &[
                "azure azure key: set https://instance.openai.azure.com/openai/deployments/MODEL/chat/completions?api-version=2024-10-21",
                "gpt35turbo mapped azure/gpt-35-turbo-deployment",
                "gpt4o mapped azure/gpt4o-deployment",
            ],
        ),
        (
            "azure-openai-proxy",
            &[
                "upstream openai key: set http://tgi.example.com:8080/v1/chat/completions",
                "default provider upstream",
            ],
        ),
    ] {
        let vars = blocks(title, "toml").swap_remove(0);
        let secrets = secrets(title);
        let options: Vec<String> = secrets.iter().map(|it| format!("--secret {it}")).collect();
        let said = folder([("wrangler.toml", vars.as_str())]).check(&options.join(" "));
        for text in says {
            said.says(text);
        }
        said.says("no errors, no warnings");
        assert!(!said.out.contains("Hints"), "{title}: {}", said.out);
    }
}

#[test]
fn several_instances_are_settings_as_they_were() {
    let vars = blocks("llm_router", "toml").swap_remove(1);
    let keys = "--secret AZURE_INSTANCE_PRIMARY_API_KEY --secret AZURE_INSTANCE_BACKUP_API_KEY --secret PROXY_API_KEYS";
    let said = folder([("wrangler.toml", vars.as_str())]).check(keys);
    said.says("gpt4o mapped primary/gpt4o-deployment, then backup/gpt4o-deployment");
    said.says("* instances primary/*, then backup/*");
    said.says("limits 30000 tokens a minute for all calls together; leased");
    said.says("no errors, no warnings");
    assert!(!said.out.contains("Hints"), "{}", said.out);
}

/// They are asked for in KV, and name their secrets.
#[test]
fn provider_files_are_looked_for() {
    const FILE: &str = r#"{"o": {"api_key_variable": "OPENAI_API_TOKEN", "target_base_url": "https://api.openai.com",
        "models": {"m": {"endpoints": [{"path": "v1/chat/completions"}]}}}}"#;
    let title = "fast-openai-api-proxy";
    let vars = blocks(title, "toml").swap_remove(0);
    let secrets = secrets(title);
    let options: Vec<String> = secrets.iter().map(|it| format!("--secret {it}")).collect();
    let there = folder([("wrangler.toml", vars.as_str()), ("a.json", FILE)]);
    let said = there.check(&options.join(" "));
    said.says("wrangler.toml:2: FOAP_CONFIG is kept in KV, which is not asked: give its files with --foap FILE.");
    assert!(!said.out.contains("is not known"), "{}", said.out);
    let said = there.check(&format!("{} --foap a.json", options.join(" ")));
    said.says("m provider file o/m (v1/chat/completions)");
    said.says("no errors, no warnings");
    assert!(!said.out.contains("Hints"), "{}", said.out);
}

/// Of the files as they were: whatever does nothing here is told with what is there in its place.
#[test]
fn what_does_nothing_is_told() {
    for (title, names) in [
        (
            "llm_router",
            &["PORT", "USE_REDIS_RATE_LIMITER", "REDIS_URL"][..],
        ),
        ("fast-openai-api-proxy", &["FOAP_HOST", "FOAP_PORT"]),
        ("Multi-AI Proxy", &[]),
    ] {
        let old = blocks(title, "sh").swap_remove(0);
        let said = folder([("wrangler.toml", ""), (".dev.vars", old.as_str())]).check("");
        for name in names {
            let told = format!(": {name} does nothing here: ");
            assert!(said.out.contains(&told), "{name}: {}", said.out);
        }
        let told = said.out.matches("does nothing here").count();
        assert_eq!(told, names.len(), "{}", said.out);
        assert!(!said.out.contains("is not known"), "{}", said.out);
    }
}
