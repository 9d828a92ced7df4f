//! Event streams of `streamGenerateContent` as OpenAI's.

mod alike;
mod choice;
mod chunks;
mod frames;
mod partial;

use crate::error::{Error, Kind};
use crate::gemini::answer::calls::Manner;
use crate::gemini::answer::cursor::Cursor;
use crate::gemini::answer::nothing::{malformed, withheld};
use crate::gemini::answer::read::{Answer, Candidate, elements};
use crate::gemini::finish::Finish;
use crate::gemini::usage::{Counts, Usage};
use crate::gemini::{Expects, Host, chat, errors, interrupted, nonsense, options::Options};
use crate::json::is_json;
use crate::stream::{Ended, Step, Tail};
use crate::usage;

use alike::Alike;
use choice::{Choice, Malformed, Pen};
use chunks::Chunks;
use frames::Frames;

/// Far above what is asked for: eight choices, or one for each of some prompts.
const MAX_CHOICES: usize = 1024;

/// What a stream is the answer to.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The model as the client calls it, where the upstream names none.
    pub model: String,
    pub id: String,
    pub now_secs: u64,
    pub host: Host,
    pub options: Options,
    pub expects: Expects,
    /// How many streams come as one: then the first byte of every chunk is the number of its stream.
    pub sources: usize,
}

/// What must survive between chunks: of each stream that comes in the event that is cut (`frames`), the tokens counted
/// so far, and the last event if others may be like it; what all events of the client's have in common (`chunks`); the
/// choices so far; and whether all is over, or refused before anything was given out.
pub struct Translation {
    frames: Vec<Frames>,
    answer: Streamed,
}

struct Streamed {
    rules: Rules,
    expects: chat::Expects,
    counts: Vec<Counts>,
    alike: Vec<Option<Alike>>,
    chunks: Chunks,
    choices: Vec<Choice>,
    state: State,
}

enum State {
    Open,
    Whole,
    /// An error was given out.
    Failed,
    /// An error instead of an answer, in the words it came in.
    Refused {
        status: u16,
        body: Vec<u8>,
    },
}

impl Translation {
    pub fn new(rules: Rules) -> Self {
        let sources = rules.sources.max(1);
        let expects = match &rules.expects {
            Expects::Chat(expects) => expects.clone(),
            _ => chat::Expects::default(),
        };
        Self {
            frames: (0..sources).map(|_| Frames::default()).collect(),
            answer: Streamed {
                expects,
                counts: vec![Counts::default(); sources],
                alike: (0..sources).map(|_| None).collect(),
                chunks: Chunks::new(&rules),
                choices: Vec::new(),
                state: State::Open,
                rules,
            },
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        let (source, chunk) = match chunk {
            [number, chunk @ ..] if self.frames.len() > 1 => (usize::from(*number), chunk),
            _ => (0, chunk),
        };
        let Some(frames) = self.frames.get_mut(source) else {
            return Step::Instead(Vec::new());
        };
        if !matches!(self.answer.state, State::Open) {
            return Step::Instead(Vec::new());
        }
        self.answer.chunks.reserve(chunk.len());
        let pushed = frames.push(chunk, |event| self.answer.event(source, event));
        if let Err(error) = pushed {
            self.answer.fail_with(&error);
        }
        self.answer.step()
    }

    /// The tokens so far; None where they are said only at the end, and it has not come.
    pub fn usage(&self) -> Option<usage::Usage> {
        let usage = self.answer.usage();
        let is_known = usage.completion > 0 || matches!(self.answer.state, State::Whole);
        is_known.then_some(usage::Usage {
            input: usage.prompt,
            output: usage.completion,
            total: usage.total,
        })
    }

    /// A stream that said why the model stopped is whole, whatever became of its last event.
    pub fn finish(&mut self, _ended: Ended) -> Tail {
        for (source, frames) in self.frames.iter_mut().enumerate() {
            // One that is cut says nothing.
            let last = |event: &[u8]| {
                if is_json(event) {
                    self.answer.event(source, event);
                }
            };
            if let Err(error) = frames.finish(last) {
                self.answer.fail_with(&error);
            }
        }
        self.answer.finish();
        Tail {
            bytes: self.answer.chunks.take(),
            is_whole: matches!(self.answer.state, State::Whole),
        }
    }
}

impl Streamed {
    fn event(&mut self, source: usize, event: &[u8]) {
        if !matches!(self.state, State::Open) {
            return;
        }
        let known = self.alike.get(source).and_then(Option::as_ref);
        if let Some(known) = known
            && let Some((text, usage)) = known.read(event)
        {
            return self.go_on(source, known.choice, text, usage);
        }
        match Answer::read(event) {
            Some(answer) => self.answer(source, &answer, event),
            None => self.unread(source, event),
        }
    }

    /// Text and nothing else, of a choice that has begun.
    fn go_on(&mut self, source: usize, choice: usize, text: &[u8], usage: Option<&[u8]>) {
        self.count(source, usage);
        self.with_choice(source, choice, None, |choice, pen| {
            choice.text(text, pen);
            Ok(())
        });
        self.check_room();
    }

    fn count(&mut self, source: usize, usage: Option<&[u8]>) {
        if let (Some(usage), Some(counts)) = (usage, self.counts.get_mut(source)) {
            counts.raise(usage);
        }
    }

    fn check_room(&mut self) {
        if self.chunks.is_full() {
            self.fail_with(&too_long());
        }
    }

    /// Errors come in arrays, too. A word that is no JSON says nothing, like OpenAI's own end of a stream; an answer
    /// that is broken is one that lacks something.
    fn unread(&mut self, source: usize, event: &[u8]) {
        if is_json(event) {
            for element in elements(event, Cursor::value).filter(|it| it.starts_with(b"{")) {
                self.event(source, element);
            }
        } else if event.trim_ascii_start().starts_with(b"{") {
            match String::from_utf8_lossy(event) {
                std::borrow::Cow::Owned(mended) if is_json(mended.as_bytes()) => {
                    self.event(source, mended.as_bytes());
                }
                _ => self.fail_with(&nonsense()),
            }
        }
    }

    fn answer(&mut self, source: usize, answer: &Answer<'_>, event: &[u8]) {
        if answer.error.is_some() {
            let (status, _) = errors::of_event(event);
            self.fail(status, event.to_vec());
            return;
        }
        if !self.chunks.has_begun() {
            self.name(answer);
        }
        self.count(source, answer.usage);
        let mut is_answered = false;
        for (position, candidate) in answer.candidates().take(MAX_CHOICES).enumerate() {
            is_answered = true;
            self.candidate(source, position, &candidate);
        }
        if !is_answered && answer.is_blocked() {
            let first = source * self.choices_per_source();
            self.with_choice(source, first, None, |choice, pen| {
                choice.block(answer.block_reason, answer.block_message, pen);
                Ok(())
            });
        }
        self.check_room();
        self.remember(source, answer, event);
    }

    /// Keeps what the events that follow may be like: one piece of text.
    fn remember(&mut self, source: usize, answer: &Answer<'_>, event: &[u8]) {
        let mut candidates = answer.candidates();
        let only = candidates.next().filter(|_| candidates.next().is_none());
        let alike = only.and_then(|candidate| {
            let choice = self.index_of(source, 0, &candidate)?;
            Alike::of(event, choice, candidate.only_text()?, answer.usage)
        });
        if let Some(known) = self.alike.get_mut(source) {
            *known = alike;
        }
    }

    /// Streams that come as one have the name we give it.
    fn name(&mut self, answer: &Answer<'_>) {
        let ours = Answer::default();
        let answer = if self.counts.len() > 1 { &ours } else { answer };
        self.chunks.name(&self.rules, answer);
    }

    fn candidate(&mut self, source: usize, position: usize, candidate: &Candidate<'_>) {
        if let Some(index) = self.index_of(source, position, candidate) {
            self.with_choice(source, index, candidate.logprobs, |choice, pen| {
                choice.take(candidate, pen)
            });
        }
    }

    /// Of streams that come as one each has its share of the choices.
    fn index_of(&self, source: usize, position: usize, candidate: &Candidate<'_>) -> Option<usize> {
        let share = self.choices_per_source();
        let index = candidate.index.unwrap_or(position);
        let is_its_own = self.counts.len() == 1 || index < share;
        is_its_own.then(|| (source * share).saturating_add(index))
    }

    fn choices_per_source(&self) -> usize {
        match &self.rules.expects {
            Expects::Completions(expects) => expects.choices_per_prompt.clamp(1, MAX_CHOICES),
            _ => 1,
        }
    }

    fn with_choice(
        &mut self,
        source: usize,
        index: usize,
        logprobs: Option<&[u8]>,
        act: impl FnOnce(&mut Choice, &mut Pen<'_>) -> Result<(), Malformed>,
    ) {
        if !matches!(self.state, State::Open) {
            return;
        }
        let manner = Manner {
            expects: &self.expects,
            options: self.rules.options,
            id: &self.rules.id,
        };
        let found = self.choices.iter().position(|choice| choice.index == index);
        let at = found.unwrap_or(self.choices.len());
        if found.is_none() && at < MAX_CHOICES {
            self.choices.push(Choice::new(index, source, manner));
        }
        let Some(choice) = self.choices.get_mut(at) else {
            return;
        };
        let mut pen = Pen {
            chunks: &mut self.chunks,
            manner,
            logprobs,
        };
        if let Err(Malformed(code)) = act(choice, &mut pen) {
            self.fail_with(&malformed(code));
        }
    }

    /// The choices' ends, once nothing can follow.
    fn finish(&mut self) {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Open => {}
            // It was not asked for before the end.
            State::Refused { body, .. } => return self.chunks.fail(&errors::of_event(&body).1),
            state => {
                self.state = state;
                return;
            }
        }
        if let Some(error) = self.problem() {
            return self.chunks.fail(error.openai_body().as_bytes());
        }
        let usage = self.usage();
        self.choices.sort_by_key(|choice| choice.index);
        let mut pen = Pen {
            chunks: &mut self.chunks,
            manner: Manner {
                expects: &self.expects,
                options: self.rules.options,
                id: &self.rules.id,
            },
            logprobs: None,
        };
        for choice in &mut self.choices {
            choice.finish(&mut pen);
        }
        self.chunks.end(&usage);
        self.state = State::Whole;
    }

    /// Of all streams that come as one.
    fn usage(&self) -> Usage {
        let mut sum = Usage::default();
        for counts in &self.counts {
            sum.add(&counts.usage());
        }
        sum
    }

    /// Why what came is no whole answer.
    fn problem(&self) -> Option<Error> {
        let has_choice = |source| self.choices.iter().any(|choice| choice.source == source);
        let has_all = (0..self.counts.len()).all(has_choice);
        if !has_all || self.choices.iter().any(|choice| choice.finish.is_none()) {
            return Some(interrupted());
        }
        if self.chunks.has_begun() {
            return None;
        }
        let mut finishes = self.choices.iter().map(|choice| choice.finish);
        let is_filtered = finishes.any(|finish| finish == Some(Finish::Filter));
        if is_filtered && !self.chunks.can_refuse() {
            return Some(withheld("content_filter"));
        }
        self.chunks.is_speech().then(silent)
    }

    fn fail_with(&mut self, error: &Error) {
        self.fail(error.status(), error.openai_body().into_bytes());
    }

    /// Before anything was given out an error is an answer of its own.
    fn fail(&mut self, status: u16, body: Vec<u8>) {
        if !matches!(self.state, State::Open) {
            return;
        }
        self.state = if self.chunks.has_begun() {
            self.chunks.fail(&errors::of_event(&body).1);
            State::Failed
        } else {
            State::Refused { status, body }
        };
    }

    fn step(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Refused { status, body } => Step::Refused { status, body },
            state => {
                self.state = state;
                Step::Instead(self.chunks.take())
            }
        }
    }
}

fn silent() -> Error {
    let problem = "The model gave no sound.";
    Error::new(Kind::BadGateway, "no_audio", problem)
}

fn too_long() -> Error {
    let problem = "The transcript is longer than an event may be.";
    Error::new(Kind::BadGateway, "event_too_large", problem)
}
