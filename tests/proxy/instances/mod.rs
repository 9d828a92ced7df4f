//! Several resources of Azure's behind one name: who serves what, and what is told of them.

mod settings;
mod status;

use crate::fake::{Gateway, gateway_of};

/// Two of them, as the proxy these settings are from has it, with more of them behind.
fn two(more: &[(&'static str, &'static str)]) -> Gateway {
    let settings = [
        ("AZURE_INSTANCES", "Primary, ,backup"),
        ("AZURE_INSTANCE_PRIMARY_API_KEY", "key-of-primary"),
        (
            "AZURE_INSTANCE_PRIMARY_API_BASE",
            "https://primary.openai.azure.com/",
        ),
        ("AZURE_INSTANCE_PRIMARY_PRIORITY", "10"),
        ("AZURE_INSTANCE_BACKUP_API_KEY", "key-of-backup"),
        (
            "AZURE_INSTANCE_BACKUP_API_BASE",
            "https://backup.openai.azure.com",
        ),
        ("AZURE_INSTANCE_BACKUP_PRIORITY", "20"),
        ("PROXY_API_KEYS", "alice:client-key,bob:key-of-bob:gpt-*"),
    ];
    // What comes later counts.
    let kept = settings
        .into_iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let gateway = gateway_of(kept.chain(more.iter().copied()));
    gateway.platform.wait(1_700_000_000_000);
    gateway
}

/// The providers that a chat for a model may go to, in the order of the configuration.
fn serving(gateway: &Gateway, model: Option<&str>) -> Vec<String> {
    let pool = gateway.config.route(model).map_err(|error| error.code);
    let Ok(pool) = pool else {
        return vec!["nobody".to_owned()];
    };
    let targets = pool.targets().iter();
    targets.map(|it| it.provider.name.clone()).collect()
}
