/** Fractional part of the golden ratio: its multiples, modulo 1, lie more evenly than those of any other number. */
const golden = 0.618_033_988_749_895;

/**
 * Who is first of `count` at a tick. Over any run of ticks the firsts are spread evenly, so that a part of the circle that
 * is served at each tick soon comes around to everyone.
 */
export const firstAt = (tickMs: number, count: number): number =>
  Math.floor(((Math.floor(tickMs / 60_000) * golden) % 1) * count);
