//! The check itself: read, understand, find what is wrong, say it.

use isthmus::config::{Config, instances};
use serde_json::{Value, json};

use crate::arguments::Options;
use crate::findings::{self, Finding, Level};
use crate::model;
use crate::print::Page;
use crate::secrets::Hidden;
use crate::sources::Sources;

/// The text to print, and the exit code.
pub fn run(options: &Options) -> Result<(String, u8), String> {
    let sources = Sources::read(options)?;
    let mut hidden = Hidden::of(&sources.settings, &sources.named(), &sources.document);
    let (_, keys) = instances::secrets(&sources.settings());
    hidden.hide(keys.iter().map(|(_, key)| key.as_str()));
    let config = Config::read(&sources.settings());
    let overview = config.overview();
    let findings = findings::collect(&sources, &overview);
    let code = code(&findings, options.strict);
    let asked = options.model.as_deref();
    let call = asked.map(|name| model::explain(&config, name, options.path.as_deref()));
    if options.json {
        let understood = serde_json::to_value(&overview).map_err(|error| error.to_string())?;
        let all = json!({
            "read": sources.read,
            "understood": understood,
            "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
            "errors": count(&findings, Level::Error),
            "warnings": count(&findings, Level::Warning),
            "call": call,
        });
        return Ok((pretty(&hidden.mask_json(all)), code));
    }
    let mut page = Page::default();
    page.overview(&sources.read, &overview);
    if let Some(call) = &call {
        page.explanation(call);
    }
    page.findings(&findings);
    Ok((hidden.mask(&page.into_text()), code))
}

fn count(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|it| it.level == level).count()
}

fn code(findings: &[Finding], is_strict: bool) -> u8 {
    let fails = |level| match level {
        Level::Error => true,
        Level::Warning => is_strict,
        Level::Hint => false,
    };
    u8::from(findings.iter().any(|it| fails(it.level)))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
