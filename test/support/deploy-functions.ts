import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sdk from '@alicloud/fc20230330';
import { root } from '../../cli/build.mjs';
import type { EmbeddedCloud } from '../../local/cloud.ts';
import { readFunctions } from '../../local/fc/s-yaml.ts';
import type { FunctionSpec } from '../../local/fc/spec.ts';
import { sdkConfig } from './edge.ts';

type Code = ConstructorParameters<typeof sdk.InputCodeLocation>[0];

/** Every function of s.yaml by the API, as `s deploy` makes it. @returns their names. */
export async function deployFunctions(
  cloud: EmbeddedCloud,
  env: Record<string, string | undefined>,
  codeOf: (spec: FunctionSpec) => Promise<Code>,
): Promise<string[]> {
  const client = new sdk.default(sdkConfig(cloud.url, cloud.context) as never);
  const functions = readFunctions(readFileSync(join(root, 's.yaml'), 'utf8'), env);
  for (const spec of functions) {
    const code = await codeOf(spec);
    const { functionName, runtime, handler, memorySize, cpu, timeout, environmentVariables, role } = spec;
    const body = new sdk.CreateFunctionInput({
      functionName,
      runtime,
      handler,
      memorySize,
      cpu,
      timeout,
      environmentVariables,
      role,
      code: new sdk.InputCodeLocation(code),
    });
    await client.createFunction(new sdk.CreateFunctionRequest({ body }));
    if (spec.asyncInvokeConfig !== undefined) {
      const { maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds } = spec.asyncInvokeConfig;
      const config = new sdk.PutAsyncInvokeConfigInput({ maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds });
      await client.putAsyncInvokeConfig(functionName, new sdk.PutAsyncInvokeConfigRequest({ body: config }));
    }
    for (const { triggerName, triggerType, triggerConfig } of spec.triggers) {
      const { mode: _mode, ...config } = { mode: '', ...triggerConfig };
      const input = new sdk.CreateTriggerInput({ triggerName, triggerType, triggerConfig: JSON.stringify(config) });
      await client.createTrigger(functionName, new sdk.CreateTriggerRequest({ body: input }));
    }
  }
  return functions.map(({ functionName }) => functionName);
}
