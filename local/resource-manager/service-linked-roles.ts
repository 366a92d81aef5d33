import { trustOf } from '../ram/roles.ts';

interface ServiceLinkedRole {
  serviceName: string;
  roleName: string;
  source: string;
}

/** The services whose roles can be made here; any other name is refused as unknown. None of them takes a custom suffix. */
const known: ServiceLinkedRole[] = [
  {
    serviceName: 'alb.aliyuncs.com',
    roleName: 'AliyunServiceRoleForAlb',
    source:
      'https://www.alibabacloud.com/help/en/slb/security-and-compliance/using-service-association-roles; inf: service name',
  },
  {
    serviceName: 'logdelivery.alb.aliyuncs.com',
    roleName: 'AliyunServiceRoleForAlbLogDelivery',
    source: 'https://alibabacloud.com/help/en/ram/developer-reference/aliyunservicerolepolicyforalblogdelivery',
  },
  { serviceName: 'fc.aliyuncs.com', roleName: 'AliyunServiceRoleForFC', source: 'SRM; inf: role name' },
  {
    serviceName: 'sendevent-fc.eventbridge.aliyuncs.com',
    roleName: 'AliyunServiceRoleForEventBridgeSendToFC',
    source: 'SRM; inf: role name',
  },
  {
    serviceName: 'sendevent-mns.eventbridge.aliyuncs.com',
    roleName: 'AliyunServiceRoleForEventBridgeSendToMNS',
    source: 'SRM and TF-EB; inf: role name',
  },
];

export const findServiceLinkedRole = (serviceName: string): ServiceLinkedRole | undefined =>
  known.find((candidate) => candidate.serviceName === serviceName);

/** What the role of a service is made of; description and trust policy are the service's, not the caller's. */
export const newServiceLinkedRole = ({ serviceName, roleName }: ServiceLinkedRole) => ({
  name: roleName,
  serviceName,
  trustPolicy: trustOf(serviceName),
  description: `Service Linked Role for ${serviceName}. The service will use this role to access your resources in other services.`,
});
