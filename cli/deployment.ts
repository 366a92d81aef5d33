import type { WellSettings } from '../shared/probe/well.ts';
import { CommandError } from './command-error.ts';

interface StageProgress {
  status: string;
  startedAt?: string;
  finishedAt?: string;
  attempts: number;
  waits: number;
  reason?: string;
}

/** What the API answers of a deployment, as far as the command line shows it. */
export interface Deployment {
  id: string;
  name: string;
  status: 'provisioning' | 'ready' | 'repairing' | 'failed' | 'releasing' | 'released';
  rolledBack?: boolean;
  proof?: { isEmpty: boolean; looks: { at: string; asked: { what: string; by: string; found: string[] }[] }[] };
  createdAt: string;
  readyAfterMs?: number;
  failure?: {
    stage: string;
    code: string;
    message: string;
    remedy?: string;
    requestId?: string;
    problems?: { field: string; message: string; remedy: string }[];
  };
  /** What keeps its release from going on. */
  blocked?: { stage: string; code: string; message: string; requestId?: string; remedy?: string; nextTryAt?: string };
  conditions: {
    type: string;
    status: 'True' | 'False' | 'Unknown';
    reason: string;
    message: string;
    vantage?: string;
    scope?: string;
  }[];
  warnings?: { field: string; message: string }[];
  dnsName?: string;
  domainName?: string;
  stages: (StageProgress & {
    name: string;
    needs: string[];
    action: string;
    /** How far it had been applied, of one that is being or has been released. */
    applied?: StageProgress;
  })[];
  resources: { stage: string; type: string; id: string; created: boolean }[];
  addresses?: { zoneId: string; ipv4Address: string; ipv6Address: string }[];
  spec: {
    backends: { name: string; weight: number }[];
    listener: { protocol: 'HTTP' | 'HTTPS'; port: number; redirectHttp?: boolean };
    serverGroup: { healthCheck: { enabled: boolean; path: string; codes: string[] } };
    probe?: WellSettings;
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Problem {
  detail?: string;
  errors?: { field: string; message: string }[];
}

/** Posts the request; a lost answer is asked for again under the same key. @returns the Location. @throws CommandError with every problem. */
export async function request(url: string, body: unknown, idempotencyKey: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    let reason: string;
    try {
      const response = await fetch(`${url}/load-balancers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      });
      const location = response.headers.get('location');
      if (response.status === 202 && location !== null) return location;
      const problem = (await response.json().catch(() => ({}))) as Problem;
      if (response.status < 500) {
        const lines = problem.errors?.map(({ field, message }) => `  ${field === '' ? 'body' : field}: ${message}`) ?? [
          `  ${problem.detail ?? ''}`,
        ];
        throw new CommandError(`The request was refused (${response.status}):\n${lines.join('\n')}`);
      }
      reason = `${response.status} ${problem.detail ?? ''}`;
    } catch (error) {
      if (error instanceof CommandError) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (attempt >= 20) throw new CommandError(`The API does not answer: ${reason}`);
    await pause(Math.min(2000, 100 * 2 ** attempt));
  }
}

const finalStates = { apply: new Set(['ready', 'failed', 'released']), release: new Set(['released']) };

/** A call without a body; repeated while the API does not answer. */
export async function ask(url: string, method: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const status = await fetch(url, { method }).then(
      (response) => response.status,
      () => 0,
    );
    if (status >= 200 && status < 300) return;
    if ((status > 0 && status < 500) || attempt >= 20) throw new CommandError(`${method} ${url} answered ${status}`);
    await pause(Math.min(2000, 100 * 2 ** attempt));
  }
}

/** Looks at the deployment until it is ready or has failed. @throws CommandError after `longestMs`. */
export async function watch(
  url: string,
  show: (deployment: Deployment) => void,
  longestMs: number,
  direction: 'apply' | 'release' = 'apply',
): Promise<Deployment> {
  const endMs = Date.now() + longestMs;
  let last: Deployment | undefined;
  for (;;) {
    const deployment = await show1(url);
    if (deployment !== undefined) {
      last = deployment;
      show(deployment);
      const isMoving = deployment.stages.some(
        ({ status }) => status === 'running' || status === 'waiting' || status === 'queued',
      );
      if (finalStates[direction].has(deployment.status) && (deployment.status !== 'failed' || !isMoving))
        return deployment;
    }
    if (Date.now() > endMs) {
      const waiting = last?.stages
        .filter(({ status }) => status !== 'done' && status !== 'pending')
        .map(({ name, status, reason }) => `${name} is ${status}${reason === undefined ? '' : ` (${reason})`}`);
      throw new CommandError(
        `Not ready after ${Math.round(longestMs / 60_000)} minutes: ${waiting?.join('; ') ?? 'the API does not answer'}`,
      );
    }
    await pause(250);
  }
}

async function show1(url: string): Promise<Deployment | undefined> {
  try {
    const response = await fetch(url);
    return response.ok ? ((await response.json()) as Deployment) : undefined;
  } catch {
    return undefined;
  }
}
