import * as z from 'zod';
import { maintenanceWindow } from './maintenance.ts';

/** What an alert can be about. The order is that of urgency: where not all can be told, the first are. */
export const alertKinds = [
  'front-down',
  'ipv4-down',
  'backend-down',
  'stranger-answers',
  'no-observation',
  'declared-observed-differ',
  'address-count-low',
  'zone-out-of-service',
  'vantage-without-ipv6',
  'slow',
  'certificate-near-expiry',
  'release-blocked',
  'drift',
] as const;

/** What an alert of the installation itself can be about. */
export const ownAlertKinds = ['channel-failing'] as const;

export type AlertKind = (typeof alertKinds)[number] | (typeof ownAlertKinds)[number];

export const byUrgency: readonly AlertKind[] = [...alertKinds, ...ownAlertKinds];

const count = z.number().int().min(1).max(100);
const minute = 60_000;
const hour = 60 * minute;

/** When results become a state: so many bad ones in a row, or `bad` of the last `of`; so many good ones in a row end it. */
const rule = z.strictObject({
  isEnabled: z.boolean().default(true),
  failures: count.default(3),
  successes: count.default(2),
  /** `undefined`: only bad results in a row count. */
  mOfN: z
    .strictObject({ bad: count, of: count })
    .refine(({ bad, of }) => bad <= of, 'bad must not be more than of')
    .optional(),
});

export type Rule = z.infer<typeof rule>;

const mOfN = { bad: 5, of: 10 };
const ruleOf = (fallback: Partial<z.input<typeof rule>>) =>
  z
    .preprocess((given) => (typeof given === 'object' && given !== null ? { ...fallback, ...given } : given), rule)
    .prefault({});

/** How alerts of one target behave; a deployment may state any of it, what it leaves out is as here. */
export const alertSettingsSchema = z.strictObject({
  rules: z
    .strictObject({
      'front-down': ruleOf({ mOfN }),
      'ipv4-down': ruleOf({ mOfN }),
      'backend-down': ruleOf({ mOfN }),
      // No chance explains one answer of a stranger, who may give few of them; a server that is being replaced may.
      'stranger-answers': ruleOf({ failures: 2, successes: 5, mOfN: { bad: 3, of: 10 } }),
      // The sweep waits for the ticks by itself.
      'no-observation': ruleOf({ failures: 1, successes: 1 }),
      'declared-observed-differ': ruleOf({ mOfN }),
      'address-count-low': ruleOf({ mOfN }),
      // Users are served: a zone that comes back within minutes is not worth a message.
      'zone-out-of-service': ruleOf({ failures: 5 }),
      // Says nothing about the load balancer: told after a while.
      'vantage-without-ipv6': ruleOf({ failures: 10 }),
      slow: ruleOf({ failures: 5, successes: 3, mOfN: { bad: 8, of: 10 } }),
      'certificate-near-expiry': ruleOf({}),
      // It has been tried several times by then.
      'release-blocked': ruleOf({ failures: 1, successes: 1 }),
      // One comparison already looks at everything twice a stage.
      drift: ruleOf({ failures: 1, successes: 1 }),
    })
    .prefault({}),
  /** How far apart observations are meant to be. */
  tickMs: z.number().int().min(1000).max(hour).default(minute),
  /** So many ticks without an observation are an alert. */
  silentTicks: count.default(3),
  /** Part of the requests of one probe that may fail without being a bad result: networks lose some. */
  lossTolerance: z.number().min(0).max(0.5).default(0.1),
  slowP95Ms: z.number().min(1).max(60_000).default(1000),
  certificateDays: z.number().min(0).max(365).default(14),
  /** A dual-stack load balancer stands in two zones, hence two addresses. */
  minimumAddresses: z.number().int().min(1).max(20).default(2),
  /** An alert that lasts is told again after this long; 0: never. */
  reminderMs: z
    .number()
    .int()
    .min(0)
    .max(7 * 24 * hour)
    .default(4 * hour),
  /** What begins this often within `withinMs` is flapping: it stays one alert until nothing bad was seen for `calmMs`. */
  flapping: z
    .strictObject({
      fires: z.number().int().min(2).max(20).default(2),
      withinMs: z
        .number()
        .int()
        .min(minute)
        .max(24 * hour)
        .default(hour),
      calmMs: z
        .number()
        .int()
        .min(minute)
        .max(24 * hour)
        .default(15 * minute),
    })
    .prefault({}),
  /** Messages about one target in any hour, whatever happens. */
  maxSendsPerHour: z.number().int().min(2).max(60).default(10),
  /** While one of them is open, nothing new is told. */
  maintenance: z.array(maintenanceWindow).max(20).default([]),
});

/** Returns the rule of the kind. A channel counts its failures itself. */
export const ruleFor = ({ rules }: AlertSettings, kind: AlertKind): Rule =>
  kind === 'channel-failing' ? { isEnabled: true, failures: 1, successes: 1 } : rules[kind];

export type AlertSettings = z.infer<typeof alertSettingsSchema>;
export type AlertSettingsInput = z.input<typeof alertSettingsSchema>;

export const defaultAlertSettings: AlertSettings = alertSettingsSchema.parse({});

/** Settings as they were stored, perhaps by a version that knew fewer kinds of alert: what is missing is as by default. */
export const completeSettings = (stored: AlertSettings | undefined): AlertSettings => ({
  ...defaultAlertSettings,
  ...stored,
  rules: { ...defaultAlertSettings.rules, ...stored?.rules },
});
