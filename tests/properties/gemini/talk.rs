//! Talks with Google through a client of OpenAI's: what is offered, answered, and said to it.

use isthmus::gemini::options::{Options, ToolSchemas};
use isthmus::gemini::{Host, Manner};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

use crate::cut::{Cuts, cuts};

/// Each with whether it is one of Gemini 3's.
const MODELS: [(&str, bool); 6] = [
    ("gemini-3.8-flash", true),
    ("gemini-3-flash-preview", true),
    ("gemini-3-pro-image", true),
    ("gemini-2.5-flash", false),
    ("gemini-2.0-flash", false),
    ("gemma-4-31b-it", false),
];

const NAMES: [&str; 9] = [
    "get_weather",
    "a b",
    "a/b",
    "a_b",
    "ns.tool:x",
    "\u{e9}t\u{e9} \"\\",
    "1st",
    "mcp__server_with_a_long_name__tool_with_a_longer_name_than_fits_there",
    "mcp__server_with_a_long_name__tool_with_a_longer_name_than_fits_here",
];

/// Who talks to whom, and how.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each may be so or not")]
pub(super) struct Talk {
    pub(super) model: (&'static str, bool),
    pub(super) manner: Manner,
    /// The names of the tools, each with whether it is a custom one.
    pub(super) tools: Vec<(&'static str, bool)>,
    /// They are `functions`.
    pub(super) is_legacy: bool,
    pub(super) one_call: bool,
    pub(super) streams: bool,
    /// The client keeps no members but OpenAI's.
    pub(super) forgets: bool,
}

/// What Google answers with.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Text(String, Option<String>),
    Thought(String, Option<String>),
    Call(Called),
    Image(&'static str, Option<String>),
    Other(Value),
}

#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) tool: Index,
    pub(super) id: Id,
    pub(super) args: Option<Value>,
    pub(super) text: String,
    pub(super) signature: Option<String>,
    /// The model puts the name of a module in front.
    pub(super) is_prefixed: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    Issued,
    Repeated,
    Empty,
    Absent,
}

/// One answer and what the client does with it.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) parts: Vec<Said>,
    pub(super) reason: Option<&'static str>,
    pub(super) cuts: Cuts,
    pub(super) results: Vec<(Index, Outcome)>,
    pub(super) then_says: bool,
}

/// What a tool said, in the forms clients have for it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) content: Value,
    pub(super) response: Value,
}

pub(super) fn talk() -> impl Strategy<Value = Talk> {
    let tools = (subsequence(NAMES.to_vec(), 1..5), any::<u8>());
    let flags = any::<[bool; 7]>();
    (select(MODELS.to_vec()), tools, flags).prop_map(|(model, (names, customs), flags)| {
        let [
            is_vertex,
            in_ids,
            is_legacy,
            one_call,
            streams,
            forgets,
            restricted,
        ] = flags;
        let is_custom = |at: usize| !is_legacy && customs >> (2 * at) & 3 == 3;
        let tools = names.into_iter().enumerate();
        let schemas = [ToolSchemas::Json, ToolSchemas::Restricted];
        Talk {
            model,
            manner: Manner {
                host: [Host::Studio, Host::Vertex][usize::from(is_vertex)],
                options: Options {
                    signatures_in_ids: in_ids,
                    tool_schemas: schemas[usize::from(restricted)],
                    ..Options::default()
                },
            },
            tools: tools.map(|(at, name)| (name, is_custom(at))).collect(),
            is_legacy: is_legacy && customs & 1 == 1,
            one_call: one_call && customs & 2 == 2,
            streams,
            forgets,
        }
    })
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-z ]{0,8}",
        1 => select(vec!["\u{e9}\n\"\\", "\u{1f600}", "\u{0}\u{2028}", "```\n", "{}"]).prop_map(str::to_owned),
    ]
}

fn signature() -> impl Strategy<Value = Option<String>> {
    option::of("[A-Za-z0-9+/]{4,12}={0,2}")
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        words().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        select(vec![
            json!(null),
            json!(true),
            json!(1.0),
            json!(-0.5),
            json!(1e300),
            json!([]),
            json!({})
        ]),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            object(inner)
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((words(), inner), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn said() -> impl Strategy<Value = Said> {
    let call = (
        any::<Index>(),
        select(vec![
            Id::Issued,
            Id::Issued,
            Id::Repeated,
            Id::Empty,
            Id::Absent,
        ]),
        option::of(object(value())),
        words(),
        signature(),
        any::<u8>(),
    );
    let call = call.prop_map(|(tool, id, args, text, signature, prefix)| {
        Said::Call(Called {
            tool,
            id,
            args,
            text,
            signature,
            is_prefixed: prefix % 8 == 0,
        })
    });
    let images = select(vec!["iVBORw==", "/9j/4A=="]);
    let other = select(vec![
        json!({"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB", "args": {}}, "thoughtSignature": "VA=="}),
        json!({"toolResponse": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB", "response": {}}}),
        json!({"inlineData": {"mimeType": "image/png", "data": "AA=="}, "thought": true}),
        json!({}),
    ]);
    prop_oneof![
        3 => (words(), signature()).prop_map(|(text, signature)| Said::Text(text, signature)),
        1 => (words(), signature()).prop_map(|(text, signature)| Said::Thought(text, signature)),
        5 => call,
        1 => (images, signature()).prop_map(|(data, signature)| Said::Image(data, signature)),
        1 => other.prop_map(Said::Other),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let of = |content: Value, response: Value| Outcome { content, response };
    let text = |text: &str| json!({"type": "text", "text": text});
    prop_oneof![
        object(value()).prop_map(move |it| of(it.to_string().into(), it)),
        vec(value(), 0..3).prop_map(move |it| {
            let it = Value::from(it);
            of(it.to_string().into(), json!({"output": it}))
        }),
        select(vec![
            "sunny",
            "",
            " ",
            "{broken",
            "12 degrees",
            "1.2.3",
            "{\"id\": 1234567890123456789}"
        ])
        .prop_map(move |it| of(it.into(), json!({"output": it}))),
        Just(of(
            json!([text("a"), text("\nb")]),
            json!({"output": "a\nb"})
        )),
        Just(of(json!([text("{\"a\":"), text("1}")]), json!({"a": 1}))),
        Just(of(json!([]), json!({"output": ""}))),
        Just(of(json!(null), json!({"output": ""}))),
    ]
}

pub(super) fn round() -> impl Strategy<Value = Round> {
    let reasons = select(vec![Some("STOP"), Some("OTHER"), None]);
    let results = vec((any::<Index>(), outcome()), 8..9);
    let parts = vec(said(), 0..6);
    (parts, reasons, cuts(), results, any::<bool>()).prop_map(
        |(parts, reason, cuts, results, then_says)| Round {
            parts,
            reason,
            cuts,
            results,
            then_says,
        },
    )
}
