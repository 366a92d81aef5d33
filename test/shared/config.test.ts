import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../shared/config.ts';

const needed = { DUALSTACK_ALB_REGION: 'cn-shanghai', DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456' };

const problemsOf = (env: Record<string, string | undefined>): string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    return (error as Error).message.replace(/^settings: /, '').split('; ');
  }
  return [];
};

describe('the settings', () => {
  it('fill in everything but region and account', () => {
    expect(loadConfig(needed)).toEqual({
      name: 'dualstack-alb',
      regionId: 'cn-shanghai',
      accountId: '1234567890123456',
      endpoint: undefined,
      mnsEndpoint: 'https://1234567890123456.mns.cn-shanghai-internal.aliyuncs.com',
      tablestoreEndpoint: 'https://dualstack-alb.cn-shanghai.ots.aliyuncs.com',
      tablestoreInstance: 'dualstack-alb',
      messageKeys: [],
      dnsServers: ['223.5.5.5', '223.6.6.6'],
      readTimeoutMs: 10_000,
      connectTimeoutMs: 5000,
      leaseMs: 45_000,
      lostAfterMs: 300_000,
      alertChannels: [],
      channelSecrets: { key: undefined, keyBefore: undefined, named: new Map() },
      allowManageAdopted: [],
      publicUrl: undefined,
      maxDeployments: 100,
      maxWatches: 500,
      maxProbesPerMinute: 30,
      maxProbesPerHour: 600,
      probeShardSize: 50,
      probeDeclaredPerSecond: 20,
      observationDays: 30,
      logLevel: 'info',
    });
  });

  it('take the secret of a channel from the variable that it names', () => {
    const name = 'DUALSTACK_ALB_CHANNEL_SECRET_OWN';
    const channel = { type: 'webhook', name: 'own' };
    const parts = { url: 'https://alerts.example.com/in', secret: 'whsec-0123456789' };
    const env = { ...needed, DUALSTACK_ALB_ALERT_CHANNELS: JSON.stringify([{ ...channel, secretRef: name }]) };
    expect(loadConfig({ ...env, [name]: JSON.stringify(parts) }).alertChannels).toEqual([{ ...channel, ...parts }]);
    expect(problemsOf(env)).toEqual([`DUALSTACK_ALB_ALERT_CHANNELS: 0.secretRef: variable ${name} is not set`]);
    expect(problemsOf({ ...env, [name]: '{"url":"https://alerts.example.com/in"}' }).join()).toMatch(
      /^DUALSTACK_ALB_ALERT_CHANNELS: 0.secret: /,
    );
  });

  it.each([
    ['true', 'everywhere'],
    ['false', []],
    ['', []],
    ['vpc-a1, sg-b2', ['vpc-a1', 'sg-b2']],
  ])('allow rules in groups of others where they say "%s"', (text, allowed) => {
    const { allowManageAdopted } = loadConfig({ ...needed, DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: text });
    expect(allowManageAdopted).toEqual(allowed);
  });

  it.each(['yes', 'TRUE', 'vpc-a1,', 'true,vpc-a1', '*'])('refuse "%s" as where that is allowed', (text) => {
    expect(problemsOf({ ...needed, DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: text })).toEqual([
      expect.stringMatching(/^DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: must be true, false, or ids/),
    ]);
  });

  it('refuse a key for channels that is not of 32 bytes, and do not show it', () => {
    const problems = problemsOf({ ...needed, DUALSTACK_ALB_CHANNEL_KEY: 'correct horse', FC_REGION: 'cn-hangzhou' });
    expect(problems.join()).toMatch(/^DUALSTACK_ALB_CHANNEL_KEY: must be 32 random bytes as base64/);
    expect(problems.join()).not.toContain('correct horse');
  });

  it('take region and account of the platform', () => {
    expect(loadConfig({ FC_REGION: 'cn-hangzhou', FC_ACCOUNT_ID: '99999' })).toMatchObject({
      regionId: 'cn-hangzhou',
      accountId: '99999',
    });
  });

  it('prefer their own names to those of the platform', () => {
    expect(loadConfig({ ...needed, FC_REGION: 'cn-hangzhou', FC_ACCOUNT_ID: '99999' })).toMatchObject({
      regionId: 'cn-shanghai',
      accountId: '1234567890123456',
    });
  });

  it('send everything to one endpoint when told', () => {
    expect(loadConfig({ ...needed, DUALSTACK_ALB_ENDPOINT: 'http://127.0.0.1:4000' })).toMatchObject({
      endpoint: 'http://127.0.0.1:4000',
      mnsEndpoint: 'http://127.0.0.1:4000',
      tablestoreEndpoint: 'http://127.0.0.1:4000',
    });
  });

  it('let queue and store have endpoints of their own', () => {
    expect(
      loadConfig({
        ...needed,
        DUALSTACK_ALB_ENDPOINT: 'http://127.0.0.1:4000',
        DUALSTACK_ALB_MNS_ENDPOINT: 'http://127.0.0.1:4001',
        DUALSTACK_ALB_TABLESTORE_ENDPOINT: 'http://127.0.0.1:4002',
      }),
    ).toMatchObject({ mnsEndpoint: 'http://127.0.0.1:4001', tablestoreEndpoint: 'http://127.0.0.1:4002' });
  });

  it('P-102: drop slashes at the end of an endpoint', () => {
    expect(loadConfig({ ...needed, DUALSTACK_ALB_MNS_ENDPOINT: 'http://127.0.0.1:4000//' }).mnsEndpoint).toBe(
      'http://127.0.0.1:4000',
    );
  });

  it('take an empty value as none', () => {
    expect(loadConfig({ ...needed, DUALSTACK_ALB_LOG_LEVEL: '', DUALSTACK_ALB_ENDPOINT: '' })).toMatchObject({
      logLevel: 'info',
      endpoint: undefined,
    });
  });

  it('read a list of name servers', () => {
    expect(loadConfig({ ...needed, DUALSTACK_ALB_DNS_SERVERS: '127.0.0.1:5353, [::1]:53' }).dnsServers).toEqual([
      '127.0.0.1:5353',
      '[::1]:53',
    ]);
  });

  it('take no notice of what others put into the environment', () => {
    expect(problemsOf({ ...needed, PATH: '/bin', DUALSTACK: 'x', FC_FUNCTION_NAME: 'y' })).toEqual([]);
  });
});

describe('settings that are wrong', () => {
  it('are all reported at once', () => {
    const problems = problemsOf({
      DUALSTACK_ALB_NAME: 'Mine',
      DUALSTACK_ALB_REGION: 'shanghai',
      DUALSTACK_ALB_ENDPOINT: 'ftp://127.0.0.1',
      DUALSTACK_ALB_READ_TIMEOUT_MS: '10s',
      DUALSTACK_ALB_LEASE_MS: '5',
      DUALSTACK_ALB_LOG_LEVEL: 'loud',
      DUALSTACK_ALB_TIMEOUT: '5',
    });
    expect(problems.map((problem) => problem.replace(/:.*/, '')).sort()).toEqual([
      'DUALSTACK_ALB_ACCOUNT_ID',
      'DUALSTACK_ALB_ENDPOINT',
      'DUALSTACK_ALB_LEASE_MS',
      'DUALSTACK_ALB_LOG_LEVEL',
      'DUALSTACK_ALB_NAME',
      'DUALSTACK_ALB_READ_TIMEOUT_MS',
      'DUALSTACK_ALB_REGION',
      'DUALSTACK_ALB_TIMEOUT',
    ]);
  });

  it('are refused by name when nobody knows them', () => {
    expect(problemsOf({ ...needed, DUALSTACK_ALB_REGOIN: 'cn-shanghai' })).toEqual([
      'DUALSTACK_ALB_REGOIN: is not a setting: did you mean REGION?',
    ]);
  });

  it.each([
    ['a region with blanks', 'DUALSTACK_ALB_REGION', 'cn shanghai'],
    ['an account with letters', 'DUALSTACK_ALB_ACCOUNT_ID', 'me@example.com'],
    ['P-161: a name with capitals', 'DUALSTACK_ALB_NAME', 'DualStack'],
    ['a name of 32 characters', 'DUALSTACK_ALB_NAME', 'a'.repeat(32)],
    ['a time below its range', 'DUALSTACK_ALB_READ_TIMEOUT_MS', '99'],
    ['a time above its range', 'DUALSTACK_ALB_CONNECT_TIMEOUT_MS', '25001'],
    ['a negative time', 'DUALSTACK_ALB_LOST_AFTER_MS', '-1'],
    ['P-139: an instance with ali in its name', 'DUALSTACK_ALB_TABLESTORE_INSTANCE', 'alibalance'],
    ['P-139: an instance with ots in its name', 'DUALSTACK_ALB_TABLESTORE_INSTANCE', 'my-OTS-one'],
    ['P-139: an instance of two characters', 'DUALSTACK_ALB_TABLESTORE_INSTANCE', 'ab'],
    ['P-139: an instance of seventeen characters', 'DUALSTACK_ALB_TABLESTORE_INSTANCE', 'a'.repeat(17)],
    ['a name server that is no address', 'DUALSTACK_ALB_DNS_SERVERS', 'dns.example.com'],
    ['a list of name servers with a gap', 'DUALSTACK_ALB_DNS_SERVERS', '223.5.5.5,'],
  ])('%s', (_, name, value) => {
    const problems = problemsOf({ ...needed, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
  });
});
