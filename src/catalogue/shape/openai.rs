//! `{"object": "list", "data": [{"id", "object": "model", ...}]}`.

use crate::catalogue::list::Entry;

pub fn list(entries: &[&Entry]) -> Vec<u8> {
    let size: usize = entries.iter().map(|entry| entry.size()).sum();
    let mut out = Vec::with_capacity(size + 32);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend(item(entry));
    }
    out.extend_from_slice(b"]}");
    out
}

pub fn item(entry: &Entry) -> Vec<u8> {
    entry.item().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Entry, list};

    #[test]
    fn items_stand_as_they_are_told() {
        let entry = |id: &str, members: &str| Entry {
            id: id.to_owned(),
            members: members.to_owned(),
            deployment: None,
        };
        let (told, bare) = (entry("a\"b", r#""created":5,"x":[1]"#), entry("c", ""));
        for (entries, wanted) in [
            (vec![], r#"{"object":"list","data":[]}"#),
            (
                vec![&told, &bare],
                r#"{"object":"list","data":[{"id":"a\"b","created":5,"x":[1]},{"id":"c"}]}"#,
            ),
        ] {
            assert_eq!(String::from_utf8(list(&entries)).unwrap(), wanted);
        }
    }
}
