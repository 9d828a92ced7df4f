//! One account of each kind by flat settings.

use crate::config::draft::{Draft, Mode};
use crate::config::settings::Settings;
use crate::gemini::Host;
use crate::gemini::options::Options;
use crate::providers::names::google::Aliases;

use super::{Plan, Said};

const STUDIO_KEY: [&str; 3] = [
    "GOOGLE_AI_STUDIO_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
];
const STUDIO_ENDPOINT: &str = "GOOGLE_AI_STUDIO_ENDPOINT";
const STUDIO_MAPPER: &str = "GOOGLE_MODEL_MAPPER";
const VERTEX_KEY: &str = "VERTEX_AI_API_KEY";
const VERTEX_ENDPOINT: &str = "VERTEX_AI_ENDPOINT";
const VERTEX_MAPPER: &str = "VERTEX_MODEL_MAPPER";
const PROJECT: [&str; 2] = ["VERTEX_AI_PROJECT_ID", "GOOGLE_CLOUD_PROJECT"];
const LOCATION: [&str; 2] = ["VERTEX_AI_LOCATION", "GOOGLE_CLOUD_LOCATION"];
const ACCOUNT: &str = "GOOGLE_APPLICATION_CREDENTIALS";

impl Draft {
    pub(in crate::config) fn read_studio(&mut self, settings: &Settings) {
        let is_set = settings.first(&STUDIO_KEY).is_some();
        let is_set = is_set || settings.get(STUDIO_ENDPOINT).is_some();
        if is_set && !settings.are_the_documents(&STUDIO_KEY) {
            self.add_studio(settings);
        }
    }

    /// Asked for by name, AI Studio needs nothing to be set: the client's own credential goes along.
    pub(in crate::config) fn complete_studio(&mut self, settings: &Settings) {
        let is_there = self.of_google("google", Host::Studio).is_some();
        if self.mode == Some(Mode::Google) && !is_there {
            self.add_studio(settings);
        }
    }

    fn add_studio(&mut self, settings: &Settings) {
        let mut account = self.account("google");
        let key = settings.first_unnamed(&STUDIO_KEY);
        let endpoint = settings.get(STUDIO_ENDPOINT);
        let problem = &mut account.problem;
        let keys = key.and_then(|(name, text)| self.keys_at(name, text, problem));
        let plan = Plan {
            keys,
            models: self.pairs(settings, STUDIO_MAPPER, "asked=model"),
            endpoint: endpoint.map(|text| Said::by(STUDIO_ENDPOINT, Some(text))),
            ..Plan::of(Host::Studio)
        };
        self.add_google(account, plan);
    }

    pub(in crate::config) fn read_vertex(&mut self, settings: &Settings) {
        let key = settings.first_unnamed(&[VERTEX_KEY]);
        let file = settings.first_unnamed(&[ACCOUNT]);
        let project = settings.first(&PROJECT);
        let endpoint = settings.get(VERTEX_ENDPOINT);
        let is_set = key.or(file).or(project).is_some() || endpoint.is_some();
        if !is_set || settings.are_the_documents(&[VERTEX_KEY, ACCOUNT]) {
            return;
        }
        let mut account = self.account("vertex");
        let problem = &mut account.problem;
        let keys = key.and_then(|(name, text)| self.keys_at(name, text, problem));
        let of_file = file.and_then(|(name, text)| self.account_at(name, text, problem));
        let location = settings.first(&LOCATION);
        let plan = Plan {
            keys,
            account: of_file,
            project: Said::first(project, PROJECT),
            location: Said::first(location, LOCATION),
            models: self.pairs(settings, VERTEX_MAPPER, "asked=model"),
            endpoint: endpoint.map(|text| Said::by(VERTEX_ENDPOINT, Some(text))),
            ..Plan::of(Host::Vertex)
        };
        self.add_google(account, plan);
    }
}

impl Plan<'_> {
    /// Nothing but the defaults.
    pub(super) fn of(host: Host) -> Self {
        Self {
            host,
            options: Options::default(),
            is_compat: false,
            aliases: Aliases::default(),
            keys: None,
            account: None,
            endpoint: None,
            project: Said::by("", None),
            location: Said::by("", None),
            models: Vec::new(),
        }
    }
}

impl<'a> Said<'a> {
    pub(super) fn by(setting: impl Into<String>, text: Option<&'a str>) -> Self {
        Self {
            setting: setting.into(),
            text,
        }
    }

    /// What the one setting of several says, or what should.
    fn first(found: Option<(&str, &'a str)>, [first, _]: [&str; 2]) -> Self {
        match found {
            Some((setting, text)) => Self::by(setting, Some(text)),
            None => Self::by(first, None),
        }
    }
}
