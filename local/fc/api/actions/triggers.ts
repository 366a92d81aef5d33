import { randomUUID } from 'node:crypto';
import { triggerHost } from '../../http-trigger.ts';
import { type TriggerSpec, triggerListProblems } from '../../spec.ts';
import { type FcAction, isoTime } from '../action.ts';
import { refuse } from '../errors.ts';
import { createTriggerInput, pageOf, readBody, readTrigger, updateTriggerInput } from '../input.ts';
import type { FunctionDirectory, StoredTrigger } from '../state.ts';

/** The trigger as the API shows it: its configuration as one JSON text. */
export function triggerForm(directory: FunctionDirectory, functionName: string, stored: StoredTrigger): object {
  const { context } = directory.options;
  const { spec } = stored;
  const host = triggerHost(functionName, context.regionId, context.credentials.accountId);
  return {
    createdTime: isoTime(stored.createdAtMs),
    description: stored.description,
    ...(spec.triggerType === 'http'
      ? {
          httpTrigger: {
            urlInternet: `https://${host}`,
            urlIntranet: `https://${host.replace(`.${context.regionId}.`, `.${context.regionId}-vpc.`)}`,
          },
        }
      : {}),
    invocationRole: stored.invocationRole,
    lastModifiedTime: isoTime(stored.modifiedAtMs),
    qualifier: spec.qualifier,
    sourceArn: stored.sourceArn,
    status: spec.triggerType === 'eventbridge' ? 'RUNNING' : '',
    targetArn: `${directory.arnOf(functionName)}/${spec.qualifier}`,
    triggerConfig: stored.configText,
    triggerId: stored.id,
    triggerName: spec.triggerName,
    triggerType: spec.triggerType,
  };
}

/** @throws InvalidArgument, VersionNotFound, AliasNotFound */
function checkAmong(directory: FunctionDirectory, functionName: string, spec: TriggerSpec): void {
  const { triggers } = directory.function(functionName);
  directory.checkQualifier(functionName, spec.qualifier);
  const others = [...triggers.values()]
    .map((other) => other.spec)
    .filter((other) => other.triggerName !== spec.triggerName);
  if (others.length >= 50) throw refuse('InvalidArgument', `function '${functionName}' has 50 triggers already`);
  const problems = triggerListProblems([...others, spec], directory.options.context.regionId, functionName, false);
  if (problems.length > 0) throw refuse('InvalidArgument', problems.join('; '));
}

/** Name of the stream behind a queue trigger (inf: its form is not published). */
const streamName = (functionName: string, triggerName: string): string => `${functionName}_${triggerName}`;

/**
 * A queue trigger is a stream of EventBridge, unless it is event-driven. The code for a full quota is inferred, that it refuses is not.
 *
 * @throws InvalidArgument
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/mns-queue-triggers
 */
function putStream(directory: FunctionDirectory, functionName: string, { spec, description }: StoredTrigger): void {
  const { eventBridge } = directory.options;
  const name = streamName(functionName, spec.triggerName);
  if (spec.triggerType !== 'eventbridge' || spec.triggerConfig.mode !== 'event-streaming') {
    eventBridge.streams.delete(name);
    return;
  }
  if (!eventBridge.streams.has(name) && eventBridge.isFull)
    throw refuse('InvalidArgument', `the number of event streams exceeds the quota of ${eventBridge.streamQuota}`);
  const { RegionId, QueueName, IsBase64Decode } =
    spec.triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters;
  eventBridge.streams.set(name, {
    name,
    description,
    status: spec.triggerConfig.triggerEnable ? 'RUNNING' : 'PAUSED',
    source: { regionId: RegionId, queueName: QueueName, isBase64Decode: IsBase64Decode },
    sinkArn: directory.arnOf(functionName),
  });
}

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-createtrigger */
export const createTrigger: FcAction = {
  name: 'CreateTrigger',
  method: 'POST',
  path: '/functions/{functionName}/triggers',
  apply({ directory, request, path: { functionName } }) {
    directory.function(functionName);
    const input = readBody(createTriggerInput, request.body);
    if (directory.function(functionName).triggers.has(input.triggerName))
      throw refuse(
        'TriggerAlreadyExists',
        `trigger '${input.triggerName}' already exists in function '${functionName}'`,
      );
    const spec = readTrigger(input);
    checkAmong(directory, functionName, spec);
    const stored: StoredTrigger = {
      id: randomUUID(),
      spec,
      configText: input.triggerConfig,
      description: input.description ?? '',
      invocationRole: input.invocationRole ?? '',
      sourceArn: input.sourceArn ?? '',
      createdAtMs: directory.nowMs,
      modifiedAtMs: directory.nowMs,
    };
    putStream(directory, functionName, stored);
    directory.change(functionName, ({ triggers }) => triggers.set(spec.triggerName, stored));
    return triggerForm(directory, functionName, stored);
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-updatetrigger */
export const updateTrigger: FcAction = {
  name: 'UpdateTrigger',
  method: 'PUT',
  path: '/functions/{functionName}/triggers/{triggerName}',
  apply({ directory, request, path: { functionName, triggerName } }) {
    const before = directory.trigger(functionName, triggerName);
    const input = readBody(updateTriggerInput, request.body);
    const configText = input.triggerConfig ?? before.configText;
    const spec = readTrigger({
      triggerName,
      triggerType: before.spec.triggerType,
      triggerConfig: configText,
      qualifier: input.qualifier ?? before.spec.qualifier,
    });
    checkAmong(directory, functionName, spec);
    const stored: StoredTrigger = {
      ...before,
      spec,
      configText,
      description: input.description ?? before.description,
      invocationRole: input.invocationRole ?? before.invocationRole,
      modifiedAtMs: directory.nowMs,
    };
    putStream(directory, functionName, stored);
    directory.change(functionName, ({ triggers }) => triggers.set(triggerName, stored));
    return triggerForm(directory, functionName, stored);
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-gettrigger */
export const getTrigger: FcAction = {
  name: 'GetTrigger',
  method: 'GET',
  path: '/functions/{functionName}/triggers/{triggerName}',
  apply: ({ directory, path: { functionName, triggerName } }) =>
    triggerForm(directory, functionName, directory.trigger(functionName, triggerName)),
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listtriggers */
export const listTriggers: FcAction = {
  name: 'ListTriggers',
  method: 'GET',
  path: '/functions/{functionName}/triggers',
  apply({ directory, request, path: { functionName } }) {
    const all = [...directory.function(functionName).triggers.values()];
    const { page, nextToken } = pageOf(all, ({ spec }) => spec.triggerName, request.query);
    return {
      triggers: page.map((stored) => triggerForm(directory, functionName, stored)),
      ...(nextToken === undefined ? {} : { nextToken }),
    };
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-deletetrigger */
export const deleteTrigger: FcAction = {
  name: 'DeleteTrigger',
  method: 'DELETE',
  path: '/functions/{functionName}/triggers/{triggerName}',
  apply({ directory, path: { functionName, triggerName } }) {
    directory.trigger(functionName, triggerName);
    directory.change(functionName, ({ triggers }) => triggers.delete(triggerName));
    directory.options.eventBridge.streams.delete(streamName(functionName, triggerName));
    return undefined;
  },
};
