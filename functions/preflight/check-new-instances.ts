import type { Image, InstanceType, SystemDisk } from '../../shared/alibaba/ecs/catalog.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import { valueAt } from '../../shared/dictionary.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

type Context = StageContext<'preflight'>;

/** Source: RunInstances, SystemDisk.Encrypted (as in SDK 7.11.6): China (Hong Kong) Zone D and Singapore Zone A. */
const zonesWithoutEncryption = new Set(['cn-hongkong-d', 'ap-southeast-1a']);

/** Whether servers that are still to be made can be: image, type and disk exist, fit each other, and are sold in their zones. */
export async function checkNewInstances(context: Context): Promise<Finding[]> {
  const { spec, ecs, record } = context;
  const { ids = {} } = record.stages.instances.outputs as { ids?: Record<string, string> };
  const missing = spec.backends.flatMap((backend, index) =>
    isAdopted(backend) || valueAt(ids, backend.name) !== undefined ? [] : [{ backend, index }],
  );
  if (missing.length === 0) return [];
  const zones = await zonesOf(context);
  const used = new Set(
    missing.flatMap(({ backend, index }) => backend.zoneId ?? zones[index % Math.max(1, zones.length)] ?? []),
  );
  const { imageFamily, instanceType } = spec.instances;
  const image = await ecs.findImage(imageFamily);
  const type = await ecs.findInstanceType(instanceType);
  const findings: Finding[] = [];
  if (image === undefined)
    findings.push({
      field: 'instances.imageFamily',
      code: 'preflight.image',
      message: `no available system image is of family ${imageFamily}`,
      remedy: 'Choose an image family that DescribeImages lists in this region.',
    });
  if (type === undefined)
    return [
      ...findings,
      {
        field: 'instances.instanceType',
        code: 'InvalidInstanceType.ValueNotSupported',
        message: `${instanceType} is no instance type of this region`,
        remedy: 'Choose an instance type that DescribeInstanceTypes lists in this region.',
      },
    ];
  const needsIpv6 = missing.some(({ backend }) => backend.family === 'ipv6');
  findings.push(...typeFindings(context, { image, type, needsIpv6 }));
  for (const zoneId of used) {
    if (spec.instances.systemDiskEncrypted === true && zonesWithoutEncryption.has(zoneId))
      findings.push({
        field: 'instances.systemDiskEncrypted',
        code: 'preflight.disk-encryption',
        message: `zone ${zoneId} encrypts no system disk of a server that is being made`,
        remedy: 'Choose another zone, or leave instances.systemDiskEncrypted out.',
      });
    if (await ecs.isInstanceTypeAvailable({ zoneId, instanceType }))
      findings.push(...diskFindings(context, zoneId, await ecs.listSystemDisks({ zoneId, instanceType })));
    else
      findings.push({
        field: 'instances.instanceType',
        code: 'OperationDenied.NoStock',
        message: `${instanceType} is out of stock in zone ${zoneId}`,
        remedy: 'Choose another instances.instanceType or another zone.',
      });
  }
  return findings;
}

async function zonesOf({ spec, vpc }: Context): Promise<string[]> {
  if (!('vpcId' in spec.network)) return spec.network.vSwitches.map(({ zoneId }) => zoneId);
  const found = await Promise.all(spec.network.vSwitchIds.map((id) => vpc.findVSwitch(id)));
  return found.flatMap((vSwitch) => (vSwitch === undefined ? [] : [vSwitch.zoneId]));
}

/** What the service does not say of a type is no problem. */
function typeFindings(
  { spec }: Context,
  { image, type, needsIpv6 }: { image: Image | undefined; type: InstanceType; needsIpv6: boolean },
): Finding[] {
  const { imageFamily, instanceType, systemDiskSizeGib } = spec.instances;
  const findings: Finding[] = [];
  if (needsIpv6 && type.ipv6AddressesPerCard === 0)
    findings.push({
      field: 'instances.instanceType',
      code: 'InvalidOperation.Ipv6NotSupport',
      message: `${instanceType} takes no IPv6 address, which a backend of family ipv6 needs`,
      remedy: 'Choose an instance type with IPv6, such as ecs.g6.large, or backends of family ipv4.',
    });
  if (image === undefined) return findings;
  const isKnown = type.cpuArchitecture !== '' && image.architecture !== '';
  if (isKnown && (type.cpuArchitecture === 'ARM') !== (image.architecture === 'arm64'))
    findings.push({
      field: 'instances.imageFamily',
      code: 'ImageNotSupportInstanceType',
      message: `images of ${imageFamily} are for ${image.architecture}, and ${instanceType} is ${type.cpuArchitecture}`,
      remedy: 'Choose an image family and an instance type of one architecture.',
    });
  if (spec.instances.metadata?.httpTokens === 'required' && image.imdsSupport === 'v1')
    findings.push({
      field: 'instances.metadata.httpTokens',
      code: 'preflight.image-metadata',
      message: `images of ${imageFamily} cannot keep the metadata of a server for holders of a token (ImdsSupport v1)`,
      remedy:
        'Choose an image family of ImdsSupport v2, such as acs:alibaba_cloud_linux_3_2104_lts_x64, or leave instances.metadata out.',
    });
  if (systemDiskSizeGib < image.sizeGib)
    findings.push({
      field: 'instances.systemDiskSizeGib',
      code: 'InvalidSystemDiskSize.LessThanImageSize',
      message: `an image of ${imageFamily} takes ${image.sizeGib} GiB, more than the disk of ${systemDiskSizeGib} GiB`,
      remedy: `Set instances.systemDiskSizeGib to ${image.sizeGib} or more.`,
    });
  return findings;
}

function diskFindings({ spec }: Context, zoneId: string, disks: SystemDisk[]): Finding[] {
  const { instanceType, systemDiskCategory, systemDiskSizeGib } = spec.instances;
  const found = disks.find(({ category }) => category === systemDiskCategory);
  if (found === undefined)
    return [
      {
        field: 'instances.systemDiskCategory',
        code: 'InvalidSystemDiskCategory.ValueNotSupported',
        message: `${instanceType} in zone ${zoneId} has no ${systemDiskCategory} disk in stock`,
        remedy:
          disks.length === 0
            ? 'Choose another instances.instanceType or another zone.'
            : `Choose one of ${disks.map(({ category }) => category).join(', ')}.`,
      },
    ];
  const { min = systemDiskSizeGib, max = systemDiskSizeGib } = found;
  if (systemDiskSizeGib >= min && systemDiskSizeGib <= max) return [];
  return [
    {
      field: 'instances.systemDiskSizeGib',
      code: 'InvalidSystemDiskSize.ValueNotSupported',
      message: `a ${systemDiskCategory} disk in zone ${zoneId} has ${min} to ${max} GiB, not ${systemDiskSizeGib}`,
      remedy: `Set instances.systemDiskSizeGib to ${min} to ${max}.`,
    },
  ];
}
