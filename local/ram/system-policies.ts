import type { PolicyDocument } from '../credentials.ts';

const allow = (...actions: string[]): PolicyDocument => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

/**
 * The vendor's policies for the services that the embedded cloud has; others do not exist here.
 * Source: https://www.alibabacloud.com/help/en/ram/developer-reference/system-policies; inf: reduced to the services' whole action sets.
 */
export const systemPolicies: ReadonlyMap<string, PolicyDocument> = new Map([
  ['AdministratorAccess', allow('*')],
  ['AliyunVPCFullAccess', allow('vpc:*')],
  ['AliyunECSFullAccess', allow('ecs:*')],
  ['AliyunALBFullAccess', allow('alb:*')],
  ['AliyunDNSFullAccess', allow('alidns:*')],
  ['AliyunMNSFullAccess', allow('mns:*')],
  ['AliyunOTSFullAccess', allow('ots:*')],
  ['AliyunFCFullAccess', allow('fc:*')],
  ['AliyunRAMFullAccess', allow('ram:*')],
]);
