import { flag, integer, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { readCurlScript } from '../curl-script.ts';
import { answerScript } from '../guest.ts';
import { type GuestRun, GuestScript } from '../guest-curl.ts';
import type { EcsState, Instance, Invocation, InvocationEnd } from '../state.ts';
import { newTags, readTags } from '../tagging.ts';

/** Time from the call to the result, at least; shorter where start-up is short. */
const shortestRunMs = 1000;

const decode = (content: string, encoding: 'PlainText' | 'Base64' | undefined): string => {
  if (encoding !== 'Base64') return content;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content))
    throw refuse('CmdContent.DecodeError');
  return Buffer.from(content, 'base64').toString('utf8');
};

/**
 * RunCommand, ECS 2014-05-26. The call is accepted whatever the instance's state; the result tells whether the command
 * could be sent. Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand (read 2026-11-22).
 */
export const runCommand = rpcAction<EcsState>()({
  isWrite: true,
  needsRegionId: true,
  clientToken: true,
  params: {
    Type: required(oneOf('RunShellScript', 'RunBatScript', 'RunPowerShellScript')),
    CommandContent: required(text()),
    ContentEncoding: oneOf('PlainText', 'Base64'),
    InstanceId: list(required(text()), 100, 1),
    Name: text({ max: 128 }),
    Description: text({ max: 512 }),
    WorkingDir: text({ max: 200 }),
    Timeout: integer(10, 86_400),
    Username: text({ max: 255 }),
    KeepCommand: flag(),
    EnableParameter: flag(),
    RepeatMode: oneOf('Once'),
    Timed: flag(),
    TerminationMode: oneOf('Process', 'ProcessTree'),
    ResourceGroupId: text(),
    Tag: newTags(),
  },
  condition: ({ Username: username }) => ({ 'ecs:CommandRunAs': username ?? 'root' }),
  apply(state, params) {
    if (params.InstanceId === undefined) throw refuse('MissingParam.InstanceId');
    const script = decode(params.CommandContent, params.ContentEncoding);
    // The limit holds for the Base64 form. Source: facts 2, RunCommand (SDK-ECS).
    if (Buffer.from(script).toString('base64').length > 24 * 1024) throw refuse('CmdContent.ExceedLimit');
    const found = [...new Set(params.InstanceId)].map((id) => {
      const instance = state.instances.find(id);
      if (instance === undefined) throw refuse('InvalidInstance.NotFound', id);
      return instance;
    });
    if (params.Type !== 'RunShellScript') throw refuse('InvalidInstance.NotMatch', params.Type);
    if (params.Timed === true) throw refuse('EmbeddedCloud.NotEmulated', 'Timed');
    const tags = readTags(params.Tag);
    const ids = {
      invokeId: state.context.nextId('t-sh0'),
      commandId: state.context.nextId('c-sh0'),
      username: params.Username ?? 'root',
      tags,
    };
    const timeoutMs = (params.Timeout ?? 60) * 1000;
    for (const instance of found) {
      const invocation: Invocation = { ...ids, instanceId: instance.id, startedAtMs: state.context.clock.nowMs() };
      state.invocations.set(`${ids.invokeId} ${instance.id}`, invocation);
      run(state, instance, invocation, { script, timeoutMs });
    }
    return { InvokeId: ids.invokeId, CommandId: ids.commandId };
  },
});

/** Brings about `invocation.end`; of a script that makes connections, later. */
function run(
  state: EcsState,
  instance: Instance,
  invocation: Invocation,
  { script, timeoutMs }: { script: string; timeoutMs: number },
): void {
  const { network, context } = state;
  const { startedAtMs } = invocation;
  const end = { atMs: startedAtMs, output: '', status: 'Aborted' } as const;
  if (state.instances.statusOf(instance) !== 'Running') {
    invocation.end = { ...end, errorCode: 'InstanceNotRunning', errorInfo: 'The instance is not running.' };
    return;
  }
  if (!state.isGuestUp(instance)) {
    invocation.end = { ...end, errorCode: 'ClientNotRunning', errorInfo: 'The Cloud Assistant client is not running.' };
    return;
  }
  const earliestMs = startedAtMs + Math.min(shortestRunMs, context.latency.cloudInitMs / 10);
  const steps = readCurlScript(script);
  if (network === undefined || steps === undefined) {
    const answer = answerScript(state, instance, script);
    invocation.end = endOf({ ended: 'Exit', atMs: startedAtMs, ...answer }, earliestMs);
    return;
  }
  network.run(async (closing) => {
    const guest = new GuestScript({ state, network, instance, deadlineMs: startedAtMs + timeoutMs, closing });
    invocation.end = endOf(await guest.run(steps), earliestMs);
  });
}

/** Sources of codes and texts: ErrorCode and ErrorInfo in the vendor's models; which status `ExecutionInterrupted` goes with is not said (inf). */
function endOf({ ended, atMs, exitCode, output }: GuestRun, earliestMs: number): InvocationEnd {
  switch (ended) {
    case 'Timeout':
      return {
        atMs,
        status: 'Timeout',
        errorCode: 'ExecutionTimeout',
        errorInfo: 'The command execution has been timeout.',
        output,
      };
    case 'Interrupted':
      return {
        atMs,
        status: 'Error',
        errorCode: 'ExecutionInterrupted',
        errorInfo: 'The command execution has been interrupted.',
        output,
      };
    default: {
      const exit = { atMs: Math.max(atMs, earliestMs), exitCode, output };
      if (exitCode === 0) return { ...exit, status: 'Success' };
      return { ...exit, status: 'Failed', errorCode: 'ExitCodeNonzero', errorInfo: 'The exit code is not 0.' };
    }
  }
}
