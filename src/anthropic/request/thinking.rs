//! How much the model may think, and how much it may write.

use crate::anthropic::model::{Model, Thinking};
use crate::error::{Result, invalid};
use crate::json::{Fields, Value, Writer};

use super::read_limit;

/// Anthropic wants a limit said. This is what every model since Claude 3 can write, and what other gateways send.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// Anthropic's least.
const MIN_BUDGET: u64 = 1024;

/// What `reasoning_effort` says.
#[derive(Clone, Copy)]
struct Effort {
    openai: &'static str,
    anthropic: &'static str,
    /// As Google's translation of the same field has them; with the default for the answer below the 32000 tokens
    /// that Claude Opus 4 can write.
    budget: u64,
}

const EFFORTS: [Effort; 6] = [
    effort("minimal", "low", 1024),
    effort("low", "low", 1024),
    effort("medium", "medium", 8192),
    effort("high", "high", 24576),
    effort("xhigh", "xhigh", 24576),
    effort("max", "max", 24576),
];

const fn effort(openai: &'static str, anthropic: &'static str, budget: u64) -> Effort {
    Effort {
        openai,
        anthropic,
        budget,
    }
}

/// Always `budget < max_tokens`, unless the client gave both.
pub(super) struct Plan<'t> {
    pub(super) max_tokens: u64,
    thought: Thought<'t>,
}

enum Thought<'t> {
    Unsaid,
    /// Anthropic's own field.
    Given(Value<'t>),
    Budget(u64),
    Adaptive {
        effort: &'static str,
        shows: bool,
    },
}

impl<'t> Plan<'t> {
    /// `may_think`: no call is forced ("Thinking may not be enabled when `tool_choice` forces tool use"); what the
    /// client wants called counts for more than an effort. `is_thoughtless`: see `Conversation`.
    pub(super) fn make(
        request: &Fields<'t>,
        model: Model,
        may_think: bool,
        is_thoughtless: bool,
    ) -> Result<Self> {
        let limit = read_limit(request)?;
        let effort = read_effort(request.get("reasoning_effort"))?;
        let given = request.get("thinking").filter(|it| it.is_object());
        let has_budget = given.is_some_and(|it| it.get("budget_tokens").is_some());
        let unsaid = Self {
            max_tokens: limit.unwrap_or(DEFAULT_MAX_TOKENS),
            thought: Thought::Unsaid,
        };
        if !may_think {
            return Ok(unsaid);
        }
        Ok(match (given, effort, model.thinking()) {
            (Some(_), ..) if has_budget && is_thoughtless => unsaid,
            (Some(given), ..) => Self::given(given, limit),
            (None, Some(effort), Thinking::Budget) if !is_thoughtless => {
                Self::budget(effort, limit).unwrap_or(unsaid)
            }
            (None, Some(effort), Thinking::Adaptive { shows }) => {
                Self::adaptive(effort, shows, limit)
            }
            _ => unsaid,
        })
    }

    fn given(given: Value<'t>, limit: Option<u64>) -> Self {
        let budget = given
            .get("budget_tokens")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        Self {
            max_tokens: limit.unwrap_or(DEFAULT_MAX_TOKENS.saturating_add(budget)),
            thought: Thought::Given(given),
        }
    }

    /// Thoughts are part of OpenAI's limit as they are of Anthropic's: within the client's own at least half is left
    /// for the answer.
    fn budget(effort: Effort, limit: Option<u64>) -> Option<Self> {
        let budget = limit.map_or(effort.budget, |limit| effort.budget.min(limit / 2));
        (budget >= MIN_BUDGET).then_some(Self {
            max_tokens: limit.unwrap_or(DEFAULT_MAX_TOKENS + budget),
            thought: Thought::Budget(budget),
        })
    }

    fn adaptive(effort: Effort, shows: bool, limit: Option<u64>) -> Self {
        let name = match effort.anthropic {
            "xhigh" if !shows => "high",
            name => name,
        };
        Self {
            max_tokens: limit.unwrap_or(DEFAULT_MAX_TOKENS + effort.budget),
            thought: Thought::Adaptive {
                effort: name,
                shows,
            },
        }
    }

    pub(super) fn thinks(&self) -> bool {
        match self.thought {
            Thought::Unsaid => false,
            Thought::Given(given) => !given.get("type").is_some_and(|kind| kind.is("disabled")),
            Thought::Budget(_) | Thought::Adaptive { .. } => true,
        }
    }

    /// With `output_config`, where the effort stands: the client's own goes first.
    pub(super) fn write(&self, out: &mut Writer, request: &Fields<'_>) {
        let config = request.get("output_config");
        out.value("output_config", config);
        match self.thought {
            Thought::Unsaid => {}
            Thought::Given(given) => out.raw("thinking", given.raw()),
            Thought::Budget(budget) => {
                out.open_member("thinking");
                out.word("type", "enabled");
                out.number("budget_tokens", budget);
                out.close();
            }
            Thought::Adaptive { effort, shows } => {
                out.open_member("thinking");
                out.word("type", "adaptive");
                if shows {
                    out.word("display", "summarized");
                }
                out.close();
                if config.is_none() {
                    out.open_member("output_config");
                    out.word("effort", effort);
                    out.close();
                }
            }
        }
    }
}

/// None for `none`, which is Claude's habit anyway.
fn read_effort(effort: Option<Value<'_>>) -> Result<Option<Effort>> {
    let Some(effort) = effort.filter(|effort| !effort.is("none")) else {
        return Ok(None);
    };
    let known = EFFORTS.into_iter().find(|known| effort.is(known.openai));
    let problem = || {
        invalid(
            "reasoning_effort",
            "none, minimal, low, medium, high or xhigh",
        )
    };
    known.map(Some).ok_or_else(problem)
}
