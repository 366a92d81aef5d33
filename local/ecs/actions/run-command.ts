import { flag, integer, list, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { answerScript } from '../guest.ts';
import type { EcsState, Instance, Invocation } from '../state.ts';
import { newTags, readTags } from '../tagging.ts';

/** Time from the call to the result of a diagnosis command, at most; shorter where start-up is short. */
const longestRunMs = 1000;

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
    for (const instance of found) state.invocations.push({ ...ids, ...run(state, instance, script) });
    return { InvokeId: ids.invokeId, CommandId: ids.commandId };
  },
});

type Run = Pick<Invocation, 'instanceId' | 'startedAtMs' | 'finishedAtMs' | 'outcome' | 'output'>;

function run(state: EcsState, instance: Instance, script: string): Run {
  const { clock, latency } = state.context;
  const now = clock.nowMs();
  const failed = (errorCode: string, errorInfo: string): Run => ({
    instanceId: instance.id,
    startedAtMs: now,
    finishedAtMs: now,
    outcome: { status: 'Aborted', errorCode, errorInfo },
    output: '',
  });
  if (state.instances.statusOf(instance) !== 'Running')
    return failed('InstanceNotRunning', 'The instance is not running.');
  if (!state.isGuestUp(instance)) return failed('ClientNotRunning', 'The Cloud Assistant client is not running.');
  const { exitCode, output } = answerScript(state, instance, script);
  return {
    instanceId: instance.id,
    startedAtMs: now,
    finishedAtMs: now + Math.min(longestRunMs, latency.cloudInitMs / 10),
    outcome:
      exitCode === 0
        ? { status: 'Success', exitCode }
        : { status: 'Failed', exitCode, errorCode: 'ExitCodeNonzero', errorInfo: 'The exit code is not 0.' },
    output,
  };
}
