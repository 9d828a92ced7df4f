// Has to be imported before the Worker: its clock can be put forward.
let ahead = 0;

const { now } = Date;
Date.now = () => now() + ahead;

export function putForward(millis) {
  ahead += millis;
}
