//! A recognised request with its body looked at: which model, streamed or not, and where the model stands.

use std::borrow::Cow;

use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::json::{Value, quoted};
use crate::openai::{json, multipart};
use crate::platform::{ClientBody, Edit};
use crate::surface::{BodyKind, Operation, Surface, Wanted, query};

/// Everything a call says, and its body as far as it had to be read.
pub struct Call<Body> {
    pub wanted: Wanted,
    pub method: String,
    pub query: String,
    pub headers: Headers,
    /// The model asked for, wherever the request names it.
    pub model: Option<String>,
    pub stream: bool,
    pub naming: Naming,
    pub body: Body,
    /// The body as the client means it, where another was put in its place for a target.
    pub meant: Option<Vec<u8>>,
}

/// How much of a body may be held while looking for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    pub json: u64,
    pub multipart: u64,
    /// It matters which model it is: forms are read to their end, and what another reader might take for a second
    /// model is refused.
    pub exact: bool,
}

impl Default for BodyLimits {
    /// OpenAI takes 25 MB of audio and about as much of images; an isolate has 128 MB for all its requests.
    fn default() -> Self {
        Self {
            json: 25 << 20,
            multipart: 26 << 20,
            exact: false,
        }
    }
}

/// Where a body names its model, so that it can be named differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It does not, and nothing may be changed.
    Nowhere,
    Json(json::Found),
    Form(multipart::Form),
    /// The URL's query does.
    Query(String),
}

impl Naming {
    fn model(&self) -> Option<&str> {
        match self {
            Self::Nowhere => None,
            Self::Json(found) => found.model.as_deref(),
            Self::Form(form) => form.model.as_ref().map(|part| part.value.as_str()),
            Self::Query(model) => Some(model),
        }
    }

    /// The edits that make the body name this model, and only this one.
    pub fn rename(&self, model: &str) -> Vec<Edit> {
        match self {
            Self::Nowhere | Self::Query(_) => Vec::new(),
            Self::Json(found) => rename_json(found, model),
            Self::Form(form) => rename_form(form, model),
        }
    }
}

fn rename_json(found: &json::Found, model: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    if found.byte_order_mark {
        edits.push(Edit::remove(0..3));
    }
    let named_once = found.model_spans.len() == 1;
    if named_once && found.model.as_deref() == Some(model) {
        return edits;
    }
    if found.model_spans.is_empty() {
        let comma = if found.is_empty { "" } else { "," };
        let member = format!("\"model\":{}{comma}", quoted(model));
        edits.extend(found.inside_object.map(|at| Edit::insert(at, member)));
    } else {
        edits.extend(renamed(found, model));
    }
    edits
}

/// Each name that is there, replaced.
fn renamed(found: &json::Found, model: &str) -> Vec<Edit> {
    let text = quoted(model);
    let spans = found.model_spans.iter().cloned();
    let edits = spans.map(|range| {
        let text = text.clone();
        Edit { range, text }
    });
    edits.collect()
}

fn rename_form(form: &multipart::Form, model: &str) -> Vec<Edit> {
    match (&form.model, form.first_delimiter) {
        (Some(named), _) if named.value == model => Vec::new(),
        (Some(named), _) => vec![Edit {
            range: named.span.clone(),
            text: model.to_owned(),
        }],
        (None, Some(at)) => vec![Edit::insert(at, form.model_part(model))],
        (None, None) => Vec::new(),
    }
}

/// A request before anything of its body was read.
pub struct Unread<Body> {
    pub method: String,
    pub query: String,
    pub headers: Headers,
    pub body: Body,
}

impl<Body: ClientBody> Call<Body> {
    /// Reads of the body what must be known before the call can go anywhere.
    pub async fn read(wanted: Wanted, request: Unread<Body>, limits: BodyLimits) -> Result<Self> {
        let Unread {
            method,
            query,
            headers,
            mut body,
        } = request;
        let naming = read_naming(&wanted, &method, &headers, &mut body, limits).await?;
        let naming = match query::model(&query) {
            Some(model) if wanted.operation == Operation::Relay && naming.model().is_none() => {
                Naming::Query(model)
            }
            _ => naming,
        };
        let model = wanted
            .model
            .clone()
            .or_else(|| naming.model().map(str::to_owned))
            .filter(|model| !model.trim().is_empty())
            // Outside of an API no model is asked for, whatever the body says.
            .filter(|_| !wanted.path.starts_with('/'));
        if let Some(model) = &model {
            refuse_hostile(model)?;
        }
        let stream = match &naming {
            Naming::Nowhere | Naming::Query(_) => false,
            Naming::Json(found) => found.stream,
            Naming::Form(form) => form.stream,
        };
        Ok(Self {
            wanted,
            method,
            query,
            headers,
            model,
            stream,
            naming,
            body,
            meant: None,
        })
    }

    /// The same call once more, to be sent beside: only where its body is replayable.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            wanted: self.wanted.clone(),
            method: self.method.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            model: self.model.clone(),
            stream: self.stream,
            naming: self.naming.clone(),
            body: self.body.again(),
            meant: self.meant.clone(),
        }
    }

    /// Puts another text in the place of a body that was read whole, and finds again where it names its model.
    pub(super) fn rewrite(&mut self, text: Vec<u8>) -> Result<()> {
        let mut scan = json::Scan::default();
        scan.push(&text)?;
        self.naming = Naming::Json(scan.finish()?);
        self.body.replace(text);
        Ok(())
    }
}

/// Looks at the body as far as it must, and says where it names its model.
async fn read_naming(
    wanted: &Wanted,
    method: &str,
    headers: &Headers,
    body: &mut impl ClientBody,
    limits: BodyLimits,
) -> Result<Naming> {
    let shape = Shape::of(wanted, method, headers);
    let encoding = headers.get("content-encoding").unwrap_or("identity");
    let is_looked_at = matches!(shape, Shape::Json | Shape::Form);
    if is_looked_at && !encoding.eq_ignore_ascii_case("identity") {
        return Err(Error::new(
            Kind::UnsupportedMedia,
            "unsupported_encoding",
            "A compressed request body cannot be routed: send it as it is.",
        ));
    }
    match shape {
        Shape::Unseen => Ok(Naming::Nowhere),
        Shape::Json => {
            let found = scan_json(body, headers, limits.json).await?;
            if found.inside_object.is_none() {
                let problem = "The request body must be a JSON object.";
                return Err(Error::bad_request("invalid_json", problem));
            }
            if limits.exact && found.is_ambiguous {
                let problem = "The request names its model in a way that can be read differently.";
                return Err(Error::bad_request("invalid_model", problem).param("model"));
            }
            Ok(Naming::Json(found))
        }
        Shape::LenientJson => match scan_json(body, headers, limits.json).await {
            Ok(found) => Ok(Naming::Json(found)),
            Err(error) if error.kind == Kind::BadRequest => Ok(Naming::Nowhere),
            Err(error) => Err(error),
        },
        Shape::Form => {
            let content_type = headers.get("content-type").unwrap_or_default();
            scan_form(body, content_type, limits.multipart, limits.exact).await
        }
    }
}

/// A model name is hostile text: it may stand in a form, a header, a log. Escaped where it is written, it
/// still has no business with line breaks.
pub(super) fn refuse_hostile(model: &str) -> Result<()> {
    if model.chars().any(char::is_control) {
        let problem = "The model's name holds a control character.";
        return Err(Error::bad_request("invalid_model", problem).param("model"));
    }
    Ok(())
}

impl<Body> Call<Body> {
    /// A call that is passed on with its body unseen.
    pub fn unseen(wanted: Wanted, request: Unread<Body>) -> Self {
        let accepted = request.headers.get("accept").unwrap_or_default();
        Self {
            wanted,
            method: request.method,
            stream: accepted.contains("text/event-stream"),
            query: request.query,
            headers: request.headers,
            model: None,
            naming: Naming::Nowhere,
            meant: None,
            body: request.body,
        }
    }

    /// The query for an upstream that calls the model this.
    pub fn query_for(&self, model: Option<&str>) -> Cow<'_, str> {
        match (&self.naming, model) {
            (Naming::Query(named), Some(model)) if named != model => {
                query::with_model(&self.query, model).into()
            }
            _ => self.query.as_str().into(),
        }
    }

    /// The query names a model where the body is to: some servers prefer it. Or a header does: Azure's Responses take
    /// the deployment that draws from it. Or the body names another than the path; what Azure's clients name there
    /// beside a deployment means nothing, and is [overruled](Self::overruled).
    pub fn has_second_model(&self) -> bool {
        let in_header = self.headers.get("x-ms-oai-image-generation-deployment");
        let is_body = !matches!(self.naming, Naming::Query(_));
        let are_two = self.wanted.surface != Surface::Azure && self.names_another();
        are_two || in_header.is_some() || is_body && query::names_a_model(&self.query)
    }

    /// The edits that put this model where the body names another than the path.
    pub fn overruled(&self, model: &str) -> Vec<Edit> {
        match &self.naming {
            Naming::Json(found) if self.names_another() => renamed(found, model),
            Naming::Form(form) if self.names_another() => rename_form(form, model),
            _ => Vec::new(),
        }
    }

    fn names_another(&self) -> bool {
        let (named, besides) = (self.wanted.model.as_deref(), self.naming.model());
        named.is_some() && besides.is_some() && named != besides
    }

    /// The models that tools of a Responses request bring along: one that draws names its own.
    pub fn models_of_tools(&self) -> Vec<String>
    where
        Body: ClientBody,
    {
        if self.wanted.operation != Operation::Responses || !matches!(self.naming, Naming::Json(_))
        {
            return Vec::new();
        }
        let body = self.body.whole();
        let bodies = Value::first(&body).into_iter().flat_map(Value::members);
        let tools = bodies.filter(|(name, _)| name.is("tools"));
        let tools = tools.flat_map(|(_, tools)| tools.elements());
        let members = tools.flat_map(Value::members);
        let models = members.filter(|(name, _)| name.is("model"));
        models
            .map(|(_, model)| model.as_str().unwrap_or_default().into_owned())
            .collect()
    }

    /// The client asks for a WebSocket.
    pub fn is_upgrade(&self) -> bool {
        let upgrade = self.headers.get("upgrade").unwrap_or_default();
        self.wanted.operation == Operation::Relay && upgrade.eq_ignore_ascii_case("websocket")
    }
}

/// What a body is taken for.
enum Shape {
    Json,
    /// JSON that is not ours to judge: a relayed path takes what it takes.
    LenientJson,
    Form,
    Unseen,
}

impl Shape {
    fn of(wanted: &Wanted, method: &str, headers: &Headers) -> Self {
        if matches!(method, "GET" | "HEAD" | "DELETE") {
            return Self::Unseen;
        }
        let media_type = headers.media_type();
        let is_json = media_type == "application/json" || media_type.ends_with("+json");
        match wanted.operation.body_kind() {
            BodyKind::Any if is_json => Self::LenientJson,
            BodyKind::Any => Self::Unseen,
            BodyKind::Multipart if is_json => Self::Json,
            BodyKind::Multipart => Self::Form,
            BodyKind::Json => Self::Json,
        }
    }
}

async fn scan_json(
    body: &mut impl ClientBody,
    headers: &Headers,
    limit: u64,
) -> Result<json::Found> {
    let declared = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    check(declared.unwrap_or(0), limit, "MAX_JSON_BODY")?;
    let mut scan = json::Scan::default();
    let mut held = 0;
    while let Some(window) = body.window().await? {
        held += length(&window);
        check(held, limit, "MAX_JSON_BODY")?;
        scan.push(&window)?;
    }
    scan.finish()
}

/// Reads a form as far as its `model`; what comes after stays unread, to be streamed. Where it matters which
/// model it is, all of the form is read: a second one would be refused.
async fn scan_form(
    body: &mut impl ClientBody,
    content_type: &str,
    limit: u64,
    to_the_end: bool,
) -> Result<Naming> {
    let mut scan = multipart::Scan::new(content_type)?;
    let mut held = 0;
    while let Some(window) = body.window().await? {
        held += length(&window);
        scan.push(&window)?;
        let model = scan.form().model.as_ref();
        let streamable = model.filter(|_| !to_the_end);
        check(
            streamable.map_or(held, |model| model.span.start),
            limit,
            "MAX_MULTIPART_BUFFER",
        )?;
        if streamable.is_some() {
            return Ok(Naming::Form(scan.form().clone()));
        }
    }
    let form = scan.finish()?;
    // Text before the first boundary is nobody's, save a reader's who does not look for boundaries.
    if to_the_end && form.first_delimiter != Some(0) {
        return Err(Error::bad_request(
            "invalid_multipart",
            "The form has text before its first boundary.",
        ));
    }
    Ok(Naming::Form(form))
}

fn length(window: &[u8]) -> u64 {
    u64::try_from(window.len()).unwrap_or(u64::MAX)
}

fn check(bytes: u64, limit: u64, setting: &str) -> Result<()> {
    if bytes <= limit {
        return Ok(());
    }
    let what = if setting == "MAX_JSON_BODY" {
        "The request body"
    } else {
        "The form, or what stands before its `model` part,"
    };
    Err(Error::new(
        Kind::TooLarge,
        "request_too_large",
        format!("{what} is larger than {limit} bytes (the gateway's setting {setting})."),
    ))
}
