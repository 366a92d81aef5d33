import { flag, integer, list, oneOf, required, struct, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import {
  checkFit,
  checkIpv4,
  checkIpv6,
  checkSystemDisk,
  readAutoReleaseTime,
  readImage,
  readInstanceType,
  readSecurityGroups,
  readSystemDisk,
  readUserData,
  readVSwitch,
} from '../launch-checks.ts';
import type { EcsState } from '../state.ts';
import { newTags, readTags } from '../tagging.ts';

/**
 * RunInstances, ECS 2014-05-26. Without MinAmount all or nothing; the dry run checks the stock too. Tags also go to the
 * disk and the network card. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances (read 2026-11-22).
 * HttpTokens wants an image whose ImdsSupport is v2 (SDK ecs20140526, ModifyImageAttributeRequest); what a refusal says is inferred.
 */
export const runInstances = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  dryRun: true,
  params: {
    ImageId: text(),
    ImageFamily: text(),
    InstanceType: text(),
    SecurityGroupId: text(),
    SecurityGroupIds: list(required(text()), 16),
    VSwitchId: text(),
    ZoneId: text(),
    Amount: integer(1, 100),
    MinAmount: integer(1, 100),
    InstanceName: text({ min: 2, max: 128, pattern: /^(?!https?:\/\/)\p{L}[\p{L}\p{N}:_.[\],-]*$/u }),
    HostName: text({ min: 2, max: 64, pattern: /^[A-Za-z0-9](?:[A-Za-z0-9]|[.-](?![.-]))*[A-Za-z0-9]$/ }),
    UniqueSuffix: flag(),
    Description: text({ min: 2, max: 256, pattern: /^(?!https?:\/\/)/ }),
    PrivateIpAddress: text(),
    Ipv6AddressCount: integer(1, 10),
    Ipv6Address: list(required(text()), 10),
    UserData: text(),
    InternetMaxBandwidthIn: integer(1, 100),
    InternetMaxBandwidthOut: integer(0, 100),
    InternetChargeType: oneOf('PayByTraffic', 'PayByBandwidth'),
    InstanceChargeType: oneOf('PostPaid', 'PrePaid'),
    SpotStrategy: oneOf('NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'),
    IoOptimized: oneOf('optimized', 'none'),
    SystemDisk: struct({
      Category: text(),
      Size: text(),
      DiskName: text({ min: 2, max: 128 }),
      Description: text({ min: 2, max: 256 }),
      PerformanceLevel: oneOf('PL0', 'PL1', 'PL2', 'PL3'),
      Encrypted: oneOf('true', 'false'),
      KMSKeyId: text({ max: 128 }),
    }),
    AutoReleaseTime: text(),
    DeletionProtection: flag(),
    KeyPairName: text(),
    Password: text({ min: 8, max: 30 }),
    PasswordInherit: flag(),
    RamRoleName: text(),
    ResourceGroupId: text(),
    SecurityEnhancementStrategy: oneOf('Active', 'Deactive'),
    CreditSpecification: oneOf('Standard', 'Unlimited'),
    HttpEndpoint: oneOf('enabled', 'disabled'),
    HttpTokens: oneOf('optional', 'required'),
    Tag: newTags(),
  },
  condition: ({ InstanceType: instanceType = '' }) => ({ 'ecs:InstanceType': instanceType }),
  apply(state, params, _call, commit) {
    const amount = params.Amount ?? 1;
    if ((params.MinAmount ?? 1) > amount) throw refuse('InvalidMinAmount.Malformed');
    const image = readImage(params);
    const vSwitch = readVSwitch(state, params.VSwitchId, params.ZoneId);
    const securityGroupIds = readSecurityGroups(state, vSwitch.vpcId, params.SecurityGroupId, params.SecurityGroupIds);
    const userData = readUserData(params.UserData);
    checkSystemDisk(params.SystemDisk, image);
    if (params.HttpTokens === 'required' && image.imdsSupport === 'v1') throw refuse('InvalidParameter.HttpTokens');
    const autoReleaseAtMs = readAutoReleaseTime(params.AutoReleaseTime, state.context.clock.nowMs());
    const tags = readTags(params.Tag);
    if (params.KeyPairName !== undefined) throw refuse('InvalidKeyPairName.NotFound', params.KeyPairName);
    if (params.InstanceChargeType === 'PrePaid')
      throw refuse('EmbeddedCloud.NotEmulated', 'InstanceChargeType PrePaid');
    if ((params.SpotStrategy ?? 'NoSpot') !== 'NoSpot') throw refuse('EmbeddedCloud.NotEmulated', 'spot instances');
    const type = readInstanceType(state, params.InstanceType, vSwitch.zoneId);
    checkFit(type, image, params.SystemDisk?.Category);
    if (params.Ipv6Address !== undefined && amount !== 1) throw refuse('InvalidParam.Amount');
    checkIpv6(type, vSwitch, { held: 0, count: params.Ipv6AddressCount, wanted: params.Ipv6Address });
    // What the vSwitch still holds may be less than Amount: MinAmount says how few will do.
    const free = state.vpc.availableIpAddressCount(vSwitch);
    const launched = Math.min(amount, Math.max(free, params.MinAmount ?? amount));
    checkIpv4(state, vSwitch, { amount: launched, wanted: params.PrivateIpAddress });
    commit();
    const ids: string[] = [];
    for (let index = 0; index < launched; index += 1) {
      const suffix = params.UniqueSuffix === true && amount > 1 ? String(index + 1).padStart(3, '0') : '';
      const named = (name: string | undefined) => (name === undefined ? '' : name + suffix);
      const instance = state.launch({
        vSwitch,
        zoneId: vSwitch.zoneId,
        instanceType: type.name,
        imageId: image.id,
        imageFamily: image.family,
        name: named(params.InstanceName),
        hostName: named(params.HostName),
        description: params.Description ?? '',
        securityGroupIds,
        ipv6AddressCount: params.Ipv6AddressCount ?? 0,
        ipv6Addresses: params.Ipv6Address ?? [],
        userData,
        internetMaxBandwidthOut: params.InternetMaxBandwidthOut ?? 0,
        deletionProtection: params.DeletionProtection ?? false,
        metadata: { endpoint: params.HttpEndpoint ?? 'enabled', tokens: params.HttpTokens ?? 'optional' },
        systemDisk: readSystemDisk(params.SystemDisk, image),
        tags,
        ...(params.PrivateIpAddress === undefined ? {} : { privateIpAddress: params.PrivateIpAddress }),
        ...(autoReleaseAtMs === undefined ? {} : { autoReleaseAtMs }),
      });
      if (instance === undefined) throw new Error('the addresses were checked before');
      ids.push(instance.id);
    }
    return {
      InstanceIdSets: { InstanceIdSet: ids },
      OrderId: '',
      TradePrice: Number((type.hourPrice * launched).toFixed(3)),
    };
  },
});
