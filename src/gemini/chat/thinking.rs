//! How much the model thinks: OpenAI's efforts, Anthropic's budgets and Google's own words as `thinkingConfig`.

use crate::error::{Result, invalid};
use crate::gemini::asked::object;
use crate::gemini::google::{Google, either};
use crate::gemini::lessons::{Lesson, Lessons};
use crate::gemini::model::{Budgets, Level, Model, Thinking};
use crate::json::{Fields, Value, Writer, member};

/// How much is asked for, in whoever's words.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    /// As little as can be.
    None,
    Level(Level),
    /// Tokens; negative: as much as the model likes.
    Budget(i64),
}

/// What Google's own OpenAI-compatible endpoint makes of the efforts.
const EFFORTS: [(&str, Amount); 7] = [
    ("none", Amount::None),
    ("minimal", Amount::Level(Level::Minimal)),
    ("low", Amount::Level(Level::Low)),
    ("medium", Amount::Level(Level::Medium)),
    ("high", Amount::Level(Level::High)),
    ("xhigh", Amount::Level(Level::High)),
    ("max", Amount::Level(Level::High)),
];

const LITTLE: i64 = 1024;
const SOME: i64 = 8192;
const MUCH: i64 = 24_576;

/// As many as the model likes.
const DYNAMIC: i64 = -1;

pub(super) struct Thoughts {
    amount: Option<Amount>,
    /// Whether they are told; None: the owner's choice.
    included: Option<bool>,
}

impl Thoughts {
    /// Google's words beat the others, Anthropic's beat OpenAI's: they say more.
    pub(super) fn read(request: &Fields<'_>, google: &Google<'_>) -> Result<Self> {
        let config = google.get(["thinking_config", "thinkingConfig"]);
        if config.is_some_and(|config| !config.is_object()) {
            return Err(invalid("thinking_config", "an object"));
        }
        let of_effort = of_effort(request)?;
        let of_budget = of_anthropic(request)?;
        let own = config.map(of_google).transpose()?.flatten();
        Ok(Self {
            amount: own.or(of_budget).or(of_effort),
            included: config.map(included).transpose()?.flatten(),
        })
    }

    /// Writes the member `thinkingConfig`, if there is anything to say that the model understands.
    pub(super) fn write(&self, out: &mut Writer, model: Model, include: bool, lessons: Lessons) {
        if lessons.has(Lesson::NoThinking) {
            return;
        }
        let includes = self.included.or(include.then_some(true));
        let more = lessons.has(Lesson::ThinkMore);
        let mut config = Writer::default();
        match model.thinking() {
            Thinking::Never => {}
            Thinking::Budget(budgets) => {
                let budget = self.amount.map(|amount| budget(amount, budgets, more));
                // "Thinking_config.include_thoughts is only enabled when thinking is enabled".
                let is_off = budget.map_or(budgets.is_off_unasked, |budget| budget == 0);
                if let Some(budget) = budget {
                    config.raw("thinkingBudget", budget.to_string().as_bytes());
                }
                write_included(&mut config, includes.filter(|told| !told || !is_off));
            }
            Thinking::Level(levels) => {
                let level = self.amount.and_then(|amount| level(amount, levels, more));
                if let Some(level) = level {
                    config.word("thinkingLevel", level.name());
                }
                write_included(&mut config, includes);
            }
        }
        if !config.is_empty() {
            out.open_member("thinkingConfig");
            out.items(&config);
            out.close();
        }
    }
}

fn write_included(config: &mut Writer, included: Option<bool>) {
    if let Some(included) = included {
        config.raw("includeThoughts", included.to_string().as_bytes());
    }
}

/// The nearest the model takes.
fn budget(amount: Amount, budgets: Budgets, more: bool) -> i64 {
    let tokens = match amount {
        Amount::None => 0,
        Amount::Level(Level::Minimal | Level::Low) => LITTLE,
        Amount::Level(Level::Medium) => SOME,
        Amount::Level(Level::High) => MUCH,
        Amount::Budget(tokens) => tokens,
    };
    match tokens {
        ..0 => DYNAMIC,
        0 if budgets.may_be_off && !more => 0,
        // Refused a budget of 0, the model is one that always thinks.
        0 if budgets.may_be_off => LITTLE,
        _ => tokens.clamp(budgets.least, budgets.most),
    }
}

/// The nearest the model has, the higher if between two. `more`: one above. None: as much as it likes.
fn level(amount: Amount, levels: &[Level], more: bool) -> Option<Level> {
    let wanted = match amount {
        Amount::None | Amount::Budget(0) => Level::Minimal,
        Amount::Level(level) => level,
        Amount::Budget(..0) => return None,
        Amount::Budget(..=LITTLE) => Level::Low,
        Amount::Budget(..=SOME) => Level::Medium,
        Amount::Budget(_) => Level::High,
    };
    let mut above = levels.iter().filter(|level| **level >= wanted);
    let nearest = above.next().or(levels.last());
    above.next().filter(|_| more).or(nearest).copied()
}

/// `reasoning_effort`, or `reasoning: {"effort"}` as the Responses API has it.
fn of_effort(request: &Fields<'_>) -> Result<Option<Amount>> {
    if let Some(effort) = request.get("reasoning_effort") {
        return effort_named(effort, "reasoning_effort").map(Some);
    }
    let reasoning = object(request, "reasoning")?;
    let effort = reasoning.and_then(|it| member(it, "effort"));
    effort.map(|it| effort_named(it, "reasoning")).transpose()
}

fn effort_named(effort: Value<'_>, param: &'static str) -> Result<Amount> {
    let known = EFFORTS.iter().find(|(name, _)| effort.is(name));
    let problem = "none, minimal, low, medium, high, xhigh or max";
    known
        .map(|(_, amount)| *amount)
        .ok_or_else(|| invalid(param, problem))
}

/// `thinking: {"type": "enabled", "budget_tokens": 1024}`.
fn of_anthropic(request: &Fields<'_>) -> Result<Option<Amount>> {
    let Some(thinking) = object(request, "thinking")? else {
        return Ok(None);
    };
    let kind = member(thinking, "type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("disabled") => Ok(Some(Amount::None)),
        Some("enabled" | "adaptive") | None => {
            let tokens = member(thinking, "budget_tokens");
            let tokens = tokens.map(|it| tokens_of(it, "thinking")).transpose()?;
            Ok(Some(Amount::Budget(tokens.unwrap_or(DYNAMIC))))
        }
        Some(_) => Err(invalid("thinking", "of the type enabled or disabled")),
    }
}

/// A level and a budget together are refused: the level is the newer word.
fn of_google(config: Value<'_>) -> Result<Option<Amount>> {
    let level = either(config, ["thinking_level", "thinkingLevel"]);
    if let Some(level) = level.filter(|it| !it.is("THINKING_LEVEL_UNSPECIFIED")) {
        let level = level.as_str().and_then(|name| Level::of(&name));
        let problem = || invalid("thinking_config", "of a level minimal, low, medium or high");
        return level.map(|it| Some(Amount::Level(it))).ok_or_else(problem);
    }
    let budget = either(config, ["thinking_budget", "thinkingBudget"]);
    let budget = budget.map(|it| tokens_of(it, "thinking_config"));
    Ok(budget.transpose()?.map(Amount::Budget))
}

fn included(config: Value<'_>) -> Result<Option<bool>> {
    let included = either(config, ["include_thoughts", "includeThoughts"]);
    match included.map(Value::raw) {
        None => Ok(None),
        Some(b"true") => Ok(Some(true)),
        Some(b"false") => Ok(Some(false)),
        Some(_) => Err(invalid(
            "thinking_config",
            "with a boolean include_thoughts",
        )),
    }
}

fn tokens_of(value: Value<'_>, param: &'static str) -> Result<i64> {
    let digits = std::str::from_utf8(value.raw()).ok();
    let tokens = digits.and_then(|digits| digits.parse().ok());
    tokens.ok_or_else(|| invalid(param, "with a whole number of tokens"))
}
