import sdk from '@alicloud/alidns20150109';
import { dnsService } from '../../../local/alidns/index.ts';
import type { Domain } from '../../../local/alidns/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';

/** AliDNS with the domain example.com behind an edge, and the official client for it. */
export async function startDns(options: Partial<Domain> = {}) {
  const context = testContext();
  const service = dnsService(context);
  service.state.addDomain('example.com', options);
  const { url, edge, calls } = await testEdge(context, [service]);
  const client = new sdk.default(sdkConfig(url, context));
  const add = async (rr: string, type: string, value: string, more: Record<string, unknown> = {}): Promise<string> => {
    const { body } = await client.addDomainRecord(
      new sdk.AddDomainRecordRequest({ domainName: 'example.com', RR: rr, type, value, ...more }),
    );
    return body?.recordId ?? '';
  };
  return { context, service, state: service.state, client, edge, url, calls, add };
}
