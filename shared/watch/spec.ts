import * as z from 'zod';
import { alertSettingsSchema } from '../alert/settings.ts';
import { check, type Problem, problemsOf } from '../deployment/problems.ts';
import { either, hasKeyOf } from '../either.ts';
import { domainName } from '../deployment/names.ts';
import { normalAddress } from '../net/cidr.ts';
import { port, probeFields, resourceName } from '../deployment/spec.ts';
import { probeContradictions } from '../probe/contradictions.ts';
import { pathSchema } from '../probe/well-schema.ts';

const listener = either(
  z.strictObject({ port: port.default(80), protocol: z.enum(['HTTP', 'HTTPS']).optional() }),
  z.strictObject({ listenerId: z.string().regex(/^lsn-[a-z0-9]+$/, 'must be a listener id') }),
  hasKeyOf('listenerId'),
);

/** What a server of the group is called: by what its answers say, where they say it. */
const backend = z.strictObject({
  name: z
    .string()
    .trim()
    .regex(/^[\x20-\x7e]{1,100}$/, 'must be 1 to 100 ASCII characters'),
  /** As the server group has it: an instance, a network interface, an address. */
  serverId: z.string().min(1).max(100),
  /** Default: all entries of the server. */
  port: port.optional(),
});

const backends = z
  .array(backend)
  .max(1000)
  .default([])
  .superRefine((named, context) => {
    const names = named.map(({ name }) => name);
    const servers = named.map(({ serverId, port: serverPort }) =>
      [normalAddress(serverId), serverPort ?? ''].join(' ').trim(),
    );
    for (const name of repeated(names))
      context.addIssue({ code: 'custom', message: `two backends are called ${name}` });
    for (const server of repeated(servers)) context.addIssue({ code: 'custom', message: `${server} is given twice` });
  });

const repeated = (values: string[]): Set<string> =>
  new Set(values.filter((value, index) => values.indexOf(value) !== index));

/**
 * A request to watch a load balancer that somebody else made: it is probed and told about, and nothing in the cloud is
 * touched. So it is probed by the function alone: an instance would have to run a command.
 */
export const watchSpecSchema = z
  .strictObject({
    /** Default: the domain. */
    name: resourceName.optional(),
    watchOnly: z.strictObject({
      loadBalancerId: z.string().regex(/^alb-[a-z0-9]+$/, 'must be the id of an Application Load Balancer'),
      /** By id, or by port. */
      listener: listener.prefault({}),
      /** The name that clients use. */
      domain: domainName,
      /** The same as `probe.path`. Default: that of the health check, without one `/`. */
      path: pathSchema.optional(),
      /** Default: each by its address and port. */
      backends,
      /** How answers are told apart. */
      identifyBy: probeFields.shape.identifyBy.unwrap().default({ by: 'answers' }),
    }),
    probe: probeFields.omit({ vantage: true, identifyBy: true }).optional(),
    alerts: alertSettingsSchema.optional(),
  })
  .superRefine(({ watchOnly, probe }, context) => {
    const { path, identifyBy } = watchOnly;
    for (const { field, message } of probeContradictions(probe ?? {}, identifyBy))
      context.addIssue({ code: 'custom', path: field.split('.'), message });
    if (path !== undefined && probe?.path !== undefined && path !== probe.path)
      context.addIssue({
        code: 'custom',
        path: ['probe', 'path'],
        message: `watchOnly.path is another one, ${path}: give one of the two`,
      });
  });

export type WatchSpec = z.infer<typeof watchSpecSchema>;
export type WatchSpecInput = z.input<typeof watchSpecSchema>;

/** Whether a request is to watch rather than to make. */
export const isWatchRequest = hasKeyOf('watchOnly');

/** The request with defaults filled in, or everything that is wrong with it at once. */
export function parseWatchSpec(body: unknown): { spec: WatchSpec } | { problems: Problem[] } {
  const result = check(watchSpecSchema, body);
  return result.success ? { spec: result.data } : { problems: problemsOf(result.error, body) };
}
