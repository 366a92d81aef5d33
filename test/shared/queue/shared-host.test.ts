import { expect, it, onTestFinished } from 'vitest';
import { mnsService } from '../../../local/mns/index.ts';
import { vpcService } from '../../../local/vpc/index.ts';
import { VpcState } from '../../../local/vpc/state.ts';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { Budget } from '../../../shared/budget.ts';
import { Queues } from '../../../shared/queue/queues.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testMessageKeys } from '../../support/message-keys.ts';
import { parseMessageKeys } from '../../../shared/queue/seal.ts';
import { testEdge } from '../../support/edge.ts';

it('sends a message once though an OpenAPI call to the same host left its timer running', async () => {
  const context = testContext('none');
  const mns = mnsService(context);
  onTestFinished(() => mns.close());
  const { edge, url, calls } = await testEdge(context, [mns, vpcService(context, new VpcState(context))]);
  const settings = {
    endpoint: url,
    accountId: context.credentials.accountId,
    regionId: context.regionId,
    prefix: 'mine',
    messageKeys: parseMessageKeys(testMessageKeys),
    nowMs: () => context.clock.nowMs(),
    credentials: context.credentials.root,
    connectTimeoutMs: 2000,
    budget: Budget.unlimited(),
  };
  const queues = new Queues({ ...settings, readTimeoutMs: 2000 });
  await queues.ensure('network', { visibilityTimeoutSeconds: 240, retentionSeconds: 604_800 });
  const vpc = createVpcClient({ ...settings, connectTimeoutMs: 100, readTimeoutMs: 100 });
  expect(await vpc.listVpcs({})).toEqual([]);
  // The answer comes well after the OpenAPI call's 100 ms, and well before the queue's own 2 s.
  edge.faults.add({ kind: 'late', action: 'SendMessage', delayMs: 400 });
  await queues.send('network', { hello: 1 });
  expect(calls.filter(({ action }) => action === 'SendMessage')).toHaveLength(1);
  expect(mns.queues.get('mine-network')?.messages).toHaveLength(1);
});
