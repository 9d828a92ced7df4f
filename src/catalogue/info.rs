//! A model as clients of Azure AI Model Inference are told of it, and the one that is meant where none is named.

use crate::answer::Answer;
use crate::catalogue::list::Entry;
use crate::catalogue::one::Found;
use crate::catalogue::shape::Told;
use crate::catalogue::{Catalogue, Question, capabilities, refuse};
use crate::error::{Error, Kind, Result};
use crate::inference::info;
use crate::listed;
use crate::platform::Platform;
use crate::report::Report;

impl<P: Platform> Catalogue<'_, P> {
    pub(super) async fn info(
        &self,
        question: &Question<'_>,
        report: &mut Report,
    ) -> Result<Answer<P::UpstreamBody>> {
        let asked = question.wanted.model.as_deref();
        let found = match asked.or(self.config.default_model.as_deref()) {
            Some(id) => self.find_listed(id).await?,
            None => self.first().await?,
        };
        match found {
            Ok(entry) => Ok(Answer::json(200, self.body(&entry))),
            Err(failure) => refuse(failure, question.wanted.surface, report),
        }
    }

    /// The model of a call that names none: the owner's choice, or the only one there is. None where the address of who
    /// gets such calls names the deployment, or the server behind it knows which.
    pub(crate) async fn model_of_none(&self) -> Result<Option<String>> {
        if let Some(model) = &self.config.default_model {
            return Ok(Some(model.clone()));
        }
        if self.config.is_pinned() {
            return Ok(None);
        }
        let mut names = self.config.public_models();
        if let (Some(name), None) = (names.next(), names.next()) {
            return Ok(Some(name.to_owned()));
        }
        if self.config.is_upstreams(None) {
            let (list, _) = self.list(false).await;
            return Ok(match list.entries.as_slice() {
                [only] => Some(only.id.clone()),
                _ => None,
            });
        }
        let problem = "No model specified in request. Please provide a model name in the request body or as a \
                       x-ms-model-mesh-model-name header.";
        Err(Error::bad_request("no_model_name", problem))
    }

    /// Not every server can be asked for one model.
    async fn find_listed(&self, id: &str) -> Result<Found> {
        self.caller.may_use(Some(id))?;
        let (list, _) = self.list(false).await;
        match list.find(id) {
            Some(entry) => Ok(Ok(entry.clone())),
            None => self.find(id).await,
        }
    }

    async fn first(&self) -> Result<Found> {
        let (list, _) = self.list(false).await;
        let named = self.named(&list);
        if let Some(entry) = self.shown(list.entries.iter().chain(&named)).first() {
            return Ok(Ok((*entry).clone()));
        }
        match list.failure.clone() {
            Some(failure) => Ok(Err(failure)),
            None => Err(Error::new(
                Kind::NotFound,
                "model_not_found",
                "There is no model.",
            )),
        }
    }

    fn body(&self, entry: &Entry) -> Vec<u8> {
        let id = entry.id.as_str();
        let serves = self.config.inference.serves;
        let said = serves.filter(|_| self.config.is_upstreams(Some(id)));
        info::body(self.as_its_maker_says(id), said.or_else(|| kind(entry)))
    }

    /// A name without the provider that it selects, if a maker stands behind that.
    fn as_its_maker_says<'n>(&self, id: &'n str) -> &'n str {
        let rest = id.split_once('/').filter(|(_, rest)| rest.contains('/'));
        let mut providers = self.config.providers().iter();
        match rest {
            Some((first, rest)) if providers.any(|it| it.name.eq_ignore_ascii_case(first)) => rest,
            _ => id,
        }
    }
}

/// As it is told, else as far as its names tell. For what understands speech, or draws films, there is no word.
fn kind(entry: &Entry) -> Option<info::Kind> {
    const OPERATIONS: [(&str, info::Kind); 5] = [
        ("chat", info::Kind::Chat),
        ("embeddings", info::Kind::Embeddings),
        ("image_generation", info::Kind::Image),
        ("speech", info::Kind::Speech),
        ("completions", info::Kind::Completion),
    ];
    const CAPABILITIES: [(&str, info::Kind); 3] = [
        ("chat_completion", info::Kind::Chat),
        ("embeddings", info::Kind::Embeddings),
        ("completion", info::Kind::Completion),
    ];
    let item = listed::item(&entry.id, &entry.members);
    let told = Told::of(&item);
    if let Some(operations) = told.words("supported_operations") {
        let serves = |word: &str| operations.iter().any(|it| it == word);
        return first(&OPERATIONS, serves);
    }
    let capabilities = capabilities::of(entry, &told);
    let can = |word: &str| capabilities.contains(&(word, true));
    first(&CAPABILITIES, can).or_else(|| by_name(&entry.id))
}

fn first(words: &[(&str, info::Kind)], is: impl Fn(&str) -> bool) -> Option<info::Kind> {
    let (_, kind) = words.iter().find(|(word, _)| is(word))?;
    Some(*kind)
}

fn by_name(id: &str) -> Option<info::Kind> {
    const DRAW: [&str; 5] = ["dall-e", "gpt-image", "flux", "imagen", "mai-image"];
    let name = id.rsplit('/').next()?.to_ascii_lowercase();
    if DRAW.iter().any(|word| name.starts_with(word)) {
        return Some(info::Kind::Image);
    }
    (name.starts_with("tts") || name.contains("-tts")).then_some(info::Kind::Speech)
}
