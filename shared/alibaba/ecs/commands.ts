import { DescribeCloudAssistantStatusRequest } from '@alicloud/ecs20140526/dist/models/DescribeCloudAssistantStatusRequest.js';
import { DescribeCloudAssistantStatusResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeCloudAssistantStatusResponseBody.js';
import { DescribeInvocationResultsRequest } from '@alicloud/ecs20140526/dist/models/DescribeInvocationResultsRequest.js';
import { DescribeInvocationResultsResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeInvocationResultsResponseBody.js';
import { RunCommandRequest } from '@alicloud/ecs20140526/dist/models/RunCommandRequest.js';
import { RunCommandResponseBody } from '@alicloud/ecs20140526/dist/models/RunCommandResponseBody.js';
import { type Call, idOf } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { batches, tokenPages } from '../pages.ts';
import { ecsProduct } from '../products.ts';

export interface NewCommand {
  instanceIds: string[];
  /** Shell script as plain text. */
  command: string;
  timeoutSeconds: number;
  clientToken: string;
}

export interface CommandResult {
  instanceId: string;
  /** `Pending`, `Running`, `Success`, `Failed`, `Error`, `Timeout`, `Aborted`, `Cancelled`, `Terminated`, `Invalid`, `Stopping`. */
  status: string;
  isFinal: boolean;
  /** Undefined until the script has ended. */
  exitCode: number | undefined;
  /** Decoded text. */
  output: string;
  /** Why it could not run, such as `ClientNotRunning`; empty if it could. */
  errorCode: string;
}

/** Cloud Assistant. */
export interface Commands {
  /** Instance id to whether its Cloud Assistant answers; every asked id has an entry. */
  cloudAssistantReady(instanceIds: string[]): Promise<Set<string>>;
  /** @returns the invoke id. */
  runCommand(command: NewCommand): Promise<string>;
  commandResults(invokeId: string): Promise<CommandResult[]>;
}

const describeCloudAssistantStatus = {
  name: 'DescribeCloudAssistantStatus',
  request: DescribeCloudAssistantStatusRequest,
  answer: DescribeCloudAssistantStatusResponseBody,
};
const describeInvocationResults = {
  name: 'DescribeInvocationResults',
  request: DescribeInvocationResultsRequest,
  answer: DescribeInvocationResultsResponseBody,
};
const runCommand = { name: 'RunCommand', request: RunCommandRequest, answer: RunCommandResponseBody };

const notFound = ['InvalidInstance.NotFound', 'InvalidInstanceId.NotFound', 'InvalidInstanceIds.NotFound'];

const finalStatuses = new Set([
  'Success',
  'Failed',
  'Error',
  'Timeout',
  'Aborted',
  'Cancelled',
  'Terminated',
  'Invalid',
]);

export const commands = (call: Call): Commands => ({
  async cloudAssistantReady(instanceIds) {
    const ready = new Set<string>();
    const ask = async (ids: string[]): Promise<void> => {
      const rows = await tokenPages(async (nextToken) => {
        const answer = await call(describeCloudAssistantStatus, { instanceId: ids, maxResults: 50, nextToken });
        return {
          rows: answer.instanceCloudAssistantStatusSet?.instanceCloudAssistantStatus,
          nextToken: answer.nextToken,
        };
      });
      for (const { instanceId = '', cloudAssistantStatus } of rows)
        // The string, not the boolean (P-050).
        if (instanceIds.includes(instanceId) && cloudAssistantStatus === 'true') ready.add(instanceId);
    };
    // 50 a call: the page size is at most that, where it is not ignored.
    for (const part of batches(instanceIds, 50))
      try {
        await ask(part);
      } catch (error) {
        if (!hasCode(error, notFound)) throw error;
        // One id that is not there fails the call for all of them.
        if (part.length > 1)
          for (const instanceId of part) await expecting(notFound, undefined, () => ask([instanceId]));
      }
    return ready;
  },

  async runCommand({ instanceIds, command, timeoutSeconds, clientToken }) {
    const answer = await call(runCommand, {
      type: 'RunShellScript',
      commandContent: Buffer.from(command).toString('base64'),
      contentEncoding: 'Base64',
      instanceId: instanceIds,
      timeout: timeoutSeconds,
      clientToken,
    });
    return idOf(ecsProduct, runCommand, answer.invokeId);
  },

  async commandResults(invokeId) {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(describeInvocationResults, {
        invokeId,
        contentEncoding: 'Base64',
        maxResults: 50,
        nextToken,
      });
      return {
        rows: answer.invocation?.invocationResults?.invocationResult,
        nextToken: answer.invocation?.nextToken,
      };
    });
    return rows.map((row) => {
      const status = row.invocationStatus ?? '';
      const isFinal = finalStatuses.has(status);
      return {
        instanceId: row.instanceId ?? '',
        status,
        isFinal,
        exitCode: isFinal ? row.exitCode : undefined,
        output: Buffer.from(row.output ?? '', 'base64').toString('utf8'),
        errorCode: row.errorCode ?? '',
      };
    });
  },
});
