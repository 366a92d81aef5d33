import dns from 'node:dns';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { logProjectStep } from '../../../cli/account/log-project.ts';
import { Budget } from '../../../shared/budget.ts';
import { loadConfig } from '../../../shared/config.ts';

const absent: Record<string, string> = {
  projects: 'ProjectNotExist',
  logstores: 'LogStoreNotExist',
  index: 'IndexConfigNotExist',
};

/**
 * As much of the log service as the step calls: things by path, under a host for each project. It stands in for a service that the
 * embedded cloud does not have, so it shows what the vendor's SDK sends, not that the service takes it.
 */
async function startLogService(refusals: Record<string, { status: number; code: string }> = {}) {
  const things = new Map<string, Record<string, unknown>>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const host = request.headers.host ?? '';
      const [project = ''] = host.split('.');
      const path = (request.url ?? '').split('?')[0] ?? '';
      const kind = path.split('/').findLast((part) => part in absent) ?? (path === '/' ? 'projects' : '');
      const name = kind === 'projects' ? ((body['projectName'] as string | undefined) ?? project) : `${project}${path}`;
      const logstore = body['logstoreName'] as string | undefined;
      const key = kind === 'logstores' && logstore !== undefined ? `${name}/${logstore}` : name;
      const call = `${request.method} ${kind}`;
      calls.push(call);
      const answer = (status: number, json: object) => {
        response.writeHead(status, { 'content-type': 'application/json', 'x-log-requestid': 'ABC' });
        response.end(JSON.stringify(json));
      };
      const refuse = (status: number, errorCode: string) => answer(status, { errorCode, errorMessage: 'refused' });
      const refusal = refusals[call];
      if (refusal !== undefined) refuse(refusal.status, refusal.code);
      else if (request.method === 'POST') {
        things.set(key, body);
        answer(200, {});
      } else if (!things.has(key)) refuse(404, absent[kind] ?? 'Unknown');
      else {
        if (request.method === 'DELETE')
          for (const known of things.keys()) if (known.startsWith(key)) things.delete(known);
        answer(200, things.get(key) ?? {});
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Names of hosts that lead here.
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
    const done = args.at(-1) as (error: null, address: unknown, family?: number) => void;
    const wantsAll = (args[1] as { all?: boolean } | undefined)?.all === true;
    if (wantsAll) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  }) as typeof dns.lookup);
  onTestFinished(() => {
    lookup.mockRestore();
    server.closeAllConnections();
    server.close();
  });
  const config = loadConfig({
    DUALSTACK_ALB_NAME: 'mine',
    DUALSTACK_ALB_REGION: 'cn-shanghai',
    DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456',
  });
  const settings = {
    regionId: 'cn-shanghai',
    credentials: { accessKeyId: 'LTAI5tX', accessKeySecret: 'secret' },
    readTimeoutMs: 5000,
    connectTimeoutMs: 5000,
    budget: Budget.unlimited(),
  };
  const endpoint = `log.test:${(server.address() as AddressInfo).port}`;
  return { things, calls, step: logProjectStep({ config, settings }, { endpoint, protocol: 'http' }) };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

it('makes project, logstore and index, and then finds them', async () => {
  const { step, things, calls } = await startLogService();
  expect(await step.state()).toEqual({ is: 'absent' });
  await step.make();
  expect(calls.slice(1)).toEqual(['POST projects', 'POST logstores', 'POST index']);
  expect(things.get('mine-cn-shanghai')).toMatchObject({ projectName: 'mine-cn-shanghai' });
  expect(things.get('mine-cn-shanghai/logstores/functions')).toMatchObject({ ttl: 30, shardCount: 1 });
  expect(await step.state()).toEqual({ is: 'there' });
});

it('tells which part is missing', async () => {
  const { step, things } = await startLogService();
  await step.make();
  things.delete('mine-cn-shanghai/logstores/functions/index');
  expect(await step.state()).toEqual({ is: 'different', why: 'its index is missing' });
  things.delete('mine-cn-shanghai/logstores/functions');
  expect(await step.state()).toEqual({ is: 'different', why: 'logstore functions is missing' });
});

it('takes parts that are there for made', async () => {
  const there = (code: string) => ({ status: 400, code });
  const { step } = await startLogService({
    'POST projects': there('ProjectAlreadyExist'),
    'POST logstores': there('LogStoreAlreadyExist'),
    'POST index': there('IndexAlreadyExist'),
  });
  await step.make();
});

it('is refused a project that belongs to somebody else', async () => {
  const { step } = await startLogService({ 'GET projects': { status: 401, code: 'Unauthorized' } });
  await expect(step.state()).rejects.toMatchObject({ code: 'Unauthorized' });
});

it('removes the project with all that is in it, once', async () => {
  const { step, things } = await startLogService();
  await step.make();
  await step.remove?.();
  expect(things.size).toBe(0);
  await step.remove?.();
});
