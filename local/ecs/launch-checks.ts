import { isIPv4, isIPv6 } from 'node:net';
import { isInCidr } from '../addresses.ts';
import type { VSwitch } from '../vpc/state.ts';
import {
  diskCategories,
  findInstanceType,
  type Image,
  images,
  type InstanceType,
  isFitting,
  isOffered,
} from './catalog.ts';
import { refuse } from './errors.ts';
import type { EcsState, SystemDisk } from './state.ts';

/** One check of RunInstances each; every one throws the service's own refusal. */

export function readImage(params: { ImageId: string | undefined; ImageFamily: string | undefined }): Image {
  if (params.ImageId !== undefined && params.ImageFamily !== undefined)
    throw refuse('UnexpectedImageFamily.ImageIdSupplied');
  if (params.ImageFamily !== undefined) {
    const image = images.find((candidate) => candidate.family === params.ImageFamily);
    if (image === undefined) throw refuse('InvalidImageFamily.MissingAvailableImage', params.ImageFamily);
    return image;
  }
  if (params.ImageId === undefined) throw refuse('MissingParameter', 'ImageId');
  const image = images.find((candidate) => candidate.id === params.ImageId);
  if (image === undefined) throw refuse('InvalidImageId.NotFound', params.ImageId);
  return image;
}

export function readVSwitch(state: EcsState, vSwitchId: string | undefined, zoneId: string | undefined): VSwitch {
  if (vSwitchId === undefined) throw refuse('MissingParameter', 'VSwitchId');
  const vSwitch = state.vpc.vSwitches.find(vSwitchId);
  if (vSwitch === undefined) throw refuse('InvalidVSwitchId.NotFound', vSwitchId);
  if (zoneId !== undefined && !state.context.zoneIds.includes(zoneId)) throw refuse('InvalidZoneId.NotFound', zoneId);
  if (zoneId !== undefined && zoneId !== vSwitch.zoneId) throw refuse('InvalidParameter.VSwitchId', vSwitchId);
  const vpc = state.vpc.vpc(vSwitch.vpcId);
  if (state.vpc.vpcs.statusOf(vpc) !== 'Available') throw refuse('IncorrectVpcStatus');
  if (state.vpc.vSwitches.statusOf(vSwitch) !== 'Available') throw refuse('IncorrectVSwitchStatus');
  return vSwitch;
}

export function readSecurityGroups(
  state: EcsState,
  vpcId: string,
  one: string | undefined,
  many: string[] | undefined,
): string[] {
  if (one !== undefined && many !== undefined) throw refuse('InvalidSecurityGroupId.SingleIdAndMultiIdConflict');
  const ids = many ?? (one === undefined ? [] : [one]);
  if (ids.length === 0) throw refuse('MissingParameter', 'SecurityGroupId');
  if (new Set(ids).size < ids.length) throw refuse('InvalidParameter.SecurityGroupIdRepeated');
  for (const id of ids)
    if (state.ownSecurityGroup(id).vpcId !== vpcId) throw refuse('InvalidSecurityGroup.VpcMismatch', id);
  return ids;
}

/** The type exists, the zone sells it and has it in stock. */
export function readInstanceType(state: EcsState, name: string | undefined, zoneId: string): InstanceType {
  if (name === undefined) throw refuse('MissingParameter', 'InstanceType');
  const type = findInstanceType(name);
  if (type === undefined) throw refuse('InvalidInstanceType.ValueNotSupported', name);
  if (!isOffered(type, zoneId)) throw refuse('InvalidInstanceType.ZoneNotSupported', `${name} in ${zoneId}`);
  if (!state.isInStock(zoneId, name)) throw refuse('OperationDenied.NoStock', `${name} in ${zoneId}`);
  return type;
}

/** The type can start from the image, and from a disk of the category. */
export function checkFit(type: InstanceType, image: Image, category: string | undefined): void {
  if (!isFitting(type, image)) throw refuse('ImageNotSupportInstanceType', `${image.id} on ${type.name}`);
  if (category !== undefined && !type.disks.includes(category))
    throw refuse('InvalidInstanceType.NotSupportDiskCategory', `${type.name} with ${category}`);
}

/** Whether the type and the vSwitch allow `held` more IPv6 addresses, and the wanted ones lie in the vSwitch and are free. */
export function checkIpv6(
  type: InstanceType,
  vSwitch: VSwitch,
  demand: { held: number; count: number | undefined; wanted: string[] | undefined },
): void {
  if (demand.count !== undefined && demand.wanted !== undefined) throw refuse('InvalidParam.IpAssign');
  const more = demand.count ?? demand.wanted?.length ?? 0;
  if (more === 0) return;
  if (type.ipv6PerInterface === 0) throw refuse('InvalidOperation.Ipv6NotSupport', type.name);
  if (demand.held + more > type.ipv6PerInterface)
    throw refuse('MaxEniIpv6IpsCountExceeded', `${type.name} allows ${type.ipv6PerInterface}.`);
  if (vSwitch.ipv6CidrBlock === '') throw refuse('InvalidVSwitch.Ipv6NotTurnOn', vSwitch.id);
  const wanted = demand.wanted ?? [];
  if (new Set(wanted).size < wanted.length) throw refuse('InvalidIp.IpRepeated');
  for (const address of wanted) {
    if (!isIPv6(address)) throw refuse('InvalidIp.Address', address);
    if (!isInCidr(address, vSwitch.ipv6CidrBlock)) throw refuse('InvalidVSwitchId.IpInvalid', address);
    if (vSwitch.addresses.has(address)) throw refuse('InvalidIp.IpAssigned', address);
  }
}

export function checkIpv4(
  state: EcsState,
  vSwitch: VSwitch,
  demand: { amount: number; wanted: string | undefined },
): void {
  if (demand.wanted !== undefined) {
    if (demand.amount !== 1) throw refuse('InvalidParam.Amount');
    if (!isIPv4(demand.wanted)) throw refuse('InvalidPrivateIpAddress.Malformed', demand.wanted);
    if (!isInCidr(demand.wanted, vSwitch.cidrBlock)) throw refuse('InvalidPrivateIpAddress', demand.wanted);
    if (vSwitch.addresses.has(demand.wanted)) throw refuse('InvalidPrivateIpAddress.Duplicated', demand.wanted);
  }
  if (state.vpc.availableIpAddressCount(vSwitch) < demand.amount) throw refuse('QuotaExceeded.PrivateIpAddress');
}

/** Base64 of at most 32 KB. Source: facts 2, RunInstances (SDK-ECS). */
export function readUserData(encoded: string | undefined): string {
  if (encoded === undefined) return '';
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded))
    throw refuse('InvalidUserData.Base64FormatInvalid');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length > 32 * 1024) throw refuse('InvalidUserData.SizeExceeded');
  return bytes.toString('utf8');
}

/** `Size` is a string on the wire (P-045), a whole number of GiB in it. */
export function checkSystemDisk(
  disk: { Category: string | undefined; Size: string | undefined } | undefined,
  image: Image,
): void {
  if (disk?.Category !== undefined && !diskCategories.includes(disk.Category))
    throw refuse('InvalidSystemDiskCategory.ValueNotSupported', disk.Category);
  if (disk?.Size === undefined) return;
  const size = /^\d+$/.test(disk.Size) ? Number(disk.Size) : 0;
  if (size < 1 || size > 2048) throw refuse('InvalidSystemDiskSize.ValueNotSupported', disk.Size);
  if (size < image.sizeGiB) throw refuse('InvalidSystemDiskSize.LessThanImageSize', disk.Size);
}

/** The service key of the region, which encrypts where a request names no key. That it has this id is inferred. */
const serviceKeyId = '00000000-0000-4000-8000-000000000000';

/**
 * What the system disk becomes. Encrypted is a text in the API; a key without it encrypts nothing (inferred).
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances (as in SDK 7.11.6)
 */
export const readSystemDisk = (
  disk:
    | {
        Category: string | undefined;
        Size: string | undefined;
        Encrypted: string | undefined;
        KMSKeyId: string | undefined;
      }
    | undefined,
  image: Image,
): SystemDisk => ({
  category: disk?.Category ?? 'cloud_essd',
  sizeGiB: disk?.Size === undefined ? Math.max(40, image.sizeGiB) : Number(disk.Size),
  ...(disk?.Encrypted === 'true' ? { encryption: { kmsKeyId: disk.KMSKeyId ?? serviceKeyId } } : {}),
});

/** At least half an hour ahead (P-059), at most three years; seconds are dropped. */
export function readAutoReleaseTime(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? Math.floor(Date.parse(text) / 60_000) * 60_000 : NaN;
  if (!(atMs >= nowMs + 30 * 60_000 && atMs <= nowMs + 3 * 366 * 86_400_000))
    throw refuse('InvalidAutoReleaseTime.Malformed', text);
  return atMs;
}
