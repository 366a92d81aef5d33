import type { FcAction, FcCall } from '../action.ts';
import { refuse } from '../errors.ts';

/**
 * What a function can have on the platform and has none of here: versions, aliases, VPC bindings, scaling and provisioned
 * instances. What is asked for is empty, as for any function that never got one; making one is refused, since
 * nothing would come of it.
 */
const empty = (name: string, path: string, body: object): FcAction => ({
  name,
  method: 'GET',
  path,
  apply(call) {
    needFunction(call);
    return body;
  },
});

function needFunction({ directory, path, request }: FcCall): void {
  const name = path.functionName === '' ? (request.query.get('functionName') ?? '') : path.functionName;
  if (name !== '') directory.function(name);
}

const refusal = (name: string, method: FcAction['method'], path: string, what: string): FcAction => ({
  name,
  method,
  path,
  isRefused: true,
  apply(call) {
    needFunction(call);
    throw refuse('EmbeddedCloud.NotEmulated', `the embedded cloud does not emulate ${what}`);
  },
});

const ofFunction = (what: string): string => `/functions/{functionName}/${what}`;

export const absentActions: FcAction[] = [
  empty('ListFunctionVersions', ofFunction('versions'), { direction: 'BACKWARD', versions: [] }),
  empty('ListAliases', ofFunction('aliases'), { aliases: [] }),
  empty('ListVpcBindings', ofFunction('vpc-bindings'), { vpcIds: [] }),
  empty('ListInstances', ofFunction('instances'), { instances: [] }),
  empty('ListScalingConfigs', '/scaling-configs', { scalingConfigs: [] }),
  empty('ListProvisionConfigs', '/provision-configs', { provisionConfigs: [] }),
  empty('ListCustomDomains', '/custom-domains', { customDomains: [] }),
  empty('ListLayers', '/layers', { layers: [] }),
  // Answered with nothing in it rather than refused: fc3 tells by an empty `functionArn` (src/resources/fc/impl/client.ts).
  empty('GetProvisionConfig', ofFunction('provision-config'), { current: 0, functionArn: '', target: 0 }),
  empty('GetScalingConfig', ofFunction('scaling-config'), {}),
  refusal('PublishFunctionVersion', 'POST', ofFunction('versions'), 'versions'),
  refusal('CreateAlias', 'POST', ofFunction('aliases'), 'aliases'),
  refusal('CreateVpcBinding', 'POST', ofFunction('vpc-bindings'), 'VPC bindings'),
  refusal('PutScalingConfig', 'PUT', ofFunction('scaling-config'), 'scaling of instances'),
  refusal('PutProvisionConfig', 'PUT', ofFunction('provision-config'), 'provisioned instances'),
  refusal('CreateCustomDomain', 'POST', '/custom-domains', 'custom domains'),
];
