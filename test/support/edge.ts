import { onTestFinished } from 'vitest';
import { Config } from '@alicloud/openapi-core/dist/utils.js';
import { Edge, type WireLogEntry } from '../../local/edge.ts';
import type { CloudContext } from '../../local/cloud-context.ts';
import type { WireService } from '../../local/wire.ts';

/** An edge on a free port with the given services; closed when the test ends. `calls` collects its wire log. */
export async function testEdge(
  context: CloudContext,
  services: WireService[],
): Promise<{ edge: Edge; url: string; calls: WireLogEntry[] }> {
  const calls: WireLogEntry[] = [];
  const edge = new Edge({
    clock: context.clock,
    credentials: context.credentials,
    services,
    onCall: (entry) => calls.push(entry),
  });
  const url = await edge.listen();
  onTestFinished(() => edge.close());
  return { edge, url, calls };
}

/** Configuration of an official RPC SDK client against the edge, as root. */
export const sdkConfig = (url: string, context: CloudContext): Config =>
  new Config({
    endpoint: new URL(url).host,
    protocol: 'http',
    regionId: context.regionId,
    accessKeyId: context.credentials.root.accessKeyId,
    accessKeySecret: context.credentials.root.accessKeySecret,
    readTimeout: 5000,
    connectTimeout: 2000,
  });
