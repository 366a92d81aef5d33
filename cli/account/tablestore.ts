import { tablePrefix } from '../../shared/runtime.ts';
import { lifeOf } from '../../shared/store/rows.ts';
import type { TableName } from '../../shared/store/tables.ts';
import { tableDefinitions } from '../bootstrap.ts';
import type { Account } from './account.ts';
import { instanceProduct, orAbsent, restOf } from './clients.ts';
import { stateOf, type Step } from './step.ts';

/** @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance */
export function instanceStep({ config, settings }: Account): Step {
  const rest = restOf(settings, instanceProduct);
  const InstanceName = config.tablestoreInstance;
  // The product's page of codes leaves this API out; what is known ends like this.
  const isMissing = (code: string): boolean => /Not(Exist|Found)$/.test(code);
  const find = () =>
    orAbsent(rest('GetInstance', 'GET', '/v2/openapi/getinstance', { query: { InstanceName } }), isMissing);
  return {
    kind: 'Tablestore instance',
    name: InstanceName,
    what: 'high performance, pay by use',
    state: async () => stateOf((await find()) === undefined ? undefined : []),
    async make() {
      await rest('CreateInstance', 'POST', '/v2/openapi/createinstance', {
        body: { InstanceName, ClusterType: 'SSD', InstanceDescription: `State of ${config.name}` },
      });
    },
    async remove() {
      await orAbsent(
        rest('DeleteInstance', 'POST', '/v2/openapi/deleteinstance', { body: { InstanceName } }),
        isMissing,
      );
    },
  };
}

export const tableSteps = ({ config, runtime: { rows } }: Account): Step[] =>
  tableDefinitions(config).map((definition): Step => {
    const differences = () => rows.tableDifferences(definition);
    return {
      kind: 'table',
      name: `${tablePrefix(config.name)}_${definition.name}`,
      what: `rows live ${lifeOf(definition.timeToLiveSeconds)}`,
      state: async () => stateOf(await differences()),
      async make() {
        if ((await differences()) === undefined) await rows.createTable(definition);
        else await rows.updateTable(definition);
      },
      remove: () => rows.deleteTable(definition.name as TableName),
    };
  });
