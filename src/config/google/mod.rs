//! Google's providers, flat and in the document.

mod flat;
mod native;

use crate::config::draft::{Account, Draft};
use crate::credentials::google;
use crate::credentials::keys::Keys;
use crate::gemini::options::Options;
use crate::gemini::{Host, Manner};
use crate::providers::Kind;
use crate::providers::google::{Choices, Pasted, Site, USUAL_LOCATION};
use crate::providers::names::google::{Aliases, Googles};
use crate::providers::names::{Deployment, Names, Otherwise};

/// What both ways of writing an account bring together. Texts stand beside the setting they are from.
struct Plan<'a> {
    host: Host,
    options: Options,
    is_compat: bool,
    aliases: Aliases,
    keys: Option<Keys>,
    account: Option<google::Account>,
    endpoint: Option<Said<'a>>,
    project: Said<'a>,
    location: Said<'a>,
    /// Name asked -> name there.
    models: Vec<(String, String)>,
}

/// A setting, and what it says.
struct Said<'a> {
    setting: String,
    text: Option<&'a str>,
}

impl Draft {
    /// What is wrong breaks the provider, and leaves it in its place: its names go nowhere else.
    fn add_google(&mut self, mut account: Account, plan: Plan<'_>) {
        let problem = &mut account.problem;
        let pasted = self.pasted(plan.endpoint.as_ref(), problem);
        let of_account = plan.account.as_ref().and_then(|it| it.project.as_deref());
        let project = plan.project.text.or(of_account);
        let project = project.or(pasted.project.as_deref());
        let project = project.and_then(|it| self.project(&plan.project.setting, it, problem));
        let location = plan.location.text.or(pasted.location.as_deref());
        let location = location.and_then(|it| self.location(&plan.location.setting, it, problem));
        if plan.host == Host::Vertex && problem.is_none() {
            let is_express = plan.keys.is_some() && plan.account.is_none() && !plan.is_compat;
            if project.is_none() && !is_express {
                let setting = &plan.project.setting;
                let text = format!("Vertex AI project not set: {setting} should name it.");
                self.fault(text, problem);
            }
            self.note_credentials(&account.name, &plan);
        }
        let googles = Googles {
            host: plan.host,
            aliases: plan.aliases,
            with_maker: plan.host == Host::Vertex && plan.is_compat,
        };
        let mut names = Names::new(Otherwise::Googles(googles), None);
        for (name, there) in &plan.models {
            names.map(name, Deployment::named(&googles.written(there)));
        }
        let site = Site::new(Choices {
            manner: Manner {
                host: plan.host,
                options: plan.options,
            },
            is_compat: plan.is_compat,
            keys: plan.keys,
            account: plan.account,
            base: pasted.base,
            project,
            location: location.unwrap_or_else(|| USUAL_LOCATION.to_owned()),
        });
        self.add(account, Kind::Google(Box::new(site)), names, None);
    }

    fn note_credentials(&mut self, name: &str, plan: &Plan<'_>) {
        match (&plan.keys, &plan.account) {
            (None, None) => self.warn(format!(
                "The provider `{name}` has neither an account nor a key: it serves only who brings a token along."
            )),
            (Some(_), Some(_)) => self.warn(format!(
                "The key of the provider `{name}` is not used: there is an account."
            )),
            _ => {}
        }
    }

    fn pasted(&mut self, said: Option<&Said<'_>>, problem: &mut Option<String>) -> Pasted {
        let Some(Said { setting, text }) = said else {
            return Pasted::default();
        };
        let read = Pasted::read(text.unwrap_or_default());
        read.unwrap_or_else(|reason| {
            let text = format!("The setting {setting} is not an address: {reason}.");
            self.fault(text, problem);
            Pasted::default()
        })
    }

    /// It becomes part of every path. Domains may stand in it (`example.com:project`), and its number for its id.
    fn project(
        &mut self,
        setting: &str,
        text: &str,
        problem: &mut Option<String>,
    ) -> Option<String> {
        let project = text.strip_prefix("projects/").unwrap_or(text);
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_');
        let is_id = project.bytes().all(is_plain)
            && project.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if !is_id {
            let text = format!("{setting} should be the id of a project.");
            self.fault(text, problem);
        }
        is_id.then(|| project.to_owned())
    }

    /// It becomes part of a host: a key goes to none that is not Google's.
    fn location(
        &mut self,
        setting: &str,
        text: &str,
        problem: &mut Option<String>,
    ) -> Option<String> {
        let location = text.to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_one = location.bytes().all(is_plain)
            && location.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_one {
            let text = format!("{setting} should be a location like global, eu or us-central1.");
            self.fault(text, problem);
        }
        is_one.then_some(location)
    }

    /// An account, from the JSON that Google gives out for it.
    fn account_at(
        &mut self,
        setting: &str,
        text: &str,
        problem: &mut Option<String>,
    ) -> Option<google::Account> {
        let read = google::Account::parse(text);
        read.map_err(|reason| {
            let text = format!("{setting} cannot be used: {reason}.");
            self.fault(text, problem);
        })
        .ok()
    }

    fn keys_at(&mut self, setting: &str, text: &str, problem: &mut Option<String>) -> Option<Keys> {
        let keys = Keys::parse(text);
        if keys.is_none() {
            self.fault(format!("{setting} holds no key."), problem);
        }
        keys
    }
}
