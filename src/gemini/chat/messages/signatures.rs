//! Thought signatures: what Gemini 3 wants to see again of its own calls, and how clients bring it back.

use std::borrow::Cow;

use super::Setting;
use super::calls::Call;
use super::parts::Part;
use crate::gemini::lessons::Lesson;
use crate::json::{Fields, Value, Writer, quoted};

/// It stands for a signature that is not at hand; as it is, its base64 is refused. Google documents it for calls that
/// come from elsewhere.
const SENTINEL: &[u8] = br#""skip_thought_signature_validator""#;

/// In an id: what is behind it is the signature. Clients that drop unknown members keep ids.
const IN_ID: &str = "__thought__";

const MEMBER: &str = "thought_signature";
const SPECIFIC: &str = "provider_specific_fields";

/// As JSON has it, quotes included.
#[derive(Clone, Debug)]
pub(super) struct Signature<'t>(Cow<'t, [u8]>);

impl<'t> Signature<'t> {
    /// Of `extra_content`, as Google's own endpoints give it and as answers of ours do.
    pub(super) fn of(extra: Option<Value<'t>>, setting: &Setting<'_>) -> Option<Self> {
        let extra = extra.filter(|_| are_trusted(setting))?;
        let mut makers = ["google", "vertex"].into_iter();
        makers.find_map(|maker| Self::within(extra.get(maker)))
    }

    fn within(object: Option<Value<'t>>) -> Option<Self> {
        Self::read(object?.get(MEMBER))
    }

    fn read(signature: Option<Value<'t>>) -> Option<Self> {
        let signature = signature.filter(|it| it.is_string() && !it.is_empty())?;
        Some(Self(Cow::Borrowed(signature.raw())))
    }

    /// Behind the id proper.
    fn in_id(id: &str) -> Option<Self> {
        let (_, signature) = id.split_once(IN_ID)?;
        let is_one = !signature.is_empty();
        is_one.then(|| Self(Cow::Owned(quoted(signature).into_bytes())))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.raw("thoughtSignature", &self.0);
    }
}

/// Google said that those which came along are not its own: none is sent.
fn are_trusted(setting: &Setting<'_>) -> bool {
    !setting.lessons.has(Lesson::NoSignatures)
}

/// An id without what was hung on it.
pub(super) fn clean_id(id: Cow<'_, str>) -> Cow<'_, str> {
    match id.find(IN_ID) {
        None => id,
        Some(end) => match id {
            Cow::Borrowed(id) => Cow::Borrowed(id.get(..end).unwrap_or_default()),
            Cow::Owned(mut id) => {
                id.truncate(end);
                Cow::Owned(id)
            }
        },
    }
}

/// Of a call and its function, which clients put it on in their several ways.
pub(super) fn of_call<'t>(
    call: &Fields<'t>,
    function: &Fields<'t>,
    id: &str,
    setting: &Setting<'_>,
) -> Option<Signature<'t>> {
    if !are_trusted(setting) {
        return None;
    }
    Signature::of(call.get("extra_content"), setting)
        .or_else(|| Signature::read(function.get(MEMBER)))
        .or_else(|| Signature::within(call.get(SPECIFIC)))
        .or_else(|| Signature::within(function.get(SPECIFIC)))
        .or_else(|| Signature::in_id(id))
}

/// Of the message's own words.
pub(super) fn of_message<'t>(message: &Fields<'t>, setting: &Setting<'_>) -> Option<Signature<'t>> {
    Signature::of(message.get("extra_content"), setting)
}

/// Puts a message's signature on what it is for: the end of the text; else the last picture, or the one call of
/// `function_call`, which has no place for its own.
pub(super) fn put<'t>(signature: Signature<'t>, parts: &mut [Part<'t>], calls: &mut [Call<'t>]) {
    let last_text = parts.iter().rposition(Part::is_text);
    let at = last_text.or(parts.len().checked_sub(1));
    if let Some(part) = at.and_then(|at| parts.get_mut(at)) {
        part.signature.get_or_insert(signature);
    } else if let [call] = calls
        && call.is_legacy()
    {
        call.signature.get_or_insert(signature);
    }
}

/// "Function call is missing a `thought_signature` in functionCall parts": Gemini 3 wants one on the first call of each
/// turn of the model's, and refuses signatures made up for the others.
pub(super) fn complete(calls: &mut [Call<'_>], setting: &Setting<'_>) {
    let is_wanted = setting.model.is_gemini3() || !are_trusted(setting);
    if let Some(first) = calls.first_mut().filter(|_| is_wanted) {
        first
            .signature
            .get_or_insert(Signature(Cow::Borrowed(SENTINEL)));
    }
}
