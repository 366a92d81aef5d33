import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import sdk from '@alicloud/fc20230330';
import { RuntimeOptions } from '@darabonba/typescript';
import { expect, inject, it, onTestFinished } from 'vitest';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import { startControlPlane } from '../../../local/control-plane.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { builtBundles } from '../../support/bundles.ts';
import { sdkConfig } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';
import { zip } from '../../support/zip.ts';

/** Calls the VPC action of the event with the credentials of its context, signed by hand; answers the code of the refusal. */
const source = `
const { createHash, createHmac, randomUUID } = require('node:crypto');
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
exports.handler = async (event, { credentials }) => {
  const action = String(event);
  const url = new URL(process.env.ENDPOINT);
  const headers = {
    host: url.host, 'x-acs-action': action, 'x-acs-content-sha256': sha256(''), 'x-acs-date': new Date().toISOString(),
    'x-acs-security-token': credentials.securityToken, 'x-acs-signature-nonce': randomUUID(), 'x-acs-version': '2016-04-28',
  };
  const names = Object.keys(headers).sort();
  const query = 'RegionId=cn-shanghai';
  const canonical = ['POST', '/', query, ...names.map((name) => name + ':' + headers[name]), '', names.join(';'), sha256('')];
  const text = 'ACS3-HMAC-SHA256\\n' + sha256(canonical.join('\\n'));
  const signature = createHmac('sha256', credentials.accessKeySecret).update(text).digest('hex');
  headers.authorization =
    'ACS3-HMAC-SHA256 Credential=' + credentials.accessKeyId + ',SignedHeaders=' + names.join(';') + ',Signature=' + signature;
  const answer = await fetch(url.href + '?' + query, { method: 'POST', headers });
  return answer.ok ? 'ok' : (await answer.json()).Code;
};`;

it('a deployed function may do what RAM gives its role, from then on and no longer', { timeout: 60_000 }, async () => {
  const { workerPath } = await builtBundles(inject('bundlesDir'));
  const cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()) });
  await cloud.start();
  const plane = startControlPlane(cloud, { workerPath, environment: { ENDPOINT: cloud.url } });
  onTestFinished(async () => {
    await plane.close();
    await cloud.close();
  });
  const ram = genericClient(cloud.url, cloud.context, '2015-05-01');
  const functions = new sdk.default(sdkConfig(cloud.url, cloud.context) as never);
  const trust = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: ['fc.aliyuncs.com'] } };
  const { Role } = await ram<{ Role: { Arn: string } }>('CreateRole', {
    RoleName: 'looker',
    AssumeRolePolicyDocument: JSON.stringify({ Statement: [trust], Version: '1' }),
  });
  const body = new sdk.CreateFunctionInput({
    functionName: 'f',
    runtime: 'nodejs20',
    handler: 'index.handler',
    timeout: 10,
    role: Role.Arn,
    code: new sdk.InputCodeLocation({ zipFile: zip({ 'index.js': source }).toString('base64') }),
  });
  await functions.createFunction(new sdk.CreateFunctionRequest({ body }));
  const call = async (action: string): Promise<string> => {
    const answer = await functions.invokeFunctionWithOptions(
      'f',
      new sdk.InvokeFunctionRequest({ body: Readable.from([Buffer.from(action)]) }),
      new sdk.InvokeFunctionHeaders({}),
      new RuntimeOptions({}) as never,
    );
    let text = '';
    for await (const chunk of answer.body as AsyncIterable<Buffer>) text += Buffer.from(chunk).toString('utf8');
    return text;
  };

  expect(await call('DescribeVpcs')).toBe('Forbidden.RAM');
  const PolicyName = `look-${randomUUID().slice(0, 8)}`;
  const statement = { Effect: 'Allow', Action: ['vpc:DescribeVpcs'], Resource: '*' };
  await ram('CreatePolicy', {
    PolicyName,
    PolicyDocument: JSON.stringify({ Version: '1', Statement: [statement] }),
  });
  const attachment = { PolicyType: 'Custom', PolicyName, RoleName: 'looker' };
  await ram('AttachPolicyToRole', attachment);
  expect([await call('DescribeVpcs'), await call('CreateVpc')]).toEqual(['ok', 'Forbidden.RAM']);
  await ram('DetachPolicyFromRole', attachment);
  expect(await call('DescribeVpcs')).toBe('Forbidden.RAM');
  expect(cloud.wireLog.filter(({ caller }) => caller === 'f').map(({ code }) => code)).toEqual([
    'Forbidden.RAM',
    '',
    'Forbidden.RAM',
    'Forbidden.RAM',
  ]);
});
