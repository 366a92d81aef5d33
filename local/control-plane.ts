import type { EmbeddedCloud } from './cloud.ts';
import { FunctionApi } from './fc/api/index.ts';
import { FunctionDirectory } from './fc/api/state.ts';
import { FunctionCompute } from './fc/function-compute.ts';
import type { LogEntry } from './fc/function-runtime.ts';
import { OssService } from './oss/index.ts';
import { OssState } from './oss/state.ts';

export interface ControlPlane {
  compute: FunctionCompute;
  directory: FunctionDirectory;
  close(): Promise<void>;
}

/**
 * Function Compute as an account has it at first: no function, and an API that makes some. Adds the API, OSS for the
 * archives, and the HTTP triggers to the cloud, which must have started.
 *
 * @param options.environment - added to what every function sees: where the embedded cloud is.
 */
export function startControlPlane(
  cloud: EmbeddedCloud,
  options: { workerPath: string; environment: Record<string, string>; log?: (entry: LogEntry) => void },
): ControlPlane {
  const { context, credentials } = cloud;
  const oss = new OssState(context);
  const compute = new FunctionCompute({
    clock: context.clock,
    accountId: credentials.accountId,
    regionId: context.regionId,
    // Every function brings its own.
    codeDir: '',
    workerPath: options.workerPath,
    credentials: (role, functionName) => Promise.resolve(credentials.issue(role, functionName)),
    revoke: (accessKeyId) => credentials.revoke(accessKeyId),
    route: (address, port) => cloud.dataPlane.route(address, port),
    mns: { endpoint: cloud.url, credential: () => credentials.root },
    credentialStore: credentials,
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  const directory = new FunctionDirectory({
    context,
    oss,
    compute,
    eventBridge: cloud.eventBridge,
    environment: options.environment,
  });
  for (const service of [new OssService(oss), new FunctionApi(directory, () => cloud.url), compute.httpService])
    cloud.addService(service);
  compute.start();
  return {
    compute,
    directory,
    async close() {
      await compute.close();
      directory.close();
    },
  };
}
