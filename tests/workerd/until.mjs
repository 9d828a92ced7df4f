// Waiting for what comes in its own time: a log line, a closed socket.

/** The first truthy value of `look`, or an error that says what did not come. */
export async function until(look, what, withinMillis = 5000) {
  const deadline = Date.now() + withinMillis;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`did not come within ${withinMillis} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A promise that must settle in time. */
export async function within(millis, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${millis} ms: ${what}`)), millis);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
