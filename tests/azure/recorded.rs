//! Recorded streams, and a client that reads what becomes of them.

use std::fs;
use std::path::Path;

use isthmus::azure::stream::{Repair, Rules};
use isthmus::sse::Decoder;
use isthmus::stream::{Ended, Step};
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Recorded {
    pub name: String,
    pub rules: Rules,
    pub ended: Ended,
    pub upstream: Vec<u8>,
    /// The events' data; what is not JSON as a string.
    pub client: Vec<Value>,
    pub is_whole: bool,
    pub refused: Option<u16>,
}

/// What a client got.
#[derive(Debug, Default, PartialEq)]
pub struct Client {
    pub bytes: Vec<u8>,
    pub is_whole: bool,
    pub refused: Option<u16>,
}

pub fn rules() -> Rules {
    Rules {
        model: "asked".to_owned(),
        id: "u1".to_owned(),
        now_secs: 1_800_000_000,
        ..Rules::default()
    }
}

pub fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/azure/streams");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let streams: Vec<_> = files.map(|path| read(&path)).collect();
    assert!(!streams.is_empty());
    streams
}

fn read(path: &Path) -> Recorded {
    let text = fs::read_to_string(path).unwrap();
    let (head, rest) = text.split_once("--- upstream\n").unwrap();
    let (upstream, client) = rest.split_once("--- client\n").unwrap();
    let mut stream = Recorded {
        name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        rules: rules(),
        ended: Ended::Cleanly,
        upstream: upstream.as_bytes().to_vec(),
        client: client.lines().map(value).collect(),
        is_whole: true,
        refused: None,
    };
    for line in head.lines() {
        match line.split_once(": ").unwrap_or((line, "")) {
            ("rules", names) => names
                .split(' ')
                .for_each(|name| turn_on(&mut stream.rules, name)),
            ("ended", "broken") => stream.ended = Ended::Broken,
            ("whole", "false") => stream.is_whole = false,
            ("refused", status) => stream.refused = Some(status.parse().unwrap()),
            ("crlf", "") => stream.upstream = upstream.replace('\n', "\r\n").into_bytes(),
            _ => assert!(line.starts_with("# "), "{line}"),
        }
    }
    stream
}

fn turn_on(rules: &mut Rules, name: &str) {
    match name {
        "strip_azure_fields" => rules.strip_azure_fields = true,
        "hide_usage" => rules.hide_usage = true,
        "keep_annotation_chunks" => rules.keep_annotation_chunks = true,
        "plain_lines" => rules.plain_lines = true,
        _ => panic!("{name}"),
    }
}

fn value(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| data.into())
}

impl Recorded {
    pub fn run<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Client {
        let mut repair = Repair::new(self.rules.clone());
        let mut client = Client::default();
        for chunk in chunks {
            match repair.push(chunk) {
                Step::AsItIs => client.bytes.extend_from_slice(chunk),
                Step::Instead(bytes) => client.bytes.extend(bytes),
                Step::Refused { status, body } => {
                    assert!(client.bytes.is_empty(), "{}: too late", self.name);
                    let body: Value = serde_json::from_slice(&body).unwrap();
                    assert!(body["error"]["message"].is_string(), "{body}");
                    client.refused = Some(status);
                    return client;
                }
            }
        }
        let tail = repair.finish(self.ended);
        client.bytes.extend(tail.bytes);
        client.is_whole = tail.is_whole;
        client
    }
}

impl Client {
    pub fn events(&self) -> Vec<Value> {
        let events = Decoder::default().push(&self.bytes).unwrap();
        events.iter().map(|event| value(&event.data)).collect()
    }
}
