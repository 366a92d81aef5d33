import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { masked } from '../../local/mask.ts';
import { refusalOf } from '../../local/visitor.ts';
import { testContext } from '../support/cloud-context.ts';
import { testEdge } from '../support/edge.ts';

const own = '127.0.0.1:8080';

describe('who is served', () => {
  it.each([
    ['the address', own],
    ['the address behind a proxy on another port', '127.0.0.1:443'],
    ['localhost', 'localhost:8080'],
    ['a bucket below localhost', 'code.localhost:8080'],
    ['the IPv6 loopback', '[::1]:8080'],
    ['a name of the vendor', 'alb.cn-shanghai.aliyuncs.com'],
    ['an HTTP trigger', 'api-abcdefghij.cn-shanghai.fcapp.run'],
    ['a configured name', 'Cloud.Lan:8080'],
  ])('is a program that calls %s', (_, host) => {
    expect(refusalOf({ headers: { host } }, ['cloud.lan'])).toBeUndefined();
  });

  it.each([
    ['another name', 'example.com:8080'],
    ['a name that begins as ours', '127.0.0.1.example.com'],
    ['a name that ends as the vendor has it, without its dot', 'notaliyuncs.com'],
    ['another address', '192.168.1.5:8080'],
    ['all addresses', '0.0.0.0:8080'],
    ['no name', ''],
    ['a name after ours', '127.0.0.1:8080@example.com'],
  ])('is nobody who calls %s', (_, host) => {
    expect(refusalOf({ headers: { host } }, [])).toMatch(/^the Host header/);
  });

  it.each([
    ['of the same origin', { origin: `http://${own}` }, undefined],
    ['of the same origin behind a proxy that ends TLS', { origin: `https://${own}` }, undefined],
    ['of a program on another port', { origin: 'http://127.0.0.1:3000' }, /another origin/],
    ['of another name', { origin: 'https://example.com' }, /another origin/],
    ['in a sandbox', { origin: 'null' }, /another origin/],
    ['of another site without an origin, as an image is asked for', { 'sec-fetch-site': 'cross-site' }, /another site/],
    ['of another port without an origin', { 'sec-fetch-site': 'same-site' }, /another site/],
    ['that was typed', { 'sec-fetch-site': 'none' }, undefined],
    ['that asks for its own parts', { 'sec-fetch-site': 'same-origin' }, undefined],
  ])('is a page %s, or not', (_, headers, refusal) => {
    const found = refusalOf({ headers: { host: own, ...headers } as Record<string, string> }, []);
    if (refusal === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(refusal);
  });

  it('is asked for at every door before anything else', async () => {
    const { url, calls } = await testEdge(testContext(), []);
    const statusAt = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request(`${url}${path}`, { method: 'POST', headers: { host: 'example.com' } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        outgoing.once('error', reject);
        outgoing.end('{}');
      });
    for (const path of ['/', '/_local/endpoints', '/load-balancers', '/2023-03-30/functions'])
      expect([path, await statusAt(path)]).toEqual([path, 403]);
    expect(calls).toEqual([]);
  });
});

describe('the wire log', () => {
  it('keeps the names of variables and secrets, and none of their values', () => {
    expect(
      masked({
        functionName: 'f',
        environmentVariables: { KEY: 'v', OTHER: 'w' },
        code: { ossBucketName: 'b' },
        ClientToken: 'c',
        AccessKeySecret: 's',
        list: [{ password: 'p', port: 80 }],
      }),
    ).toEqual({
      functionName: 'f',
      environmentVariables: { KEY: '***', OTHER: '***' },
      code: { ossBucketName: 'b' },
      ClientToken: 'c',
      AccessKeySecret: '***',
      list: [{ password: '***', port: 80 }],
    });
  });
});
