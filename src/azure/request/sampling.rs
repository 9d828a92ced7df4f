//! Parameters a family refuses: what says nothing goes, the rest only where the owner or the upstream said so.

use crate::azure::family::Reasons;
use crate::azure::request::Draft;
use crate::json::Value;

/// `effort`: of the reasoning, as the client has it.
pub(super) fn repair(draft: &mut Draft<'_, '_>, effort: Option<&str>) {
    let lessons = draft.lessons;
    let effort = effort.filter(|_| !lessons.drops("reasoning_effort"));
    let refused = Refused::by(draft, effort);
    let drops_all = draft.manner.options.drop_unsupported;
    draft.body.retain(|name, value| {
        let is_idle = is_default(name, value);
        let may_go = is_idle || name != "n";
        let goes = (lessons.drops(name) && may_go)
            || (refused.has(name) && (is_idle || (drops_all && may_go)))
            // OpenAI's cheaper tier, which Azure has nowhere.
            || (drops_all && name == "service_tier" && value.is("flex"));
        !goes
    });
}

/// What a family refuses at one effort.
struct Refused {
    always: &'static [&'static str],
    now: &'static [&'static str],
}

impl Refused {
    fn by(draft: &Draft<'_, '_>, effort: Option<&str>) -> Self {
        let traits = draft.traits;
        let reasons = match traits.reasons {
            Reasons::Never => false,
            Reasons::Always => true,
            Reasons::UnlessToldNot => effort != Some("none"),
            Reasons::IfTold => effort.is_some_and(|it| it != "none"),
        };
        Self {
            always: traits.refuses,
            now: match reasons {
                true if effort == Some("minimal") => traits.refuses_at_minimal,
                true => traits.refuses_reasoning,
                false => &[],
            },
        }
    }

    fn has(&self, name: &str) -> bool {
        self.always.contains(&name) || self.now.contains(&name)
    }
}

/// Whether a parameter has the value it has when it is left out. Many clients send all of them always.
fn is_default(name: &str, value: Value<'_>) -> bool {
    let is_number = |number: f64| {
        let given = value.as_f64();
        given.is_some_and(|it| (it - number).abs() < f64::EPSILON)
    };
    match name {
        "temperature" | "top_p" | "n" => is_number(1.0),
        "presence_penalty" | "frequency_penalty" => is_number(0.0),
        "logprobs" => value.raw() == b"false",
        "logit_bias" => value.is_object() && value.is_empty(),
        _ => false,
    }
}
