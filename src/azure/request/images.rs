//! Images.

use crate::azure::request::Draft;

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    if !draft.traits.takes_response_format {
        draft.body.remove("response_format");
    }
}
