//! Multipart forms: the model found is the model put in, however the bytes are cut.

use std::fmt::Write;

use isthmus::error::Error;
use isthmus::openai::multipart::{Form, MAX_HELD, Scan};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cut::cuts;

proptest! {
    #[test]
    fn a_form_says_what_was_put_in(sample in sample(), cuts in cuts()) {
        let body = sample.body();
        let form = scan(&sample.content_type(), cuts.apply(&body)).unwrap();
        let in_one_piece = scan(&sample.content_type(), [&body[..]]).unwrap();
        prop_assert_eq!(&form, &in_one_piece);
        prop_assert_eq!(form.stream, sample.stream);
        let first = usize::try_from(form.first_delimiter.unwrap()).unwrap();
        prop_assert_eq!(first, sample.preamble.len());
        let found = form.model.as_ref().map(|part| part.value.as_str());
        prop_assert_eq!(found, sample.model.as_deref());
        if let Some(part) = form.model {
            let span = usize::try_from(part.span.start).unwrap()..usize::try_from(part.span.end).unwrap();
            prop_assert_eq!(&body[span], part.value.as_bytes());
        }
    }

    #[test]
    fn the_edited_form_is_the_form_of_the_other_model(
        sample in sample(),
        other in model_name(),
        cuts in cuts(),
    ) {
        let mut body = sample.body();
        let form = scan(&sample.content_type(), cuts.apply(&body)).unwrap();
        let edited = Sample { model: Some(other.clone()), ..sample.clone() };
        if let Some(part) = form.model {
            let span = usize::try_from(part.span.start).unwrap()..usize::try_from(part.span.end).unwrap();
            body.splice(span, other.into_bytes());
            prop_assert_eq!(body, edited.body());
        } else {
            let at = usize::try_from(form.first_delimiter.unwrap()).unwrap();
            body.splice(at..at, form.model_part(&other).into_bytes());
            let model_first = Sample { place: None, ..edited };
            prop_assert_eq!(body, model_first.body());
        }
    }

    #[test]
    fn a_second_model_is_refused(mut sample in sample(), model in model_name(), cuts in cuts()) {
        sample.model = Some(model.clone());
        sample.parts.insert(0, Part { headers: MODEL_HEADERS.to_owned(), content: model.into_bytes() });
        let error = scan(&sample.content_type(), cuts.apply(&sample.body())).unwrap_err();
        prop_assert_eq!(error.param, Some("model"));
    }

    #[test]
    fn a_form_cut_short_is_refused(sample in sample(), end in any::<Index>(), cuts in cuts()) {
        let body = sample.body();
        let closing = body.len() - sample.epilogue.len();
        let cut_short = &body[..end.index(closing)];
        prop_assert!(scan(&sample.content_type(), cuts.apply(cut_short)).is_err());
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same(body in near_form(), cuts in cuts()) {
        let content_type = "multipart/form-data; boundary=b";
        let whole = scan(content_type, [&body[..]]);
        let cut = scan(content_type, cuts.apply(&body));
        prop_assert_eq!(whole.ok(), cut.ok());
    }

    #[test]
    fn any_bytes_are_read_or_refused(content_type in any::<String>(), body in vec(any::<u8>(), 0..512)) {
        let _ = scan(&content_type, [&body[..]]);
        let _ = scan(&format!("multipart/form-data; {content_type}; boundary=b"), [&body[..]]);
        let _ = scan("multipart/form-data; boundary=b", [b"--b\r\n", &body[..], b"\r\n--b--"]);
        let disposition = [b"--b\r\nContent-Disposition: form-data;", &body[..], b"\r\n\r\n\r\n--b--"];
        let _ = scan("multipart/form-data; boundary=b", disposition);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn memory_stays_bounded(
        parts in vec(prop_oneof![near_form(), long_run()], 0..8),
        cuts in cuts(),
    ) {
        let body = parts.concat();
        let mut scan = Scan::new("multipart/form-data; boundary=b").unwrap();
        for window in cuts.apply(&body) {
            let _ = scan.push(window);
            prop_assert!(scan.held() <= MAX_HELD);
        }
    }
}

/// Scans, and checks what holds after every window.
fn scan<'a>(
    content_type: &str,
    windows: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Form, Error> {
    let mut scan = Scan::new(content_type)?;
    for window in windows {
        scan.push(window)?;
        assert!(scan.held() <= MAX_HELD);
    }
    scan.finish()
}

/// A form as it was meant.
#[derive(Clone, Debug)]
struct Sample {
    boundary: String,
    preamble: String,
    parts: Vec<Part>,
    model: Option<String>,
    /// Where among the parts the model comes, first if `None`.
    place: Option<Index>,
    stream: bool,
    padding: &'static str,
    epilogue: &'static str,
}

#[derive(Clone, Debug)]
struct Part {
    headers: String,
    content: Vec<u8>,
}

const MODEL_HEADERS: &str = "Content-Disposition: form-data; name=\"model\"\r\n";

impl Sample {
    fn content_type(&self) -> String {
        format!("multipart/form-data; boundary=\"{}\"", self.boundary)
    }

    fn body(&self) -> Vec<u8> {
        let mut parts = self.parts.clone();
        if self.stream {
            parts.push(Part {
                headers: "content-disposition: form-data; name=stream\r\n".to_owned(),
                content: b"true".to_vec(),
            });
        }
        if let Some(model) = &self.model {
            let place = self
                .place
                .map_or(0, |place| place.index(self.parts.len() + 1));
            let model = Part {
                headers: MODEL_HEADERS.to_owned(),
                content: model.clone().into_bytes(),
            };
            parts.insert(place, model);
        }
        let (boundary, padding) = (&self.boundary, self.padding);
        let mut body = self.preamble.clone().into_bytes();
        for part in parts {
            // The inserted part has no padding.
            let padding = if part.headers == MODEL_HEADERS {
                ""
            } else {
                padding
            };
            body.extend(format!("--{boundary}{padding}\r\n{}\r\n", part.headers).into_bytes());
            body.extend(part.content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{boundary}--{}", self.epilogue).into_bytes());
        body
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    // Long enough not to be met by chance in random bytes.
    "[0-9A-Za-z'()+_,./:=?-]{12,70}".prop_flat_map(|boundary| {
        (
            (
                Just(boundary.clone()),
                select(vec![
                    String::new(),
                    "\r\n".to_owned(),
                    format!("x --{boundary}\r\n"),
                ]),
            ),
            vec(part(&boundary), 0..5),
            option::of(model_name()),
            option::of(any::<Index>()),
            any::<bool>(),
            select(vec!["", " ", " \t "]),
            select(vec!["\r\n", "", " ", "\r\nbye\r\n"]),
        )
            .prop_map(
                |((boundary, preamble), parts, model, place, stream, padding, epilogue)| Sample {
                    boundary,
                    preamble,
                    parts,
                    model,
                    place,
                    stream,
                    padding,
                    epilogue,
                },
            )
    })
}

fn model_name() -> impl Strategy<Value = String> {
    "[ -~é💬]{1,60}"
}

/// A file or a field with another name than those read.
fn part(boundary: &str) -> impl Strategy<Value = Part> + use<> {
    let name = prop_oneof![
        "[a-zé\"\\\\ =]{0,12}",
        select(vec!["file", "image[]", "models", "Model", "prompt"]).prop_map(str::to_owned),
    ]
    .prop_filter("fields that are read", |name| {
        name != "model" && name != "stream"
    });
    let file_name = option::of("[a-z\"\\\\ .é]{1,12}");
    let other_header = option::of("X-[A-Za-z]{1,8}:[ -~\t]{0,40}");
    (name, file_name, other_header, content(boundary)).prop_map(
        |(name, file_name, other, content)| {
            let mut headers = format!("Content-Disposition: form-data; name=\"{}\"", escape(&name));
            if let Some(file_name) = file_name {
                write!(headers, "; filename=\"{}\"", escape(&file_name)).unwrap();
            }
            headers.push_str("\r\n");
            if let Some(line) = other {
                headers.push_str(&line);
                headers.push_str("\r\n");
            }
            Part { headers, content }
        },
    )
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Bytes with line breaks and much that looks like a delimiter.
fn content(boundary: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let look_alikes = [
        "\r\n".to_owned(),
        "\r".to_owned(),
        "\r\n--".to_owned(),
        "\r\n\r\n".to_owned(),
        format!("x--{boundary}\r\n"),
        format!("x--{boundary}--\r\n"),
        format!("\r\n--{boundary}X\r\n"),
        format!("\r\n--{boundary} X"),
        format!("\r\n--{boundary}-X"),
        format!("\r\n--{}!", &boundary[..boundary.len() - 1]),
        "x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nnot this".to_owned(),
    ];
    let fragment = prop_oneof![
        select(look_alikes.map(String::into_bytes).to_vec()),
        vec(any::<u8>(), 0..200),
    ];
    vec(fragment, 0..8).prop_map(|fragments| fragments.concat())
}

/// Pieces of forms in any order, with the boundary `b`.
fn near_form() -> impl Strategy<Value = Vec<u8>> {
    let text = select(vec![
        "\r\n",
        "\r\n--",
        "--b\r\n",
        "--b--",
        "\r\n--b--X",
        "\r\n--bX",
        "--",
        "-",
        " ",
        "b",
        "X",
        "true",
        "model",
        "\u{e9}",
        ":",
        ";",
        "\"",
        "\\",
    ]);
    let break_or_part = select(vec![
        "\r",
        "\n",
        "\0",
        "\r\n--b",
        "\r\n--b\r\n",
        "\r\n--b \t\r\n\r\n",
        "\r\n--b--\r\n",
        "\r\n--b\r\nContent-Disposition: form-data",
        "; name=",
        "; filename=",
        "\r\n\r\n",
    ]);
    let field = select(vec![
        "\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm",
        "\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n",
        "\r\n--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue",
        "\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n",
    ]);
    let ends = select(vec!["", "\r\n--b--", "\r\n--b--\r\n"]);
    let pieces = vec(
        prop_oneof![4 => text, 1 => break_or_part, 2 => field],
        0..12,
    );
    (pieces, ends).prop_map(|(pieces, end)| [&pieces.concat(), end].concat().into_bytes())
}

fn long_run() -> impl Strategy<Value = Vec<u8>> {
    (
        select(vec![b'x', b' ', b'-', b'\r', b'\n', 0xff]),
        0usize..40_000,
    )
        .prop_map(|(byte, count)| vec![byte; count])
}
