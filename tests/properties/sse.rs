//! Server-sent events: the same events however the bytes are cut, and what is written is read back.

use isthmus::sse::{Decoder, Event, MAX_EVENT, write_data, write_done, write_named};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cut::cuts;

proptest! {
    #[test]
    fn any_cut_of_a_stream_gives_its_events(sample in sample(), cuts in cuts()) {
        let bytes = sample.bytes();
        prop_assert_eq!(decode(cuts.apply(&bytes)), sample.events());
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same(bytes in near_stream(), cuts in cuts()) {
        prop_assert_eq!(decode(cuts.apply(&bytes)), decode([&bytes[..]]));
    }

    #[test]
    fn any_bytes_are_read(bytes in vec(any::<u8>(), 0..512), cuts in cuts()) {
        prop_assert_eq!(decode(cuts.apply(&bytes)), decode([&bytes[..]]));
    }

    #[test]
    fn what_is_written_is_read_back(
        events in vec((option::of("[a-z._]{1,20}"), any::<String>()), 0..6),
        cuts in cuts(),
    ) {
        let mut text = String::new();
        for (name, data) in &events {
            match name {
                Some(name) => write_named(&mut text, name, data),
                None => write_data(&mut text, data),
            }
        }
        write_done(&mut text);
        let read = decode(cuts.apply(text.as_bytes()));
        let (done, read) = read.split_last().unwrap();
        prop_assert!(done.is_done());
        let written: Vec<Event> = events
            .into_iter()
            .map(|(name, data)| Event {
                name: name.unwrap_or_default(),
                // No stream can hold a carriage return.
                data: data.replace('\r', "\n"),
            })
            .collect();
        prop_assert_eq!(read, written);
    }
}

#[test]
fn a_carriage_return_in_data_starts_no_field() {
    let mut text = String::new();
    write_data(&mut text, "a\revent: b\r\n\rdata: c");
    let data = "a\nevent: b\n\n\ndata: c".to_owned();
    let name = String::new();
    assert_eq!(decode([text.as_bytes()]), [Event { name, data }]);
}

#[test]
fn a_byte_order_mark_may_only_come_first() {
    let name = String::new();
    let data = "a".to_owned();
    assert_eq!(
        decode(["\u{feff}data: a\n\n\u{feff}data: b\n\n".as_bytes()]),
        [Event { name, data }]
    );
}

#[test]
fn the_longest_event_is_read_and_a_longer_one_is_an_error() {
    // `data:` is held until its line ends.
    let longest = vec![b'x'; MAX_EVENT - "data:".len()];
    let mut decoder = Decoder::default();
    decoder.push(b"data:").unwrap();
    decoder.push(&longest).unwrap();
    assert_eq!(decoder.push(b"\n\n").unwrap()[0].data.len(), longest.len());
    // The next event has the whole room again.
    decoder.push(b"data:").unwrap();
    decoder.push(&longest).unwrap();
    let error = decoder.push(b"x").unwrap_err();
    assert_eq!((error.status(), error.code), (502, "event_too_large"));
}

#[test]
fn names_and_invalid_bytes_count_towards_the_longest_event() {
    let third = vec![b'x'; MAX_EVENT / 3 + 1];
    let mut decoder = Decoder::default();
    for field in ["event:", "data:"] {
        decoder.push(field.as_bytes()).unwrap();
        decoder.push(&third).unwrap();
        decoder.push(b"\n").unwrap();
    }
    assert!(decoder.push(&third).is_err());

    let mut decoder = Decoder::default();
    decoder.push(b"data:").unwrap();
    decoder.push(&vec![0xff; MAX_EVENT / 3]).unwrap();
    assert!(decoder.push(b"\n").is_err());
}

fn decode<'a>(windows: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::default();
    windows
        .into_iter()
        .flat_map(|window| decoder.push(window).unwrap())
        .collect()
}

/// A stream as it was meant.
#[derive(Clone, Debug)]
struct Sample {
    byte_order_mark: bool,
    line_ending: &'static str,
    after_colon: &'static str,
    blocks: Vec<Block>,
}

/// The lines up to an empty one.
#[derive(Clone, Debug)]
struct Block {
    comment: Option<String>,
    name: Option<String>,
    /// None is a block without data, which gives no event.
    data: Vec<String>,
    other_field: Option<&'static str>,
}

impl Sample {
    fn bytes(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for block in &self.blocks {
            lines.extend(block.comment.iter().map(|text| format!(":{text}")));
            lines.extend(block.name.iter().map(|name| self.field("event", name)));
            for line in &block.data {
                lines.push(self.field("data", line));
                lines.extend(block.other_field.map(str::to_owned));
            }
            lines.push(String::new());
        }
        let mut text = String::new();
        if self.byte_order_mark {
            text.push('\u{feff}');
        }
        for line in lines {
            text.push_str(&line);
            text.push_str(self.line_ending);
        }
        text.into_bytes()
    }

    fn field(&self, name: &str, value: &str) -> String {
        format!("{name}:{}{value}", self.after_colon)
    }

    fn events(&self) -> Vec<Event> {
        self.blocks
            .iter()
            .filter(|block| !block.data.is_empty())
            .map(|block| Event {
                name: block.name.clone().unwrap_or_default(),
                data: block.data.join("\n"),
            })
            .collect()
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    (
        any::<bool>(),
        select(vec!["\n", "\r\n", "\r"]),
        select(vec!["", " "]),
        vec(block(), 0..6),
    )
        .prop_map(
            |(byte_order_mark, line_ending, after_colon, blocks)| Sample {
                byte_order_mark,
                line_ending,
                after_colon,
                blocks,
            },
        )
}

fn block() -> impl Strategy<Value = Block> {
    // A value that starts with a blank is another one when no blank follows the colon.
    let line = || "([!-~é漢💬\u{feff}\t][ -~é漢💬\u{feff}]{0,20})?";
    (
        option::of(line()),
        option::of("[a-z._]{1,20}"),
        vec(line(), 0..4),
        option::of(select(vec![
            "id: 7",
            "retry: 10",
            "data-x: y",
            "unknown",
            "Data: no",
        ])),
    )
        .prop_map(|(comment, name, data, other_field)| Block {
            comment,
            name,
            data,
            other_field,
        })
}

/// Pieces of streams in any order, some of them cut inside a character.
fn near_stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        &b"\n"[..],
        b"\n",
        b"\r",
        b"\r\n",
        b"data",
        b"data:",
        b"data: ",
        b"event: e",
        b":",
        b" ",
        b"\xef\xbb\xbf",
        b"\xef",
        b"\xbb",
        b"\xf0\x9f\x92\xac",
        b"\xf0\x9f",
        b"x",
        b"\0",
        b"[DONE]",
    ]);
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
