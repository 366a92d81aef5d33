import type { FcAction, FcCall } from '../action.ts';
import { refuse } from '../errors.ts';

/**
 * What a function can have on the platform and has none of here: versions, aliases, VPC bindings, scaling and provisioned
 * instances. The lists are empty and a single one is not found, as for any function that never got one; making one is
 * refused, since nothing would come of it.
 */
const list = (name: string, path: string, body: object): FcAction => ({
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
  list('ListFunctionVersions', ofFunction('versions'), { direction: 'BACKWARD', versions: [] }),
  list('ListAliases', ofFunction('aliases'), { aliases: [] }),
  list('ListVpcBindings', ofFunction('vpc-bindings'), { vpcIds: [] }),
  list('ListInstances', ofFunction('instances'), { instances: [] }),
  list('ListScalingConfigs', '/scaling-configs', { scalingConfigs: [] }),
  list('ListProvisionConfigs', '/provision-configs', { provisionConfigs: [] }),
  list('ListCustomDomains', '/custom-domains', { customDomains: [] }),
  list('ListLayers', '/layers', { layers: [] }),
  // A function that has none is answered with zeros, not with an error: fc3 reads `functionArn` to tell (src/resources/fc).
  {
    name: 'GetProvisionConfig',
    method: 'GET',
    path: ofFunction('provision-config'),
    apply({ directory, path: { functionName } }) {
      directory.function(functionName);
      throw refuse('ProvisionConfigNotFound', `provision config of function '${functionName}' does not exist`);
    },
  },
  {
    name: 'GetScalingConfig',
    method: 'GET',
    path: ofFunction('scaling-config'),
    apply({ directory, path: { functionName } }) {
      directory.function(functionName);
      return {};
    },
  },
  refusal('PublishFunctionVersion', 'POST', ofFunction('versions'), 'versions'),
  refusal('CreateAlias', 'POST', ofFunction('aliases'), 'aliases'),
  refusal('CreateVpcBinding', 'POST', ofFunction('vpc-bindings'), 'VPC bindings'),
  refusal('PutScalingConfig', 'PUT', ofFunction('scaling-config'), 'scaling of instances'),
  refusal('PutProvisionConfig', 'PUT', ofFunction('provision-config'), 'provisioned instances'),
  refusal('CreateCustomDomain', 'POST', '/custom-domains', 'custom domains'),
];
