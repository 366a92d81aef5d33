import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CloudSettings } from '../../../shared/alibaba/call.ts';
import { Budget } from '../../../shared/budget.ts';

export interface RawCall {
  action: string;
  method: string;
  query: Record<string, string>;
  form: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
}

export type RawAnswer = (response: ServerResponse, call: RawCall, index: number) => void;

/** Answers JSON as the cloud does. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RawAnswer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  };

/** A server without any manners of a cloud; `answers` are given in turn, the last one from then on. */
export async function rawServer(...answers: RawAnswer[]): Promise<{ settings: CloudSettings; calls: RawCall[] }> {
  const calls: RawCall[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://local');
      const call: RawCall = {
        action: String(request.headers['x-acs-action']),
        method: request.method ?? '',
        query: Object.fromEntries(url.searchParams),
        form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
        headers: request.headers,
      };
      calls.push(call);
      answers[Math.min(calls.length, answers.length) - 1]?.(response, call, calls.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { settings: settingsFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), calls };
}

export const settingsFor = (endpoint: string): CloudSettings => ({
  regionId: 'cn-shanghai',
  endpoint,
  credentials: { accessKeyId: 'key-id', accessKeySecret: 'key-secret' },
  readTimeoutMs: 5000,
  connectTimeoutMs: 2000,
  budget: Budget.unlimited(),
});
