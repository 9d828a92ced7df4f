//! What the multipart scan reads and refuses, in bodies as clients write them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use isthmus::error::{Error, Kind};
use isthmus::openai::multipart::{Form, MAX_HEADERS, MAX_PARTS, MAX_VALUE, Progress, Scan};

const TYPE: &str = "multipart/form-data; boundary=b";

/// The openai Python SDK on httpx: fields first, then files; a boundary of 32 hex digits.
const HTTPX: (&str, &str) = (
    "multipart/form-data; boundary=2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b",
    "--2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b\r\n\
     Content-Disposition: form-data; name=\"model\"\r\n\r\n\
     whisper-1\r\n\
     --2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b\r\n\
     Content-Disposition: form-data; name=\"stream\"\r\n\r\n\
     true\r\n\
     --2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b\r\n\
     Content-Disposition: form-data; name=\"timestamp_granularities[]\"\r\n\r\n\
     word\r\n\
     --2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b\r\n\
     Content-Disposition: form-data; name=\"file\"; filename=\"speech.mp3\"\r\n\
     Content-Type: audio/mpeg\r\n\r\n\
     ID3\x04\x00\r\n\r\nmp3\r\n\
     --2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b--\r\n",
);

/// The openai Node SDK on undici's `FormData`: the order of the object's keys; older ones end without CRLF.
const UNDICI: (&str, &str) = (
    "multipart/form-data; boundary=----formdata-undici-012345678901",
    "------formdata-undici-012345678901\r\n\
     Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
     Content-Type: application/octet-stream\r\n\r\n\
     RIFF\r\n--\r\n\
     ------formdata-undici-012345678901\r\n\
     Content-Disposition: form-data; name=\"model\"\r\n\r\n\
     gpt-4o-transcribe\r\n\
     ------formdata-undici-012345678901--",
);

const CURL: (&str, &str) = (
    "multipart/form-data; boundary=------------------------d74496d66958873e",
    "--------------------------d74496d66958873e\r\n\
     Content-Disposition: form-data; name=\"image[]\"; filename=\"my \\\"cat\\\".png\"\r\n\
     Content-Type: image/png\r\n\r\n\
     \u{89}PNG\r\n\x1a\n\r\n\
     --------------------------d74496d66958873e\r\n\
     Content-Disposition: form-data; name=\"model\"\r\n\r\n\
     gpt-image-1\r\n\
     --------------------------d74496d66958873e--\r\n",
);

const BROWSER: (&str, &str) = (
    "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
     Content-Disposition: form-data; name=\"prompt\"\r\n\r\n\
     model=\"x\"\r\n\r\nand\nmore\r\n\
     ------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
     Content-Disposition: form-data; name=\"model\"\r\n\r\n\
     dall-e-2\r\n\
     ------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
     Content-Disposition: form-data; name=\"image\"; filename=\"a%22b.png\"\r\n\
     Content-Type: image/png\r\n\r\n\
     \r\n\
     ------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n",
);

/// .NET's `MultipartFormDataContent`: bare names, a quoted boundary, a content type on every part.
const DOTNET: (&str, &str) = (
    "multipart/form-data; boundary=\"7b1c6a5e-3f0e-4a53-9f5c-1d2e3f4a5b6c\"",
    "--7b1c6a5e-3f0e-4a53-9f5c-1d2e3f4a5b6c\r\n\
     Content-Type: text/plain; charset=utf-8\r\n\
     Content-Disposition: form-data; name=model\r\n\r\n\
     whisper-1\r\n\
     --7b1c6a5e-3f0e-4a53-9f5c-1d2e3f4a5b6c\r\n\
     Content-Disposition: form-data; name=file; filename=a.wav; filename*=utf-8''a.wav\r\n\r\n\
     RIFF\r\n\
     --7b1c6a5e-3f0e-4a53-9f5c-1d2e3f4a5b6c--\r\n",
);

#[test]
fn clients_name_their_model() {
    for ((content_type, body), model, stream) in [
        (HTTPX, "whisper-1", true),
        (UNDICI, "gpt-4o-transcribe", false),
        (CURL, "gpt-image-1", false),
        (BROWSER, "dall-e-2", false),
        (DOTNET, "whisper-1", false),
    ] {
        let form = scan(content_type, body).unwrap();
        let part = form.model.unwrap();
        assert_eq!(part.value, model);
        let start = usize::try_from(part.span.start).unwrap();
        let end = usize::try_from(part.span.end).unwrap();
        assert_eq!(&body[start..end], model);
        assert_eq!(form.stream, stream, "{model}");
        assert_eq!(form.first_delimiter, Some(0), "{model}");
    }
}

#[test]
fn progress_says_what_is_known() {
    let (content_type, body) = HTTPX;
    let model_ends = body.find("whisper-1").unwrap() + "whisper-1".len();
    let next_part = model_ends + "\r\n--2f1bd5f4a3f7d0c9f0b0e8a4d1c6e75b\r\n".len();
    let mut scan = Scan::new(content_type).unwrap();
    let body = body.as_bytes();
    assert_eq!(scan.push(&body[..next_part - 1]), Ok(Progress::More));
    assert_eq!(scan.form().model, None);
    assert_eq!(
        scan.push(&body[next_part - 1..next_part]),
        Ok(Progress::Found)
    );
    assert_eq!(scan.form().model.as_ref().unwrap().value, "whisper-1");
    assert_eq!(
        scan.push(&body[next_part..body.len() - 1]),
        Ok(Progress::Found)
    );
    assert_eq!(scan.push(b"\n"), Ok(Progress::End));
    assert_eq!(scan.push(b"epilogue \r\n--b\r\n"), Ok(Progress::End));
}

#[test]
fn a_part_is_inserted_where_no_model_was() {
    let body =
        "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--b--\r\n";
    let form = scan(TYPE, body).unwrap();
    assert_eq!(form.model, None);
    let at = usize::try_from(form.first_delimiter.unwrap()).unwrap();
    let (before, after) = body.split_at(at);
    let edited = format!("{before}{}{after}", form.model_part("whisper-1"));
    assert_eq!(
        edited,
        "preamble\r\n\
         --b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
         --b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--b--\r\n"
    );
    let model = scan(TYPE, &edited).unwrap().model.unwrap();
    assert_eq!(model.value, "whisper-1");
}

#[test]
fn the_content_type_names_a_boundary() {
    let longest = format!("multipart/form-data; boundary={}", "x".repeat(70));
    for accepted in [
        "multipart/form-data; boundary=b",
        "Multipart/Form-Data;BOUNDARY=b",
        "multipart/form-data ; charset=utf-8 ; boundary = \"a b'()+_,-./:=?\" ;",
        "multipart/form-data; boundary=----=_Part_1_2.3",
        "multipart/form-data; note=\"; boundary=x\"; boundary=b",
        &longest,
    ] {
        assert!(Scan::new(accepted).is_ok(), "{accepted}");
    }
    let too_long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for refused in [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"b",
        "multipart/form-data; boundary=\"b \"",
        "multipart/form-data; boundary=a b",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a, multipart/form-data; boundary=b",
        "multipart/form-data; boundary*=utf-8''b",
        "multipart/form-data; boundary=b\u{e9}",
        "multipart/form-data; boundary=\"a\\\r\n\"",
        "multipart/mixed; boundary=b",
        &too_long,
    ] {
        let error = Scan::new(refused).err().expect(refused);
        assert_eq!(error.code, "invalid_multipart", "{refused}");
        assert_eq!(error.kind, Kind::BadRequest, "{refused}");
    }
}

#[test]
fn headers_say_which_part_is_the_model() {
    for (header, is_model) in [
        ("Content-Disposition: form-data; name=\"model\"", true),
        ("content-disposition:FORM-DATA;NAME=model", true),
        (
            "CONTENT-DISPOSITION: form-data ; x=1; Name = \"mo\\del\" ;",
            true,
        ),
        (
            "X-A: 1\r\nContent-Disposition: form-data; name=\"model\"\r\nX-B:",
            true,
        ),
        (
            "Content-Transfer-Encoding: 8BIT\r\nContent-Disposition: form-data; name=\"model\"",
            true,
        ),
        ("Content-Disposition: form-data; name=\"Model\"", false),
        ("Content-Disposition: form-data; name=\"model[]\"", false),
        ("Content-Disposition: form-data; name=\" model\"", false),
        (
            "Content-Disposition: form-data; x=\"; name=model\"; name=\"n\"",
            false,
        ),
        ("Content-Disposition: form-data", false),
        ("X: form-data; name=\"model\"", false),
        (
            "Content-Disposition: form-data; name=\"model\"; filename=\"model\"",
            false,
        ),
        (
            "Content-Disposition: form-data; filename=x; filename*=utf-8''x; name=\"model\"",
            false,
        ),
    ] {
        let form = scan(TYPE, &part(header, "m")).expect(header);
        assert_eq!(form.model.is_some(), is_model, "{header}");
    }
}

#[test]
fn headers_that_readers_read_differently_are_refused() {
    for header in [
        "Content-Disposition: form-data; name=\"n\"; name=\"model\"",
        "Content-Disposition: form-data; name=\"n\"; name*=utf-8''model",
        "Content-Disposition: form-data; name*0=mo; name*1=del",
        "Content-Disposition: form-data; name=\"=?utf-8?B?bW9kZWw=?=\"",
        "Content-Disposition: form-data; name=\"n\"; filename=\"\\\";name=model;y=\"",
        "Content-Disposition: form-data; name=\"a\\\"; name=model\\\"\"",
        "Content-Disposition: form-data; name=\"n\" name=\"model\"",
        "Content-Disposition: form-data; name=n name=model",
        "Content-Disposition: form-data; name=\"model",
        "Content-Disposition: form-data; name",
        "Content-Disposition: form-data; =model",
        "Content-Disposition: attachment; name=\"model\"",
        "Content-Disposition: form-data; name=\"model\"; filename=\"\"",
        "Content-Disposition: form-data; name=\"model\"; filename*=utf-8''x",
        "Content-Disposition: form-data; name=n\r\nContent-Disposition: form-data; name=model",
        "Content-Disposition: form-data;\r\n name=\"model\"",
        "Content-Disposition: form-data; name=n\nContent-Disposition: form-data; name=model",
        "Content-Disposition: form-data; name=n\rContent-Disposition: form-data; name=model",
        "Content-Disposition: form-data; name=\"mod\0el\"",
        "Content-Disposition : form-data; name=\"model\"",
        "Content-Disposition",
        ": form-data",
        "Content-Disposition: form-data; name=model\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=stream\r\nContent-Transfer-Encoding: base64",
    ] {
        assert_refused(scan(TYPE, &part(header, "m")), header);
    }
}

#[test]
fn only_a_line_of_its_own_is_a_delimiter() {
    for content in [
        "x--b\r\n",
        "\r\n--bX\r\n",
        "\r\n--B\r\n",
        "\r\n--b X\r\n",
        "\r\n--b-\r\n",
        "\r\n--b--X\r\n",
        "\r\n--b -- \r\n",
        "\r\n-b\r\n",
        "\n--bX\n",
        "\r\n\r\n--",
    ] {
        let file = format!("{content}Content-Disposition: form-data; name=\"model\"\r\n\r\nno");
        let header = "Content-Disposition: form-data; name=\"f\"; filename=\"f\"";
        let form = scan(TYPE, &part(header, &file)).unwrap();
        assert_eq!(form.model, None, "{content:?}");
    }
}

#[test]
fn a_delimiter_may_be_padded_and_the_last_line_break_missing() {
    let header = "Content-Disposition: form-data; name=\"model\"\r\n\r\nm";
    for body in [
        format!("--b \t\r\n{header}\r\n--b--\r\n"),
        format!("--b\r\n{header}\r\n--b-- \t\r\nepilogue\r\n--b\r\n"),
        format!("--b\r\n{header}\r\n--b--"),
        format!("--b\r\n{header}\r\n--b-- "),
        format!("\r\n--b\r\n{header}\r\n--b--\r\n"),
        format!("preamble --b\r\n--bX\r\n--b\r\n{header}\r\n--b--\r\n"),
        format!("--b\r\n\r\nno headers\r\n--b\r\n{header}\r\n--b--\r\n"),
        format!("--b\r\nX: no body\r\n\r\n--b\r\n{header}\r\n--b--\r\n"),
    ] {
        let form = scan(TYPE, &body).unwrap();
        assert_eq!(form.model.unwrap().value, "m", "{body:?}");
    }
}

#[test]
fn a_boundary_between_bare_line_breaks_is_refused() {
    let model = "Content-Disposition: form-data; name=\"model\"\r\n\r\nm";
    for body in [
        format!("--b\n{model}\r\n--b--\r\n"),
        format!("--b\r{model}\r\n--b--\r\n"),
        format!("\n--b\r\n{model}\r\n--b--\r\n"),
        format!("--b\r\n{model}\n--b\r\n\r\n\r\n--b--\r\n"),
        format!("--b\r\n{model}\r--b\n\r\n\r\n--b--\r\n"),
        format!("--b\r\n{model}\r\n--b--\n"),
        format!("--b\r\n{model}\n--b--\r\n\r\n--b--\r\n"),
        format!("--b{}\r\n{model}\r\n--b--\r\n", " ".repeat(257)),
    ] {
        assert_refused(scan(TYPE, &body), &body);
    }
}

#[test]
fn a_form_must_be_whole() {
    let whole = part("Content-Disposition: form-data; name=\"n\"", "1");
    for end in 0..whole.len() - "\r\n".len() {
        assert_refused(scan(TYPE, &whole[..end]), &whole[..end]);
    }
    assert_refused(scan(TYPE, "no form at all"), "text");
    assert!(scan(TYPE, "--b--\r\n").unwrap().model.is_none());
}

#[test]
fn the_model_is_a_name() {
    let longest = "m".repeat(MAX_VALUE);
    for accepted in ["m", "openai/gpt-4o", "with blank", "é💬", &longest] {
        let form = scan(TYPE, &model_part(accepted)).unwrap();
        assert_eq!(form.model.unwrap().value, accepted);
    }
    let too_long = "m".repeat(MAX_VALUE + 1);
    for refused in [
        "", "a\nb", "a\r\nb", "a\0", "\u{7f}", "\u{85}", "\t", &too_long,
    ] {
        let error = scan(TYPE, &model_part(refused)).expect_err(refused);
        assert_eq!(error.param, Some("model"), "{refused}");
        assert_eq!(error.code, "invalid_multipart");
    }
    let mut not_utf8 = model_part("m?").into_bytes();
    let at = not_utf8.iter().position(|byte| *byte == b'?').unwrap();
    not_utf8[at] = 0xff;
    let error = scan_bytes(TYPE, &not_utf8).expect_err("not UTF-8");
    assert_eq!(error.param, Some("model"));
}

#[test]
fn no_body_at_all_is_an_empty_model() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n--b--\r\n";
    assert_eq!(scan(TYPE, body).unwrap_err().param, Some("model"));
}

#[test]
fn a_second_model_is_refused_before_its_headers_are_through() {
    let header = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n";
    let mut scan = Scan::new(TYPE).unwrap();
    let first = format!("{header}cheap\r\n");
    assert_eq!(scan.push(first.as_bytes()), Ok(Progress::More));
    let (all_but_one, last) = header.as_bytes().split_at(header.len() - 1);
    assert_eq!(scan.push(all_but_one), Ok(Progress::Found));
    let error = scan.push(last).unwrap_err();
    assert_eq!(error.param, Some("model"));
    assert_eq!(scan.push(b"dear\r\n--b--\r\n"), Err(error.clone()));
    assert_eq!(scan.push(b""), Err(error.clone()));
    assert_eq!(scan.held(), 0);
    assert_eq!(scan.finish(), Err(error));
}

#[test]
fn stream_is_true_or_not() {
    for (value, stream) in [
        ("true", true),
        ("false", false),
        ("True", false),
        ("", false),
    ] {
        let header = "Content-Disposition: form-data; name=\"stream\"";
        assert_eq!(
            scan(TYPE, &part(header, value)).unwrap().stream,
            stream,
            "{value}"
        );
    }
}

#[test]
fn one_true_stream_is_enough() {
    let header = "--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\n";
    let body = format!("{header}true\r\n{header}false\r\n--b--\r\n");
    assert!(scan(TYPE, &body).unwrap().stream);
}

#[test]
fn limits_hold() {
    let named = "Content-Disposition: form-data; name=\"n\"\r\nX: ";
    // The block is counted from the line break before it.
    let fits = format!(
        "{named}{}",
        "x".repeat(MAX_HEADERS - named.len() - "\r\n".len())
    );
    assert!(scan(TYPE, &part(&fits, "1")).is_ok());
    assert_refused(scan(TYPE, &part(&format!("{fits}x"), "1")), "headers");

    let one = "--b\r\n\r\n\r\n";
    assert!(scan(TYPE, &format!("{}--b--\r\n", one.repeat(MAX_PARTS))).is_ok());
    assert_refused(
        scan(TYPE, &format!("{}--b--\r\n", one.repeat(MAX_PARTS + 1))),
        "parts",
    );
}

fn part(headers: &str, content: &str) -> String {
    format!("--b\r\n{headers}\r\n\r\n{content}\r\n--b--\r\n")
}

fn model_part(value: &str) -> String {
    part("Content-Disposition: form-data; name=\"model\"", value)
}

fn scan(content_type: &str, body: &str) -> Result<Form, Error> {
    scan_bytes(content_type, body.as_bytes())
}

fn scan_bytes(content_type: &str, body: &[u8]) -> Result<Form, Error> {
    let mut scan = Scan::new(content_type)?;
    scan.push(body)?;
    scan.finish()
}

#[track_caller]
fn assert_refused(result: Result<Form, Error>, case: &str) {
    let error = result.expect_err(case);
    assert_eq!(error.kind, Kind::BadRequest, "{case}");
    assert_eq!(error.code, "invalid_multipart", "{case}");
}
