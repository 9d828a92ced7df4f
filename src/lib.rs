//! Isthmus: one narrow strip of Rust between the OpenAI API and everyone's models.
//!
//! A request comes in through [`proxy::handle`] and leaves as an [`answer::Answer`]. On the way:
//!
//! 1. `cloudflare/` hands over method, path, headers and the body's handle, as text that crosses once.
//! 2. [`surface`] says what is wanted ([`surface::Wanted`]) and in whose shape, from path and method, and where they
//!    leave it open from query and headers. What is for an address of the client's goes by [`forward`] alone.
//! 3. [`clients`] says who calls and what that client may use; nothing was looked up before. Lists of models are
//!    [`catalogue`]'s to answer, and go no further.
//! 4. [`surface::Call`] reads of the body what must be known: `model` and `stream`, by a scan
//!    ([`openai::json`], [`openai::multipart`]) that remembers where the model stands.
//! 5. [`config`] gives the [`pool::Pool`] for that model; [`limits`] reserve what the call may use, where something bounds
//!    it. What it owes stands on its [`tab`].
//! 6. [`exchange`] tries the targets in the order that the pool's strategy and their [`condition`]s give
//!    ([`pool::order`]), each under the [`providers::names`] it may know the model by: [`providers`] say
//!    where ([`providers::Endpoint`]), [`dialect`] what must change in the bytes, [`credentials`] and [`allowed`]
//!    which headers go along, [`platform`] sends. A refusal may teach how to ask ([`azure::lessons`],
//!    [`gemini::lessons`]). What an upstream takes one by one goes as several requests at once, whose answers become one.
//!    One table says of every failure what it is of, and whether another target may do better ([`pool::judgement`]).
//! 7. The upstream's body is passed on as the runtime's own stream; for an event stream only its end is looked at. What
//!    a dialect must change is read: an answer whole, a stream through a [`stream::Rewrite`], event by event, until it
//!    says that the rest may pass unseen. While another target may still take over, nothing of a stream goes out before
//!    its first output ([`gate`]); one whose tokens count is looked at for its [`usage`].
//! 8. The tab is settled, by what the upstream counted or by an estimate, and [`report`] leaves one line: after the last
//!    byte of an event stream or the hang-up, else when the answer is handed over (the last byte of a native body is
//!    nobody's to see).
//!
//! A call that is to be explained goes the same way, up to the credential, and is told of instead: [`explain`].
//!
//! What the gateway itself wants to know of an upstream it asks by an [`inquiry`]: the lists that [`catalogue`] and the
//! search for a deployment read, in the words of [`listed`] and [`facts`], and the signs of life [`health`] looks for.
//! How the targets stand that calls have met is told by [`instances`].
//!
//! # Invariants
//!
//! * Only `cloudflare/` knows Cloudflare: on the host its crates do not exist.
//! * Only [`providers`] knows where an upstream lives, only [`dialect`] and what it calls what is spoken there.
//!   One `match` on the kind of provider says where a call goes: [`providers::Provider::endpoint`].
//! * Only [`proxy`] turns an [`error::Error`] into a response. Only [`config`] reads settings.
//! * Bytes nobody has to change are not touched: of a server that speaks OpenAI's API no byte of a successful answer
//!   enters wasm, unless its tokens count or another target may take over. Bodies are edited in place ([`json`]), not
//!   rebuilt; what was read of them is kept on the runtime's side. Only Anthropic's Messages and Google's contents are
//!   written anew, from pieces of the client's text.
//! * A [`secret::Secret`] cannot be printed; it becomes a header, a digest, a signature, or part of the form that asks for
//!   a token. A [`report::Report`] has no field one could stand in.
//! * Nothing panics on any configuration or input, and if something does, it is that request's own 500.
//! * Every buffer has a bound, and every bound an error that names it.
//! * Nothing is awaited that another request created. A client that leaves drops the future of its call, and with it
//!   everything it held; while an answer streams, nothing of Rust is alive but its report and what changes it.
//!   A call that needs what another is fetching looks again every few milliseconds ([`memory::Turn`]).
//!
//! # Choices that are not obvious
//!
//! * Headers cross to wasm and back as one string ([`headers`]): each string that crosses costs.
//! * The shell's JavaScript (`call.js` and what it imports) is one request's side of the runtime: handles, offsets,
//!   headers. It decides nothing.
//! * The configuration is read once per isolate; only a `GATEWAY` document and provider files kept in KV are read again.
//!   `cli/` reads it by the same code, on the machine where it is written.
//! * A key limited to models opens nothing that is only relayed: what a batch, a file or an assistant would use
//!   cannot be seen from here.
//! * Azure is a dialect of its own although it speaks OpenAI's: what it does differently is pure and testable apart
//!   ([`azure`]), and the plain servers pay nothing for it.
//! * A whole Gemini answer is read and written in one walk, a stream event by event on the chunk's own bytes: what is
//!   copied is checked to be JSON first, since the client gets it unread ([`gemini::stream`]).
//! * A picture behind an address is fetched only where the owner allows it, and from the public internet alone
//!   ([`internet`]).
//! * An address behind `/proxy/` is asked as it is, with what the client brings, never with a key of ours but below the
//!   address that key is configured for; OpenAI's own host there is only a longer way to write a path ([`forward`]).
//! * A stream that passes unseen after its head is copied by the runtime (`tee`), and the copy read in large pieces:
//!   its end tells whether it was whole, for a fraction of what looking at each chunk would cost.
//! * What a client of Azure AI Model Inference asks is written anew for each target from what it sent, so that every
//!   dialect meets a request of OpenAI's; of its streams every chunk is looked at, since its parser dies on a comment
//!   ([`inference`]).
//! * The list of models is made of what upstreams list and what the configuration says, and each id in it is put to the
//!   router first: what does not lead back to that model is not shown ([`catalogue`]). What is stale is served at once; a
//!   [`later::Job`] renews it when the answer is gone.
//! * What all isolates count or know together is in objects of that purpose ([`shared`]), asked in JSON, and pure. No call
//!   waits for one where that can be helped: an isolate takes from a lease of each limit, and tells what it saw of targets
//!   when the answer is gone ([`later`]). Without the objects each isolate goes by what it knows itself.
//! * What is on an object's disk is ahead of what it granted: it forgets no grant, and need not write for each.
//! * What was found out (deployments, lessons) is kept by name in [`memory`], for an hour at most: what has changed
//!   meanwhile is found out again. Other isolates read the names of deployments and access tokens in the platform's
//!   store: names for a day, tokens as long as they hold.
//!
//! # To add
//!
//! * **a provider**: see [`providers`].
//! * **a dialect**: a folder beside [`azure`], [`anthropic`] and [`gemini`], a variant of [`dialect::Dialect`]; the
//!   compiler lists its arms. One that streams: a variant of [`stream::Rewrite`].
//! * **a strategy**: a word of [`pool::Strategy`], an arm of [`pool::order`]; **a kind of failure**: a row of
//!   [`pool::judgement`].
//! * **a model family of Azure's**: [`azure::family`]; **a quirk**: the file of `azure/` that is named for it.
//! * **a model of Google's** that is unlike the newest: [`gemini::model`]; **what a refusal teaches**: [`gemini::lessons`].
//! * **what a name tells of a model**: [`azure::facts`], [`gemini::facts`]; **a list's shape**: to read it
//!   [`dialect::Dialect::listed`], to write it a file of `catalogue/shape/`.
//! * **an operation**: a variant of [`surface::Operation`] and a row of its table of paths.
//! * **a surface**: a variant of [`surface::Surface`], a branch of [`surface::recognise`].
//! * **a setting**: [`config`], its list of what is known, the README's table.

pub mod proxy;

pub mod surface;

pub mod clients;
pub mod config;
pub mod cors;
pub mod forward;

pub mod catalogue;
pub mod health;
pub mod instances;

pub mod condition;
pub mod exchange;
pub mod explain;
pub mod gate;
pub mod inquiry;
pub mod limits;
pub mod pool;
pub mod shared;
pub mod tab;
pub mod usage;

pub mod providers;

pub mod credentials;

pub mod allowed;

pub mod dialect;
pub mod stream;

pub mod anthropic;
pub mod azure;
pub mod gemini;
pub mod inference;
pub mod openai;

pub mod demo;
pub mod json;
pub mod sound;
pub mod sse;

pub mod answer;
pub mod base64;
pub mod billing;
pub mod calendar;
pub mod error;
pub mod facts;
pub mod glob;
pub mod headers;
pub mod hex;
pub mod internet;
pub mod later;
pub mod listed;
pub mod memory;
pub mod origin;
pub mod platform;
pub mod report;
pub mod reporter;
pub mod secret;
pub mod together;

#[cfg(target_arch = "wasm32")]
pub mod cloudflare;
