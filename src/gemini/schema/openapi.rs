//! The subset of `OpenAPI` that every model knows. What this type cannot say, Google answers with "Cannot find field".

use std::borrow::Cow;

use crate::json::Writer;

/// JSON, as it stood in the client's schema or made here.
pub(super) type Text<'t> = Cow<'t, [u8]>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
}

/// A schema. Only one with alternatives may be without a kind.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Schema<'t> {
    pub(super) kind: Option<Kind>,
    pub(super) format: Option<&'static str>,
    pub(super) description: Option<Text<'t>>,
    pub(super) nullable: bool,
    /// The values of an enum: strings, also for numbers.
    pub(super) values: Vec<Text<'t>>,
    pub(super) items: Option<Box<Self>>,
    /// By name, as it stood between its quotes.
    pub(super) properties: Vec<(Cow<'t, str>, Self)>,
    /// Only names of properties.
    pub(super) required: Vec<&'t [u8]>,
    pub(super) ordering: Vec<&'t [u8]>,
    /// Vertex AI alone knows it.
    pub(super) additional: Option<Additional<'t>>,
    pub(super) alternatives: Vec<Self>,
    /// Keywords that are numbers, or a pattern.
    pub(super) bounds: Vec<(&'static str, Text<'t>)>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Additional<'t> {
    Any,
    No,
    Like(Box<Schema<'t>>),
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::String,
        Self::Number,
        Self::Integer,
        Self::Boolean,
        Self::Array,
        Self::Object,
        Self::Null,
    ];

    /// In any case: schemas made for Google shout.
    pub(super) fn of(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Null => "null",
        }
    }

    pub(super) fn is_scalar(self) -> bool {
        matches!(self, Self::Number | Self::Integer | Self::Boolean)
    }
}

impl Schema<'_> {
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }

    /// One value: an alternative of an enum that was written as alternatives.
    pub(super) fn is_one_string(&self) -> bool {
        self.kind == Some(Kind::String) && self.values.len() == 1
    }

    /// Writes its members into an object that is open.
    pub(super) fn write(&self, out: &mut Writer) {
        if let Some(kind) = self.kind {
            out.word("type", kind.name());
        }
        if let Some(format) = self.format {
            out.word("format", format);
        }
        if let Some(description) = &self.description {
            out.raw("description", description);
        }
        if self.nullable {
            out.raw("nullable", b"true");
        }
        write_list(out, "enum", self.values.iter().map(|it| &**it));
        for (name, bound) in &self.bounds {
            out.raw(name, bound);
        }
        self.write_children(out);
    }

    fn write_children(&self, out: &mut Writer) {
        if let Some(items) = &self.items {
            items.write_member("items", out);
        }
        if !self.properties.is_empty() {
            out.open_member("properties");
            for (key, property) in &self.properties {
                property.write_member(key, out);
            }
            out.close();
        }
        write_list(out, "required", self.required.iter().copied());
        write_list(out, "propertyOrdering", self.ordering.iter().copied());
        match &self.additional {
            None => {}
            Some(Additional::Any) => out.raw("additionalProperties", b"true"),
            Some(Additional::No) => out.raw("additionalProperties", b"false"),
            Some(Additional::Like(schema)) => schema.write_member("additionalProperties", out),
        }
        if !self.alternatives.is_empty() {
            out.open_list("anyOf");
            for alternative in &self.alternatives {
                out.open();
                alternative.write(out);
                out.close();
            }
            out.close_list();
        }
    }

    fn write_member(&self, name: &str, out: &mut Writer) {
        out.open_member(name);
        self.write(out);
        out.close();
    }
}

fn write_list<'a>(out: &mut Writer, name: &str, items: impl Iterator<Item = &'a [u8]>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    out.open_list(name);
    items.for_each(|item| out.item(item));
    out.close_list();
}
