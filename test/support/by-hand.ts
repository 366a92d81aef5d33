import type { WireLogEntry } from '../../local/edge.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { StageName } from '../../shared/pipeline.ts';
import type { Harness } from './harness.ts';
import { genericClient } from './rpc-call.ts';

const versions = { vpc: '2016-04-28', ecs: '2014-05-26', alb: '2020-06-16', alidns: '2015-01-09' } as const;

/** What somebody with the account's own credentials does in the console: through the official client, behind our back. */
export async function byHand(
  { cloud }: Harness,
  service: keyof typeof versions,
  action: string,
  params: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  return await genericClient(cloud.url, cloud.context, versions[service])(action, params);
}

const isCloudCall = ({ service, caller }: WireLogEntry): boolean =>
  service in versions && caller.startsWith('dualstack-alb-');

/** Calls of our functions that change something in the cloud, from an entry of the wire log on: `alb CreateListener`. */
export const writesOf = ({ cloud }: Harness, from: number): WireLogEntry[] =>
  cloud.wireLog.slice(from).filter((entry) => isCloudCall(entry) && !/^(Describe|List|Get)/.test(entry.action));

export const named = (entries: WireLogEntry[]): string[] =>
  entries.map(({ service, action }) => `${service} ${action}`);

/** Everything that our functions wrote anywhere, the queue and the store included, from an entry of the wire log on. */
export const allWritesOf = ({ cloud }: Harness, from: number): string[] =>
  named(
    cloud.wireLog
      .slice(from)
      .filter(({ caller, action }) => caller.startsWith('dualstack-alb-') && !/^(Describe|List|Get)/.test(action)),
  );

export interface Drift {
  differs: boolean;
  differences: { stage: StageName; change: string; message: string; remedy?: string }[];
  kept: { stage: StageName; field: string; default: unknown; found: unknown }[];
  undecided: { stage: StageName; reason: string }[];
}

export const driftOf = async (harness: Harness, id: string): Promise<Drift> =>
  (await (await harness.api('GET', `/load-balancers/${id}/drift`)).json()) as Drift;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const outputOf = (record: DeploymentRecord, stage: StageName, key: string): string =>
  textOf(record.stages[stage].outputs[key]);

/** Ids of what the deployment has made, by kind; those that it replaces change, the others never. */
export const idsOf = (record: DeploymentRecord): Record<string, string> => ({
  vpc: outputOf(record, 'network', 'vpcId'),
  securityGroup: outputOf(record, 'security-group', 'securityGroupId'),
  serverGroup: outputOf(record, 'server-group', 'serverGroupId'),
  loadBalancer: outputOf(record, 'load-balancer', 'loadBalancerId'),
  listener: outputOf(record, 'listener', 'listenerId'),
  record: outputOf(record, 'dns', 'recordId'),
});

export const instanceIdsOf = (record: DeploymentRecord): Record<string, string> =>
  (record.stages.instances.outputs['ids'] ?? {}) as Record<string, string>;

/** Asks for a repair and runs it to its end. */
export async function repair(harness: Harness, id: string): Promise<DeploymentRecord> {
  const response = await harness.api('POST', `/load-balancers/${id}/apply`);
  if (response.status !== 202) throw new Error(`apply answered ${response.status}: ${await response.text()}`);
  await harness.run(async () => ['ready', 'failed'].includes((await harness.record(id)).status));
  return await harness.record(id);
}

/** Tags of a resource in the emulated cloud that begin with our name. */
export const ourTags = (tags: { key: string; value: string }[]): string[] =>
  tags
    .filter(({ key }) => key.startsWith('dualstack-alb-'))
    .map(({ key, value }) => `${key.slice('dualstack-alb-'.length)}=${value}`)
    .sort();
