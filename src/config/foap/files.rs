//! Where provider files are: in variables, whole or in pieces, or by their names in KV.

use serde_json::Value;

use crate::config::settings::{PROVIDERS, Settings};

use super::text::parse;

/// KV holds values of 25 MB, an isolate 128 MB; provider files have some kilobytes.
const MOST_BYTES: usize = 4 << 20;
const MOST_FILES: usize = 64;

/// A file, with what it is called where it is spoken of.
pub(super) struct Document {
    pub(super) place: String,
    pub(super) tables: Result<Vec<Value>, String>,
}

/// All of them, in the order in which they count: the later the more.
pub(super) fn documents(settings: &Settings) -> Vec<Document> {
    let mut documents = of_variables(&variables(settings));
    documents.extend(of_files(settings.files().unwrap_or_default()));
    documents
}

/// A variable that is not blank, and what it holds, to the letter.
struct Variable<'s> {
    number: u32,
    name: String,
    text: &'s str,
}

/// In the order of their numbers; the one without comes first.
fn variables(settings: &Settings) -> Vec<Variable<'_>> {
    let mut found: Vec<Variable<'_>> = settings
        .file_variables()
        .map(|(number, text)| Variable {
            number,
            name: match number {
                0 => PROVIDERS.to_owned(),
                _ => format!("{PROVIDERS}_{number}"),
            },
            text,
        })
        .collect();
    found.sort_by_key(|variable| variable.number);
    found
}

/// A variable has room for 5 KB: each holds a whole text, or they are the pieces of one. Where neither is so, the whole
/// ones count, and between them pieces may stand.
fn of_variables(variables: &[Variable<'_>]) -> Vec<Document> {
    let is_whole = |variable: &Variable<'_>| alone(variable.text).is_some();
    if !variables.iter().all(is_whole)
        && let Some(all) = joined(variables)
        && all.tables.is_ok()
    {
        return vec![all];
    }
    let mut documents = Vec::new();
    let mut rest = variables;
    while let Some((first, behind)) = rest.split_first() {
        if let Some(tables) = alone(first.text) {
            let place = first.name.clone();
            let tables = Ok(tables);
            documents.push(Document { place, tables });
            rest = behind;
            continue;
        }
        let pieces = rest.iter().take_while(|it| !is_whole(it)).count();
        let (pieces, behind) = rest.split_at(pieces);
        documents.extend(joined(pieces));
        rest = behind;
    }
    documents
}

/// What a variable says by itself. Quotes around it are the shell's.
fn alone(text: &str) -> Option<Vec<Value>> {
    let text = text.trim();
    let unquoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    let texts = [Some(text), unquoted('\''), unquoted('"')];
    texts.into_iter().flatten().find_map(|it| tables(it).ok())
}

/// What variables say together; none where there are none.
fn joined(pieces: &[Variable<'_>]) -> Option<Document> {
    let (first, others) = pieces.split_first()?;
    let text: String = pieces.iter().map(|piece| piece.text).collect();
    let place = match others.last() {
        Some(last) => format!("{} to {}", first.name, last.name),
        None => first.name.clone(),
    };
    let tables = tables(&text);
    Some(Document { place, tables })
}

fn of_files(files: &[(String, String)]) -> Vec<Document> {
    let mut bytes = 0_usize;
    let read = |(index, (name, text)): (usize, &(String, String))| {
        bytes = bytes.saturating_add(text.len());
        let is_too_much = index >= MOST_FILES || bytes > MOST_BYTES;
        let tables = if is_too_much {
            Err(format!(
                "more than {MOST_FILES} files, or {MOST_BYTES} bytes of them, are not read"
            ))
        } else {
            tables(text)
        };
        let place = name.clone();
        Document { place, tables }
    };
    files.iter().enumerate().map(read).collect()
}

/// One table of providers, or a list of such.
fn tables(text: &str) -> Result<Vec<Value>, String> {
    match parse(text) {
        Ok(table @ Value::Object(_)) => Ok(vec![table]),
        Ok(Value::Array(tables)) if tables.iter().all(Value::is_object) => Ok(tables),
        Ok(_) => Err("it is no object of providers".to_owned()),
        Err(error) => Err(format!(
            "it is not JSON (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}
