import { describe, expect, it, onTestFinished } from 'vitest';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import type { TemporaryCredential } from '../../../local/temporary-credentials.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { loadConfig } from '../../../shared/config.ts';
import { createRuntime, type Runtime } from '../../../shared/runtime.ts';
import { installInto } from '../../support/install-cloud.ts';
import { testMessageKeys } from '../../support/message-keys.ts';

const everything = { Version: '1', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] };

async function start() {
  // The SDKs sign by the machine's time, which may differ from the cloud's by a quarter of an hour.
  const clock = new VirtualClock(Date.now());
  const cloud = new EmbeddedCloud({ clock, latency: 'none' });
  const url = await cloud.start();
  onTestFinished(() => cloud.close());
  cloud.credentials.setRolePolicies('worker', [everything]);
  const config = loadConfig({
    DUALSTACK_ALB_REGION: cloud.context.regionId,
    DUALSTACK_ALB_ACCOUNT_ID: cloud.credentials.accountId,
    DUALSTACK_ALB_ENDPOINT: url,
    DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
  });
  await installInto(cloud, config);
  const runtimeOf = (credentials: TemporaryCredential) =>
    createRuntime({ config, credentials, clock, log: () => undefined, pause: async () => undefined });
  /** Asks the control for a credential. */
  const ask = async (body: object): Promise<{ status: number; answer: TemporaryCredential & { code?: string } }> => {
    const response = await fetch(`${url}/_local/credentials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cloud.controlToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as TemporaryCredential & { code?: string } };
  };
  return { clock, cloud, ask, runtimeOf };
}

/** One call by each client that the functions build. */
const calls: [client: string, call: (runtime: Runtime) => Promise<unknown>, code: string][] = [
  ['VPC', ({ clouds }) => clouds.vpc.findVpc('vpc-none'), 'InvalidSecurityToken.Expired'],
  ['ECS', ({ clouds }) => clouds.ecs.findImage('none'), 'InvalidSecurityToken.Expired'],
  ['ALB', ({ clouds }) => clouds.alb.listZoneIds(), 'InvalidSecurityToken.Expired'],
  ['DNS', ({ clouds }) => clouds.dns.findDomain('example.com'), 'InvalidSecurityToken.Expired'],
  ['certificates', ({ clouds }) => clouds.certificates.listCertificateNumbers(), 'InvalidSecurityToken.Expired'],
  [
    'ResourceManager',
    ({ clouds }) => clouds.resourceManager.ensureServiceLinkedRole('alb.aliyuncs.com'),
    'InvalidSecurityToken.Expired',
  ],
  ['the store', ({ rows }) => rows.get('deployments', { bucket: 'none', id: 'none' }), 'OTSAuthFailed'],
  ['the queues', ({ queues }) => queues.send('alert', {}), 'AccessDenied'],
];

describe('credentials of STS', () => {
  it.each(calls)(
    '%s: are refused once they have expired; new ones of the same role are taken',
    async (_client, call, code) => {
      const { clock, ask, runtimeOf } = await start();
      const asked = { role: 'worker', functionName: 'dualstack-alb-network', durationSeconds: 60 };
      const old = runtimeOf((await ask(asked)).answer);
      await call(old);
      clock.advance(59_999);
      await call(old);
      clock.advance(1);
      await expect(call(old)).rejects.toMatchObject({ code });
      await call(runtimeOf((await ask(asked)).answer));
    },
  );

  it('last for 36 hours unless something else is asked for, as those of functions', async () => {
    const { clock, cloud, ask } = await start();
    const { answer } = await ask({ role: 'worker' });
    expect(answer.expiresAtMs).toBe(clock.nowMs() + 36 * 3_600_000);
    expect(cloud.credentials.find(answer.accessKeyId)?.principal.name).toBe('worker');
  });

  it.each([0, 0.5, 129_601, '900'])('cannot last for %j seconds', async (durationSeconds) => {
    const { ask } = await start();
    expect(await ask({ role: 'worker', durationSeconds })).toMatchObject({
      status: 400,
      answer: { code: 'InvalidParameter.DurationSeconds' },
    });
  });

  it('are forgotten a day after the longest life', async () => {
    const { clock, cloud } = await start();
    const { temporary } = cloud.credentials;
    const before = temporary.size;
    const { accessKeyId } = cloud.credentials.issue('worker', 'f', 1000);
    clock.advance(60 * 3_600_000 - 1);
    expect(temporary.find(accessKeyId)?.accessKeyId).toBe(accessKeyId);
    clock.advance(1);
    expect(temporary.find(accessKeyId)).toBeUndefined();
    for (let count = 0; count < 100; count += 1) {
      clock.advance(3_600_000);
      cloud.credentials.issue('worker', 'f');
    }
    expect(temporary.size - before).toBeLessThanOrEqual(60);
  });
});
