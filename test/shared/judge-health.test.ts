import { describe, expect, it } from 'vitest';
import { type HealthFacts, judgeHealth } from '../../shared/judge-health.ts';

const ipv4 = { serverId: 'i-1', serverIp: '192.168.1.10', port: 80 };
const ipv6 = { serverId: 'i-2', serverIp: '2408:4002:1000::2', port: 80 };
const available = { weight: 100, description: '', status: 'Available' };
const problem = { reasonCode: 'CONNECT_TIMEOUT', actualResponse: '' };

const healthy: HealthFacts = {
  wanted: [ipv4, ipv6],
  serverGroupId: 'sgp-1',
  listed: [
    { ...ipv4, ...available },
    { ...ipv6, ...available },
  ],
  reports: [{ serverGroupId: 'sgp-1', healthCheckEnabled: true, nonNormalServers: [] }],
  check: { path: '/', method: 'HEAD', codes: ['http_2xx', 'http_3xx'] },
};

const reporting = (...nonNormalServers: HealthFacts['reports'][number]['nonNormalServers']): HealthFacts => ({
  ...healthy,
  reports: [{ serverGroupId: 'sgp-1', healthCheckEnabled: true, nonNormalServers }],
});

describe('servers are healthy', () => {
  it('when all are listed and none is reported', () => {
    expect(judgeHealth(healthy)).toEqual({ isHealthy: true, reason: 'all servers are healthy' });
  });

  it('when their addresses are spelt in another way', () => {
    const listed = [
      { ...ipv4, ...available },
      { ...ipv6, serverIp: '2408:4002:1000:0:0:0:0:2', ...available },
    ];
    expect(judgeHealth({ ...healthy, listed }).isHealthy).toBe(true);
  });

  it('when only a server that is none of ours is not', () => {
    const other = { serverId: 'i-9', serverIp: '192.168.1.99', port: 80, status: 'Unhealthy', ...problem };
    expect(judgeHealth(reporting(other)).isHealthy).toBe(true);
  });

  it('when another port of the same server is not', () => {
    expect(judgeHealth(reporting({ ...ipv4, port: 8080, status: 'Unhealthy', ...problem })).isHealthy).toBe(true);
  });

  it('when checks are off and all are listed', () => {
    expect(judgeHealth({ ...healthy, check: undefined, reports: [] })).toEqual({
      isHealthy: true,
      reason: 'health checks are off',
    });
  });

  it('P-070: when a server of weight 0 is not checked', () => {
    const unused = { ...ipv6, status: 'Unused', reasonCode: '', actualResponse: '' };
    const facts: HealthFacts = {
      ...reporting(unused),
      listed: [
        { ...ipv4, ...available },
        { ...ipv6, ...available, weight: 0 },
      ],
    };
    expect(judgeHealth(facts).isHealthy).toBe(true);
  });
});

describe('servers are not healthy', () => {
  const reasonOf = (facts: HealthFacts): string => {
    const { isHealthy, reason } = judgeHealth(facts);
    expect(isHealthy).toBe(false);
    return reason;
  };

  it('P-068: when the answer about health is empty', () => {
    expect(reasonOf({ ...healthy, reports: [] })).toBe('the listener reports no health of the server group yet');
  });

  it('P-068: when the answer is about another server group', () => {
    const reports = [{ serverGroupId: 'sgp-2', healthCheckEnabled: true, nonNormalServers: [] }];
    expect(reasonOf({ ...healthy, reports })).toBe('the listener reports no health of the server group yet');
  });

  it('P-068: when nobody checks', () => {
    const reports = [{ serverGroupId: 'sgp-1', healthCheckEnabled: false, nonNormalServers: [] }];
    expect(reasonOf({ ...healthy, reports })).toBe('health checks of the server group are off');
  });

  it('P-068: when one is not in the group', () => {
    expect(reasonOf({ ...healthy, listed: [{ ...ipv4, ...available }] })).toBe(
      'server 2408:4002:1000::2 is not in the server group',
    );
  });

  it('when one is still being added', () => {
    const listed = [
      { ...ipv4, ...available },
      { ...ipv6, ...available, status: 'Adding' },
    ];
    expect(reasonOf({ ...healthy, listed })).toBe('server 2408:4002:1000::2 is Adding');
  });

  it('when the group is gone', () => {
    expect(reasonOf({ ...healthy, listed: undefined })).toBe('server group sgp-1 is gone');
  });

  it('when one is reported, with the reason that is given', () => {
    expect(
      reasonOf(reporting({ ...ipv6, status: 'Unhealthy', reasonCode: 'RESPONSE_MISMATCH', actualResponse: '404' })),
    ).toBe(
      'server 2408:4002:1000::2 is Unhealthy (RESPONSE_MISMATCH, answered 404 to HEAD at /; the health check wants 200-399)',
    );
  });

  it('when one is reported without a reason', () => {
    expect(reasonOf(reporting({ ...ipv4, status: 'Initial', reasonCode: '', actualResponse: '' }))).toBe(
      'server 192.168.1.10 is Initial',
    );
  });

  it('when one is Unused although it has a weight', () => {
    expect(reasonOf(reporting({ ...ipv4, status: 'Unused', reasonCode: '', actualResponse: '' }))).toBe(
      'server 192.168.1.10 is Unused',
    );
  });

  it('when checks are off and one is missing', () => {
    expect(reasonOf({ ...healthy, check: undefined, listed: [] })).toBe(
      'server 192.168.1.10 is not in the server group',
    );
  });
});
