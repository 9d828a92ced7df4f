//! Requests for an address that the client names.

use crate::answer::Answer;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::explain;
use crate::limits::Admission;
use crate::platform::{Lane, Platform};
use crate::proxy::Request;
use crate::report::Report;
use crate::surface::{self, Address, Arrival, Call, Operation, Route, Unread, Wanted};
use crate::tab::Tab;

/// What a request is. One for OpenAI's own host is the same as one without it: it goes where that path goes here.
pub(super) fn recognise<Body>(
    config: &Config,
    mut request: Request<Body>,
    report: &mut Report,
) -> Result<(Route, Request<Body>)> {
    let mut recognised = |request: &Request<Body>| {
        let arrival = Arrival {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
        };
        let route = config.recognise(&arrival);
        route.inspect_err(|_| report.surface = Some(config.spoken(&arrival)))
    };
    let mut route = recognised(&request)?;
    if let Route::Forward(address) = &route {
        // What is allowed is nobody's business who is not let in.
        config.caller(&request.headers)?;
        config.forwards.admit(address, &request.headers)?;
        if address.is_openais() {
            (request.path, request.query) = (address.path.clone(), address.query.clone());
            route = recognised(&request)?;
            if matches!(route, Route::Forward(_)) {
                return Err(surface::nested());
            }
        }
    }
    Ok((route, request))
}

/// Passes a request on to an address of the client's: on a provider's account where one is configured for it, else with
/// what the client brings.
pub(super) async fn answer<P: Platform>(
    platform: &P,
    config: &Config,
    address: &Address,
    request: Request<P::ClientBody>,
    report: &mut Report,
    tab: &mut Tab,
) -> Result<Answer<P::UpstreamBody>> {
    let server = config.server_at(address);
    let path = server.as_ref().map_or(&address.path, |(_, below)| below);
    let wanted = Wanted::of(Operation::Relay, path);
    report.surface = Some(wanted.surface);
    report.operation = Some(wanted.operation.name());
    let caller = config.caller(&request.headers)?;
    report.client = Some(caller.name().to_owned());
    if explain::is_wanted(&request.headers, &caller)? {
        return Err(surface::unexplained());
    }
    caller.may_relay()?;
    // Of settings that cannot be read the clients' keys may be a part: what looks like a client's own may be one.
    if let Some(problem) = config.problem() {
        return Err(Error::configuration(problem.to_owned()));
    }
    let unread = Unread {
        method: request.method,
        query: address.query.clone(),
        headers: request.headers,
        body: request.body,
    };
    let call = Call::unseen(wanted, unread);
    let pool = server.map(|(provider, _)| config.pool_of(&provider));
    let admission = Admission {
        platform,
        config,
        caller: &caller,
    };
    match &pool {
        Some(pool) => admission.admit(&call, pool, tab).await?,
        // Its tokens are on nobody's account here.
        None => admission.admit_one(tab).await?,
    }
    let exchange = Exchange {
        platform,
        config,
        caller: &caller,
        call,
        lane: Lane::First,
        gated: false,
        first_output_millis: None,
        report,
        tab,
    };
    match pool {
        Some(pool) => exchange.run(&pool).await,
        None => exchange.forward(address, config.timeouts).await,
    }
}
