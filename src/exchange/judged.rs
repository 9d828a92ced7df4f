//! What an attempt brought, as the table of failures asks for it.

use crate::error::{Error, Kind};
use crate::exchange::{Refused, may_go_to_another_target};
use crate::pool::judgement::{self, Judgement, Outcome};
use crate::surface::Surface;

impl Refused {
    pub(super) fn judged(&self, now_millis: u64) -> Judgement {
        let dialect = self.dialect;
        let refusal = dialect.refusal(self.clone(), Surface::OpenAi);
        let told = refusal.told();
        let mut headers = self.headers.clone();
        for (name, value) in &refusal.headers {
            headers.set(name, value);
        }
        let refusal = judgement::Refusal {
            status: refusal.status,
            headers: &headers,
            code: &told.code,
            kind: &told.kind,
            message: &told.message,
            whose: self.whose,
            credential: dialect.refuses_credential(self.status, &self.body),
            is_counted_by_model: dialect.counts_by_model(),
            is_missing_model: self.is_missing_model(),
            is_about_place: self.is_about_place(),
        };
        judgement::judge(Outcome::Refused(refusal), now_millis)
    }
}

/// What an error of ours stands for.
pub(super) fn of_error(error: &Error) -> Outcome<'static> {
    match (error.kind, error.code) {
        (Kind::Timeout, "upstream_silent") => Outcome::Silent,
        (Kind::Timeout, "upstream_idle")
        | (
            Kind::BadGateway,
            "upstream_broke" | "upstream_nonsense" | "upstream_stream_interrupted",
        ) => Outcome::BrokeOff,
        (Kind::Timeout, _) => Outcome::Timeout,
        (
            Kind::BadGateway,
            "upstream_unreachable" | "upstream_redirect" | "upstream_auth_error",
        ) => Outcome::Unreachable,
        // Too large, or not what was asked for: another model's may be.
        (Kind::BadGateway, _) => Outcome::Unfit,
        (
            Kind::BadRequest,
            "content_filter" | "content_policy_violation" | "moderation_blocked",
        ) => Outcome::Withheld,
        _ if may_go_to_another_target(error) => Outcome::Unfit,
        _ => Outcome::Clients,
    }
}
