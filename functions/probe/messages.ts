import * as z from 'zod';

const deploymentId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{26}$/);

/** Epoch milliseconds that a date can hold. */
const instant = z.number().int().min(0).max(8.64e15);

/** What travels over the probe queue: ids only, since a probe goes where the record says and nowhere else. */
export const probeMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('shard'),
    tickMs: instant,
    shard: z.number().int().min(0),
    /** All shards of the tick: the budget of API calls is divided among them. */
    shards: z.number().int().min(1),
    deploymentIds: z.array(deploymentId).min(1).max(500),
  }),
  /** Somebody has asked for a probe from an instance. */
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('on-demand'),
    deploymentId,
    /** Instant of the observation that will come of it. */
    atMs: instant,
  }),
  /** An instance was asked, and may have answered. */
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('collect'),
    deploymentId,
    atMs: instant,
    invokeId: z.string().regex(/^[\w-]{1,100}$/),
    /** Looks before this one. */
    look: z.number().int().min(0).max(20),
  }),
]);
export type ProbeMessage = z.infer<typeof probeMessageSchema>;
export type ShardMessage = Extract<ProbeMessage, { kind: 'shard' }>;
export type OnDemandMessage = Extract<ProbeMessage, { kind: 'on-demand' }>;
export type CollectMessage = Extract<ProbeMessage, { kind: 'collect' }>;

const timerSchema = z.object({ triggerTime: z.iso.datetime(), triggerName: z.string() });

/** The instant of a timer's tick, or undefined where the event is none of a timer. */
export function tickOf(event: Buffer | string): number | undefined {
  try {
    const result = timerSchema.safeParse(JSON.parse(event.toString()));
    return result.success ? Date.parse(result.data.triggerTime) : undefined;
  } catch {
    return undefined;
  }
}
