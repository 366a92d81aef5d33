/** The ARN forms of one queue and of one function; they differ by where they stand (P-151, facts section 9.3). */

export type Destination =
  | { kind: 'queue'; regionId: string; accountId: string; queueName: string }
  | { kind: 'function'; regionId: string; accountId: string; functionName: string };

/**
 * `destination` of an asyncInvokeConfig.
 *
 * @returns undefined for any form but a queue (`acs:mns:<region>:<account>:/queues/<q>/messages`) or a function
 *   (`acs:fc:<region>:<account>:functions/<name>`, account may be empty): topics and buses are not emulated.
 */
export function parseDestination(arn: string): Destination | undefined {
  const queue = /^acs:mns:([a-z0-9-]+):(\d*):\/queues\/([A-Za-z0-9-]{1,120})\/messages$/.exec(arn);
  if (queue !== null) {
    const [, regionId = '', accountId = '', queueName = ''] = queue;
    return { kind: 'queue', regionId, accountId, queueName };
  }
  const target = /^acs:fc:([a-z0-9-]+):(\d*):functions\/([A-Za-z_][\w-]*)$/.exec(arn);
  if (target === null) return undefined;
  const [, regionId = '', accountId = '', functionName = ''] = target;
  return { kind: 'function', regionId, accountId, functionName };
}

/** A trigger's dead-letter queue: the queue's form without `/messages`. */
export function parseDeadLetterQueue(
  arn: string,
): { regionId: string; accountId: string; queueName: string } | undefined {
  const parts = /^acs:mns:([a-z0-9-]+):(\d*):\/queues\/([A-Za-z0-9-]{1,120})$/.exec(arn);
  if (parts === null) return undefined;
  const [, regionId = '', accountId = '', queueName = ''] = parts;
  return { regionId, accountId, queueName };
}

/** `subject` of an MNS event: the queue's form without the slash. */
export const queueSubject = (regionId: string, accountId: string, queueName: string): string =>
  `acs:mns:${regionId}:${accountId}:queues/${queueName}`;

export const functionArn = (regionId: string, accountId: string, functionName: string): string =>
  `acs:fc:${regionId}:${accountId}:functions/${functionName}`;

/** `acs:ram::<account>:role/<name>`, or the bare name; fc3 lower-cases both (P-161). */
export const roleName = (role: string): string => (role.split('/').at(-1) ?? role).toLowerCase();
