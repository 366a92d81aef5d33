import type { Account } from './account.ts';
import { codeOf, stateOf, type Step } from './step.ts';

const logstore = 'functions';
const keptDays = 30;

/**
 * Where functions log: project, logstore and index of `logConfig` in s.yaml. By the vendor's SDK alone, since its calls go to
 * `<project>.<endpoint>` and are signed in a way of their own; never tried against the service.
 *
 * @see https://help.aliyun.com/zh/sls/developer-reference/api-sls-2020-12-30-createproject
 */
export function logProjectStep(
  { config, settings }: Pick<Account, 'config' | 'settings'>,
  server = { endpoint: `${config.regionId}.log.aliyuncs.com`, protocol: 'https' },
): Step {
  const project = `${config.name}-${config.regionId}`;
  const connect = async () => {
    const [{ default: sls }, { default: core }] = await Promise.all([
      import('@alicloud/sls20201230'),
      import('@alicloud/openapi-core'),
    ]);
    const { accessKeyId, accessKeySecret, securityToken } = settings.credentials;
    const client = new sls.default(
      new core.$OpenApiUtil.Config({
        ...server,
        accessKeyId,
        accessKeySecret,
        securityToken,
        readTimeout: settings.readTimeoutMs,
        connectTimeout: Math.max(settings.connectTimeoutMs, settings.readTimeoutMs),
      }),
    );
    return { sls, client };
  };
  const within = <T>(call: () => Promise<T>): Promise<T> => settings.budget.within('the log service', call);
  const isThere = async (ask: () => Promise<unknown>): Promise<boolean> => {
    try {
      await within(ask);
      return true;
    } catch (error) {
      if (['ProjectNotExist', 'LogStoreNotExist', 'IndexConfigNotExist'].includes(codeOf(error))) return false;
      throw error;
    }
  };
  const make = async (code: string, call: () => Promise<unknown>): Promise<void> => {
    try {
      await within(call);
    } catch (error) {
      if (codeOf(error) !== code) throw error;
    }
  };
  return {
    kind: 'log project',
    name: project,
    what: `logstore ${logstore}, kept for ${keptDays} days`,
    // Its calls go to a host per project, which no other endpoint can stand for.
    ...(config.endpoint === undefined ? {} : { skipped: 'DUALSTACK_ALB_ENDPOINT is set, which has no log service' }),
    async state() {
      const { client } = await connect();
      if (!(await isThere(() => client.getProject(project)))) return stateOf(undefined);
      if (!(await isThere(() => client.getLogStore(project, logstore))))
        return stateOf([`logstore ${logstore} is missing`]);
      return stateOf((await isThere(() => client.getIndex(project, logstore))) ? [] : ['its index is missing']);
    },
    async make() {
      const { sls, client } = await connect();
      await make('ProjectAlreadyExist', () =>
        client.createProject(
          new sls.CreateProjectRequest({ projectName: project, description: `Functions of ${config.name}` }),
        ),
      );
      await make('LogStoreAlreadyExist', () =>
        client.createLogStore(
          project,
          new sls.CreateLogStoreRequest({
            logstoreName: logstore,
            ttl: keptDays,
            shardCount: 1,
            autoSplit: true,
            maxSplitShard: 8,
          }),
        ),
      );
      const separators = Array.from(', \'";=()[]{}?@&<>/:\n\t');
      await make('IndexAlreadyExist', () =>
        client.createIndex(
          project,
          logstore,
          new sls.CreateIndexRequest({
            body: new sls.Index({ line: new sls.IndexLine({ caseSensitive: false, token: separators }) }),
          }),
        ),
      );
    },
    async remove() {
      const { sls, client } = await connect();
      await make('ProjectNotExist', () => client.deleteProject(project, new sls.DeleteProjectRequest({})));
    },
  };
}
