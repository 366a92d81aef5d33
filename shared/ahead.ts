/** How far an instant that comes by message, event or row may lie ahead of our own clock: clocks of machines differ. */
export const maxAheadMs = 60_000;

/** Returns whether nobody can have meant this instant yet: it is void, since waiting for it would hold up all that follows. */
export const isAhead = (atMs: number, nowMs: number): boolean => atMs > nowMs + maxAheadMs;

/** Returns the instant unless it is void: then now, as a clock that jumped back shows it. */
export const noLater = (atMs: number, nowMs: number): number => Math.min(atMs, nowMs);
