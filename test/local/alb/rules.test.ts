import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { availableServerGroup, callGeneric, type Cloud, runningListener, startCloud } from './cloud.ts';

/** The redirect of port 80 to 443 as the vendor's page has it. */
const toHttps = {
  Protocol: 'HTTPS',
  Port: '443',
  Host: '${host}',
  Path: '${path}',
  Query: '${query}',
  HttpCode: '301',
};

function redirect(listenerId: string, config: Record<string, string> = toHttps, changes: Record<string, string> = {}) {
  const flat: Record<string, string> = {
    ListenerId: listenerId,
    RuleName: 'to-https',
    Priority: '1',
    'RuleConditions.1.Type': 'Path',
    'RuleConditions.1.PathConfig.Values.1': '/*',
    'RuleActions.1.Type': 'Redirect',
    'RuleActions.1.Order': '1',
  };
  for (const [name, value] of Object.entries(config)) flat[`RuleActions.1.RedirectConfig.${name}`] = value;
  return { ...flat, ...changes };
}

async function start(edition?: string) {
  const cloud = await startCloud();
  const made = await runningListener(cloud, edition === undefined ? {} : { edition });
  return { cloud, ...made, create: (params: Record<string, string>) => callGeneric(cloud, 'CreateRule', params) };
}

const list = async (cloud: Cloud, listenerId: string) =>
  (await cloud.client.listRules(new sdk.ListRulesRequest({ listenerIds: [listenerId] }))).body?.rules;

const values = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`RuleConditions.1.PathConfig.Values.${index + 1}`, `/${index}`]),
  );

describe('CreateRule: parameters', () => {
  it('P-077: refuses a redirect with nothing but defaults', async () => {
    const { create, listenerId } = await start();
    await expect(create(redirect(listenerId, { HttpCode: '301' }))).rejects.toMatchObject({
      code: 'IllegalParam.RedirectConfig',
    });
  });

  it('P-077: refuses a redirect to its own port and protocol', async () => {
    const { create, listenerId } = await start();
    await expect(create(redirect(listenerId, { Protocol: 'HTTP', Port: '80' }))).rejects.toMatchObject({
      code: 'IllegalParam.RedirectConfig',
    });
  });

  it('refuses two final actions', async () => {
    const { create, listenerId } = await start();
    const second = {
      'RuleActions.2.Type': 'FixedResponse',
      'RuleActions.2.Order': '2',
      'RuleActions.2.FixedResponseConfig.Content': 'x',
      'RuleActions.2.FixedResponseConfig.HttpCode': '200',
    };
    await expect(create(redirect(listenerId, toHttps, second))).rejects.toMatchObject({
      code: 'IllegalParam.RuleActions',
    });
  });

  it('refuses an action that is not emulated', async () => {
    const { create, listenerId } = await start();
    await expect(create(redirect(listenerId, {}, { 'RuleActions.1.Type': 'TrafficMirror' }))).rejects.toMatchObject({
      code: 'UnsupportedFeature.NotEmulated',
    });
  });

  it('refuses a source address that is none', async () => {
    const { create, listenerId } = await start();
    const { 'RuleConditions.1.PathConfig.Values.1': _path, ...rest } = redirect(listenerId);
    const condition = {
      'RuleConditions.1.Type': 'SourceIp',
      'RuleConditions.1.SourceIpConfig.Values.1': '10.0.0.0/33',
    };
    await expect(create({ ...rest, ...condition })).rejects.toMatchObject({ code: 'IllegalParam.Values' });
  });

  it('refuses priority 10001', async () => {
    const { create, listenerId } = await start();
    await expect(create(redirect(listenerId, toHttps, { Priority: '10001' }))).rejects.toMatchObject({
      code: 'IllegalParam.Priority',
    });
  });

  it('refuses a sixth value to match on the Basic edition', async () => {
    const { create, listenerId } = await start('Basic');
    await expect(create(redirect(listenerId, toHttps, values(6)))).rejects.toMatchObject({
      code: 'QuotaExceeded.RuleMatchEvaluationsNum',
    });
  });

  it('takes six values to match on the Standard edition', async () => {
    const { create, listenerId } = await start();
    expect(await create(redirect(listenerId, toHttps, values(6)))).toHaveProperty('RuleId');
  });
});

describe('CreateRule: state rules', () => {
  it('P-079: refuses a priority that is taken', async () => {
    const { cloud, create, listenerId } = await start();
    await create(redirect(listenerId));
    cloud.clock.advance(5000);
    await expect(create(redirect(listenerId))).rejects.toMatchObject({ code: 'Conflict.Priority', statusCode: 400 });
  });

  it('P-066: refuses a second rule while the listener is Configuring', async () => {
    const { create, listenerId } = await start();
    await create(redirect(listenerId));
    await expect(create(redirect(listenerId, toHttps, { Priority: '2' }))).rejects.toMatchObject({
      code: 'ResourceInConfiguring.Listener',
    });
  });

  it('refuses a server group that does not exist', async () => {
    const { create, listenerId } = await start();
    const params = redirect(
      listenerId,
      {},
      {
        'RuleActions.1.Type': 'ForwardGroup',
        'RuleActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': 'sgp-none',
      },
    );
    await expect(create(params)).rejects.toMatchObject({ code: 'ResourceNotFound.ServerGroup' });
  });
});

describe('CreateRule: effects', () => {
  it('is Provisioning, then Available', async () => {
    const { cloud, create, listenerId, loadBalancerId } = await start();
    await create(redirect(listenerId));
    expect((await list(cloud, listenerId))?.[0]?.ruleStatus).toBe('Provisioning');
    cloud.clock.advance(5000);
    expect(await list(cloud, listenerId)).toMatchObject([
      {
        ruleStatus: 'Available',
        ruleName: 'to-https',
        priority: 1,
        loadBalancerId,
        ruleConditions: [{ type: 'Path', pathConfig: { values: ['/*'] } }],
        ruleActions: [
          {
            type: 'Redirect',
            order: 1,
            redirectConfig: {
              protocol: 'HTTPS',
              port: '443',
              host: '${host}',
              path: '${path}',
              query: '${query}',
              httpCode: '301',
            },
          },
        ],
      },
    ]);
  });

  it('keeps a server group in use', async () => {
    const { cloud, create, listenerId } = await start();
    const serverGroupId = await availableServerGroup(cloud);
    await create(
      redirect(
        listenerId,
        {},
        {
          'RuleActions.1.Type': 'ForwardGroup',
          'RuleActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': serverGroupId,
        },
      ),
    );
    await expect(
      cloud.client.deleteServerGroup(new sdk.DeleteServerGroupRequest({ serverGroupId })),
    ).rejects.toMatchObject({ code: 'ResourceInUse.ServerGroup' });
  });
});

describe('UpdateRuleAttribute', () => {
  it('changes the priority', async () => {
    const { cloud, create, listenerId } = await start();
    await create(redirect(listenerId));
    cloud.clock.advance(5000);
    const ruleId = cloud.state.rulesOf(listenerId)[0]?.id ?? '';
    await cloud.client.updateRuleAttribute(new sdk.UpdateRuleAttributeRequest({ ruleId, priority: 7 }));
    expect(await list(cloud, listenerId)).toMatchObject([{ priority: 7, ruleStatus: 'Configuring' }]);
  });

  it('refuses a rule that is Provisioning', async () => {
    const { cloud, create, listenerId } = await start();
    await create(redirect(listenerId));
    const ruleId = cloud.state.rulesOf(listenerId)[0]?.id ?? '';
    await expect(
      cloud.client.updateRuleAttribute(new sdk.UpdateRuleAttributeRequest({ ruleId, priority: 7 })),
    ).rejects.toMatchObject({ code: 'ResourceInConfiguring.Listener' });
  });
});

describe('DeleteRule', () => {
  it('is Deleting, then absent', async () => {
    const { cloud, create, listenerId } = await start();
    await create(redirect(listenerId));
    cloud.clock.advance(5000);
    const ruleId = cloud.state.rulesOf(listenerId)[0]?.id ?? '';
    await cloud.client.deleteRule(new sdk.DeleteRuleRequest({ ruleId }));
    expect(await list(cloud, listenerId)).toMatchObject([{ ruleStatus: 'Deleting' }]);
    cloud.clock.advance(5000);
    expect(await list(cloud, listenerId)).toEqual([]);
  });

  it('answers an unknown rule with 404', async () => {
    const { cloud } = await start();
    await expect(cloud.client.deleteRule(new sdk.DeleteRuleRequest({ ruleId: 'rule-none' }))).rejects.toMatchObject({
      code: 'ResourceNotFound.Rule',
      statusCode: 404,
    });
  });

  it('goes with its listener', async () => {
    const { cloud, create, listenerId } = await start();
    await create(redirect(listenerId));
    cloud.clock.advance(5000);
    await cloud.client.deleteListener(new sdk.DeleteListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    expect(cloud.state.rules.list()).toEqual([]);
  });
});
