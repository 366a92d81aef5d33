/** A live backend may be missed by all requests of a probe at most this often. */
export const missedAtMost = 1e-6;

/** Requests of one probe that no weight exceeds. */
export const longestProbe = 200;

export interface SampleSize {
  /** Requests to make. */
  count: number;
  /** Requests that it would take for `missedAtMost`. */
  wanted: number;
  /** Chance that the lightest live backend is missed by all `count` requests. */
  missProbability: number;
}

const lightestShare = (weights: number[]): number => {
  const live = weights.filter((weight) => weight > 0);
  return live.length < 2 ? 1 : Math.min(...live) / live.reduce((total, weight) => total + weight, 0);
};

/** Chance that `count` answers all miss the lightest live backend. */
export const missProbabilityOf = (weights: number[], count: number): number =>
  count === 0 ? 1 : (1 - lightestShare(weights)) ** count;

/**
 * How many requests tell a silent backend from one that merely was not drawn: 20 at weights 1:1, 145 at 1:10. Backends of
 * weight 0 get no requests and do not count.
 *
 * @param most - upper bound; the achieved probability is told.
 */
export function sampleSize(weights: number[], most = longestProbe): SampleSize {
  const share = lightestShare(weights);
  const wanted = share === 1 ? 1 : Math.ceil(Math.log(missedAtMost) / Math.log(1 - share));
  const count = Math.min(wanted, Math.max(1, most));
  return { count, wanted, missProbability: missProbabilityOf(weights, count) };
}
