import { expect, it } from 'vitest';
import { stsService } from '../../../local/sts/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';

async function start() {
  const context = testContext();
  const { url } = await testEdge(context, [stsService(context)]);
  return { context, url };
}

it('the account itself is told who it is', async () => {
  const { context, url } = await start();
  expect(await genericClient(url, context, '2015-04-01')('GetCallerIdentity')).toMatchObject({
    IdentityType: 'Account',
    AccountId: '1234567890123456',
    UserId: '1234567890123456',
    Arn: 'acs:ram::1234567890123456:root',
  });
});

it('a role without any policy is told who it is', async () => {
  const { context, url } = await start();
  const credential = context.credentials.issue('Deployer', 'ci');
  expect(await genericClient(url, context, '2015-04-01', credential)('GetCallerIdentity')).toMatchObject({
    IdentityType: 'AssumedRoleUser',
    AccountId: '1234567890123456',
    Arn: 'acs:ram::1234567890123456:assumed-role/deployer/ci',
  });
});

it('an unknown access key is refused', async () => {
  const { context, url } = await start();
  const credential = { ...context.credentials.root, accessKeyId: 'LTAI5tNobody' };
  await expect(genericClient(url, context, '2015-04-01', credential)('GetCallerIdentity')).rejects.toMatchObject({
    code: 'InvalidAccessKeyId.NotFound',
    statusCode: 404,
  });
});

it('a parameter is refused, since it takes none', async () => {
  const { context, url } = await start();
  await expect(genericClient(url, context, '2015-04-01')('GetCallerIdentity', { RoleName: 'x' })).rejects.toMatchObject(
    { code: 'InvalidParameter.RoleName' },
  );
});
