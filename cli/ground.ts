import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedCloud } from '../local/cloud.ts';
import type { StsCredentials } from '../local/fc/instance.ts';
import { readFunctions } from '../local/fc/s-yaml.ts';
import type { FunctionSpec } from '../local/fc/spec.ts';
import type { Route } from '../local/fc/worker-protocol.ts';
import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config.ts';
import { jsonLog } from '../shared/log.ts';
import { createRuntime } from '../shared/runtime.ts';
import { bootstrap } from './bootstrap.ts';
import { CommandError } from './command-error.ts';
import { seedEventDeployment } from './event-deployment.ts';
import { KeysError, rememberToken } from './keys.ts';
import { baseEnvironment, control, type Endpoints, rolePolicies } from './installation.ts';

/** A cloud that functions can be run against. */
export interface Ground {
  url: string;
  specs: FunctionSpec[];
  accountId: string;
  regionId: string;
  credentials(role: string, functionName: string): Promise<StsCredentials>;
  route(address: string, port: number): Promise<Route>;
  close(): Promise<void>;
}

/** The cloud at `endpoint`, or one of its own with queues, tables, roles and the deployment that the events name. */
export async function groundOf(root: string, endpoint?: string, definition = 's.yaml'): Promise<Ground> {
  const cloud = endpoint === undefined ? new EmbeddedCloud({ clock: systemClock, latency: 'none' }) : undefined;
  const url = endpoint === undefined ? await (cloud as EmbeddedCloud).start() : endpoint.replace(/\/+$/, '');
  if (cloud !== undefined) rememberToken(url, cloud.controlToken);
  try {
    const there = (await control(url, 'GET', 'endpoints').catch((error: unknown) => {
      if (error instanceof KeysError) throw error;
      throw new CommandError(
        `--endpoint ${endpoint} does not answer as an embedded cloud: ${error instanceof Error ? error.message : String(error)}\nStart one with "npm run cloud".`,
      );
    })) as Endpoints;
    const base = baseEnvironment(there.regionId, there.accountId, {
      oneQueue: definition !== 's.yaml',
      secret: there.credentials.accessKeySecret,
    });
    const environment = {
      DUALSTACK_ALB_ENDPOINT: url,
      DUALSTACK_ALB_DNS_SERVERS: `${there.dns.host}:${there.dns.port}`,
      DUALSTACK_ALB_ALERT_CHANNELS: JSON.stringify(there.alertChannels),
    };
    for (const [role, policy] of Object.entries(rolePolicies(root, base.DUALSTACK_ALB_NAME)))
      await control(url, 'PUT', `roles/${role}`, [policy]);
    const config = loadConfig({ ...base, ...environment });
    await bootstrap(config, there.credentials);
    if (cloud !== undefined)
      await seedEventDeployment(createRuntime({ config, credentials: there.credentials, log: jsonLog('warn') }), {
        ...(JSON.parse(readFileSync(join(root, 'events', 'create-load-balancer.json'), 'utf8')) as object),
        // The event that asks for one must find its name free.
        name: 'events',
      });
    const specs = readFunctions(readFileSync(join(root, definition), 'utf8'), base, { accountId: there.accountId });
    return {
      url,
      specs: specs.map((spec) => ({
        ...spec,
        environmentVariables: { ...spec.environmentVariables, ...environment },
      })),
      accountId: there.accountId,
      regionId: there.regionId,
      credentials: async (role, functionName) =>
        (await control(url, 'POST', 'credentials', { role, functionName })) as StsCredentials,
      route: async (address, port) =>
        (await control(url, 'GET', `route?address=${encodeURIComponent(address)}&port=${port}`)) as Route,
      close: async () => await cloud?.close(),
    };
  } catch (error) {
    await cloud?.close();
    throw error;
  }
}
