//! The pages behind the first of a list.

use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::headers::Headers;
use crate::platform::{Bounds, Outbound, Platform};
use crate::surface::encode;

use super::send::without_body;

/// Thousands of models: no list is that long.
const MOST: usize = 10;
const MAX_PAGE: usize = 8 << 20;

impl<P: Platform> Exchange<'_, P> {
    /// What cannot be had of the others is left out: a list without its end is better than none.
    pub(super) async fn add_pages(
        &mut self,
        pages: &mut Vec<Vec<u8>>,
        sending: &Sending<'_>,
        headers: &Headers,
    ) {
        let operation = self.call.wanted.operation;
        let dialect = sending.endpoint.dialect;
        while pages.len() < MOST {
            let next = pages
                .last()
                .and_then(|page| dialect.next_page(operation, page));
            let Some(next) = next else { break };
            let mark = if sending.url.contains('?') { '&' } else { '?' };
            let url = format!("{}{mark}pageToken={}", sending.url, encode(&next));
            let outbound = Outbound {
                url: &url,
                ..without_body("GET", sending, headers)
            };
            self.report.attempts += 1;
            let Ok(mut inbound) = self.platform.fetch(outbound).await else {
                break;
            };
            let bounds = Bounds {
                bytes: MAX_PAGE,
                idle_millis: sending.target.provider.timeouts.idle_millis,
            };
            let read = self.platform.read(&mut inbound.body, bounds).await;
            match read {
                Ok(read) if inbound.status == 200 && read.is_whole => pages.push(read.bytes),
                _ => break,
            }
        }
    }
}
