import type { Instance } from '../../shared/alibaba/ecs/instances.ts';
import type { InstanceOutput } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import type { Backend, OwnBackend } from '../../shared/deployment/spec.ts';
import { secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';
import { cloudConfig } from './cloud-config.ts';
import { setAt, valueAt, without } from '../../shared/dictionary.ts';

type Context = StageContext<'instances'>;

/** How long an accepted instance may stay out of the listings before it counts as vanished. */
const appearanceMs = 10_000;

/** The backend servers: made with nginx by cloud-init, or adopted. Done when Running and the wanted address is there. */
export const instances = defineStage({
  name: 'instances',
  longestWaitMs: 10 * 60_000,

  async apply(context) {
    const { spec, ecs, own } = context;
    const asked = new Set(spec.backends.filter((backend) => !isAdopted(backend)).map(({ name }) => name));
    const known = Object.entries(own.ids ?? {});
    const ids: Record<string, string> = Object.fromEntries(known.filter(([name]) => asked.has(name)));
    const ours = await ecs.listInstances({ tags: context.mark() });
    const leaving = [...(own.dismissedIds ?? []), ...known.flatMap(([name, id]) => (asked.has(name) ? [] : [id]))];
    const wantedIds = spec.backends.flatMap((backend) =>
      isAdopted(backend) ? [backend.instanceId] : (valueAt(ids, backend.name) ?? []),
    );
    const lookedUp = [...new Set([...wantedIds, ...leaving])];
    const byId = lookedUp.length === 0 ? [] : await ecs.listInstances({ instanceIds: lookedUp });
    const resources: Resource[] = [];
    const outputs: InstanceOutput[] = [];
    const waitingFor: string[] = [];
    for (const [index, backend] of spec.backends.entries()) {
      if (isAdopted(backend)) {
        const found = byId.find(({ instanceId }) => instanceId === backend.instanceId);
        if (found === undefined)
          return fail('instances.not-found', `instance ${backend.instanceId} (${backend.name}) does not exist`, {
            remedy: 'Give the id of an existing instance of this region.',
          });
        if (!resources.some(({ id }) => id === found.instanceId))
          resources.push({ type: 'Instance', id: found.instanceId, created: false });
        const address = addressOf(found, backend);
        if (found.status !== 'Running') waitingFor.push(`${backend.name} is ${found.status}`);
        else if (address === undefined)
          return fail(
            'instances.no-address',
            `instance ${backend.instanceId} (${backend.name}) has no ${backend.family} address`,
            {
              remedy:
                backend.family === 'ipv6'
                  ? 'Assign an IPv6 address to its network card, or use it over IPv4.'
                  : 'Use it over IPv6.',
            },
          );
        else outputs.push(outputOf(found, backend, address));
        continue;
      }
      const found =
        byId.find(({ instanceId }) => instanceId === valueAt(ids, backend.name)) ??
        ours.find(({ tags }) => hasMark(tags, context.mark(backend.name)));
      if (found === undefined) {
        const lost = valueAt(ids, backend.name);
        const wasThere = own.instances?.some(({ instanceId }) => instanceId === lost) ?? false;
        if (lost !== undefined && !wasThere) {
          // Accepted, then silently deleted: the stock ran out after the answer (P-047).
          if (context.waitedMs < appearanceMs) {
            waitingFor.push(`${backend.name} does not show yet`);
            continue;
          }
          // A retry makes another one.
          await context.remember({ ids: without(ids, backend.name) });
          return fail(
            'instances.vanished',
            `instance ${lost} (${backend.name}) was accepted and has vanished while being created: ${spec.instances.instanceType} has run out in its zone`,
            {
              remedy: 'Ask again with another instances.instanceType or another zone.',
            },
          );
        }
        const instanceId = await run(context, backend, index);
        setAt(ids, backend.name, instanceId);
        await context.remember({ ids: { ...ids } });
        resources.push({ type: 'Instance', id: instanceId, created: true });
        waitingFor.push(`${backend.name} is being created`);
        continue;
      }
      setAt(ids, backend.name, found.instanceId);
      const created = await ensureOwnMark(context, found, backend.name);
      resources.push({ type: 'Instance', id: found.instanceId, created });
      const address = addressOf(found, backend);
      if (found.status === 'Stopped') {
        await context.change(`start-${backend.name}`, { id: found.instanceId }, () =>
          ecs.startInstance(found.instanceId),
        );
        waitingFor.push(`${backend.name} is being started`);
      } else if (found.status !== 'Running') waitingFor.push(`${backend.name} is ${found.status}`);
      else if (address === undefined) {
        // Repeated without its token this would add a second address (P-053).
        if (backend.family === 'ipv6')
          await context.change(`assign-ipv6-${backend.name}`, { id: found.networkInterfaceId }, (clientToken) =>
            ecs.assignIpv6Address(found.networkInterfaceId, clientToken),
          );
        waitingFor.push(`${backend.name} has no ${backend.family} address yet`);
      } else outputs.push(outputOf(found, backend, address));
    }
    const dismissedIds: string[] = [];
    for (const instance of byId) {
      const { instanceId } = instance;
      if (!leaving.includes(instanceId) || Object.values(ids).includes(instanceId)) continue;
      // `backend-servers` deletes it once it has left the server group, and only with our mark.
      if (await ensureOwnMark(context, instance, undefined)) dismissedIds.push(instanceId);
    }
    if (waitingFor.length > 0) return wait(waitingFor.join('; '), { own: { ids, dismissedIds }, resources });
    return done({ ids, dismissedIds, instances: outputs }, resources);
  },

  async release(context) {
    const { ecs, own, record } = context;
    const ours = await ecs.listInstances({ tags: context.mark() });
    const ids = [...Object.values(own.ids ?? {}), ...(own.dismissedIds ?? [])];
    const found = ids.length === 0 ? [] : await ecs.listInstances({ instanceIds: ids });
    const recorded = found.filter(({ tags }) => hasMark(tags, context.mark()));
    const left = [...new Map([...recorded, ...ours].map((instance) => [instance.instanceId, instance])).values()];
    if (left.length === 0) {
      const lost = found.find(({ instanceId: id, tags }) =>
        hasLostMark(record, 'instances', { id, tags }, context.mark()),
      );
      if (lost !== undefined) return markLost('instance', lost.instanceId, context.mark());
      const purposes = Object.entries(record.stages.instances.tokens);
      const mayExist = purposes.some(
        ([name, token]) =>
          token.resultId === undefined && valueAt(own.ids ?? {}, name.replace(/^instance-/, '')) === undefined,
      );
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for instances of ours', { afterMs: secondLookMs })
        : gone();
    }
    const deletable = left.filter(({ status }) => status !== 'Stopping').map(({ instanceId }) => instanceId);
    if (deletable.length > 0)
      await context.change('delete', deletable, (clientToken) => ecs.deleteInstances(deletable, clientToken));
    return wait(`${left.length} instances are being deleted`);
  },
});

const ensureOwnMark = (
  context: Context,
  { instanceId, tags }: Instance,
  part: string | undefined,
): Promise<boolean> => {
  const mark = context.mark(part);
  return ensureMark(context, 'instances', { id: instanceId, tags }, mark, () =>
    context.ecs.tagResource('instance', instanceId, mark),
  );
};

async function run(context: Context, backend: OwnBackend, index: number): Promise<string> {
  const { spec, ecs, outputs } = context;
  const { vSwitches } = outputs.network;
  const vSwitch = vSwitches.find(({ zoneId }) => zoneId === backend.zoneId) ?? vSwitches[index % vSwitches.length];
  if (vSwitch === undefined) throw new Error('the network has no vSwitch');
  const params = {
    imageFamily: spec.instances.imageFamily,
    instanceType: spec.instances.instanceType,
    vSwitchId: vSwitch.vSwitchId,
    securityGroupIds: [outputs['security-group'].securityGroupId ?? ''],
    name: backend.name,
    ipv6AddressCount: backend.family === 'ipv6' ? 1 : undefined,
    userData: cloudConfig(backend),
    systemDisk: {
      category: spec.instances.systemDiskCategory,
      sizeGib: spec.instances.systemDiskSizeGib,
      encrypted: spec.instances.systemDiskEncrypted,
      kmsKeyId: spec.instances.systemDiskKmsKeyId,
    },
    httpTokens: spec.instances.metadata?.httpTokens,
    tags: context.mark(backend.name),
  };
  return await context.create(`instance-${backend.name}`, 'Instance', params, async (clientToken) => {
    const [instanceId] = await ecs.runInstances({ ...params, clientToken });
    if (instanceId === undefined) throw new Error('RunInstances answered no instance id');
    return instanceId;
  });
}

const addressOf = (instance: Instance, backend: Backend): string | undefined =>
  backend.family === 'ipv4' ? instance.privateIpAddress || undefined : instance.ipv6Addresses[0];

const outputOf = (instance: Instance, backend: Backend, address: string): InstanceOutput => ({
  name: backend.name,
  instanceId: instance.instanceId,
  address,
  port: backend.port,
  weight: backend.weight,
  securityGroupIds: instance.securityGroupIds,
});
