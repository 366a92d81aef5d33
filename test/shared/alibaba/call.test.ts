import { describe, expect, it } from 'vitest';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { json, rawServer, settingsFor } from './raw-server.ts';

const newVpc = { name: 'vpc', cidrBlock: '10.0.0.0/16', tags: {}, clientToken: 'token-1' };
const emptyList = json(200, { RequestId: 'r', TotalCount: 0, Vpcs: { Vpc: [] } });

describe('a call that fails', () => {
  it("keeps the service's code, status, request id", async () => {
    const { settings } = await rawServer(
      json(404, {
        RequestId: 'r-1',
        Code: 'InvalidCidrBlock.Malformed',
        Message: 'Specified CIDR block is not valid.',
      }),
    );
    await expect(createVpcClient(settings).createVpc(newVpc)).rejects.toMatchObject({
      name: 'CloudError',
      service: 'vpc',
      action: 'CreateVpc',
      code: 'InvalidCidrBlock.Malformed',
      httpStatus: 404,
      requestId: 'r-1',
      message:
        'vpc CreateVpc was refused: Specified CIDR block is not valid. (InvalidCidrBlock.Malformed, HTTP 404, request r-1)',
    });
  });

  it('P-003 P-007: reads the hint of a throttle with HTTP 400 as milliseconds', async () => {
    const { settings } = await rawServer(
      json(400, { RequestId: 'r', Code: 'Throttling.User', Message: 'slow down' }, { 'x-acs-retry-after': '2500' }),
    );
    await expect(createVpcClient(settings).createVpc(newVpc)).rejects.toMatchObject({
      code: 'Throttling.User',
      httpStatus: 400,
      retryAfterMs: 2500,
    });
  });

  it.each([
    ['an HTML page with 502', 502, 'text/html', '<html>502 Bad Gateway</html>'],
    ['an HTML page with 200', 200, 'text/html', '<html>hello</html>'],
    ['an empty 200', 200, 'application/json', ''],
    ['a JSON null with 500', 500, 'application/json', 'null'],
    ['a JSON error without code', 503, 'application/json', '{"error":"x"}'],
    ['a 200 without the id', 200, 'application/json', '{"RequestId":"r"}'],
  ])('P-008: calls %s an unreadable answer', async (_, status, type, body) => {
    const { settings } = await rawServer((response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
    await expect(createVpcClient(settings).createVpc(newVpc)).rejects.toMatchObject({
      name: 'CloudError',
      code: 'UnreadableAnswer',
    });
  });

  it('calls a refused connection a failed one', async () => {
    await expect(createVpcClient(settingsFor('http://127.0.0.1:1')).createVpc(newVpc)).rejects.toMatchObject({
      code: 'ConnectionFailed',
    });
  });

  it('calls an unknown host a failed connection', async () => {
    await expect(createVpcClient(settingsFor('http://no-such-host.invalid')).createVpc(newVpc)).rejects.toMatchObject({
      code: 'ConnectionFailed',
    });
  });

  it('calls silence a timeout', async () => {
    const { settings, calls } = await rawServer(() => undefined);
    const client = createVpcClient({ ...settings, readTimeoutMs: 150, connectTimeoutMs: 100 });
    await expect(client.listVpcs()).rejects.toMatchObject({ code: 'Timeout' });
    expect(calls).toHaveLength(1);
  });

  it('P-005: waits for a slow answer longer than for a connection', async () => {
    const { settings } = await rawServer((response, call, index) => {
      setTimeout(() => emptyList(response, call, index), 400);
    });
    await expect(createVpcClient({ ...settings, connectTimeoutMs: 100 }).listVpcs()).resolves.toEqual([]);
  });

  it('names no secret where the service quotes what was signed', async () => {
    const { settings } = await rawServer(
      json(400, {
        RequestId: 'r',
        Code: 'SignatureDoesNotMatch',
        Message: 'string to sign: x-acs-security-token:the-token',
      }),
    );
    const credentials = { ...settings.credentials, securityToken: 'the-token' };
    const error = (await createVpcClient({ ...settings, credentials })
      .listVpcs()
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain('x-acs-security-token:***');
    expect(error.cause).toBeUndefined();
  });
});

describe('a connection that breaks', () => {
  it('P-145: repeats a read once', async () => {
    const { settings, calls } = await rawServer((response) => response.destroy(), emptyList);
    await expect(createVpcClient(settings).listVpcs()).resolves.toEqual([]);
    expect(calls.map((call) => call.action)).toEqual(['DescribeVpcs', 'DescribeVpcs']);
  });

  it('repeats a read no more than once', async () => {
    const { settings, calls } = await rawServer((response) => response.destroy());
    await expect(createVpcClient(settings).listVpcs()).rejects.toMatchObject({ code: 'ConnectionFailed' });
    expect(calls).toHaveLength(2);
  });

  it('P-006: never repeats a write', async () => {
    const { settings, calls } = await rawServer((response) => response.destroy());
    await expect(createVpcClient(settings).createVpc(newVpc)).rejects.toMatchObject({ code: 'ConnectionFailed' });
    expect(calls).toHaveLength(1);
  });

  it('calls an answer that is cut off a failed connection', async () => {
    const { settings } = await rawServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"VpcId":');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(createVpcClient(settings).createVpc(newVpc)).rejects.toMatchObject({ code: 'ConnectionFailed' });
  });
});

describe('credentials', () => {
  it('sends the security token of a temporary key', async () => {
    const { settings, calls } = await rawServer(emptyList);
    await createVpcClient({ ...settings, credentials: { ...settings.credentials, securityToken: 'sts' } }).listVpcs();
    expect(calls[0]?.headers['x-acs-security-token']).toBe('sts');
  });
});

describe('a lazy client', () => {
  it('can be returned from an asynchronous function', async () => {
    const client = await Promise.resolve(createVpcClient(settingsFor('http://127.0.0.1:1')));
    expect(typeof client.listVpcs).toBe('function');
  });
});
