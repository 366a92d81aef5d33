import { readFileSync } from 'node:fs';

/** A refusal that the vendor documents for an action, and what we make of it. */
export interface DocumentedPair {
  service: string;
  action: string;
  httpStatus: number;
  code: string;
  verdict: string;
}

export const services = ['vpc', 'ecs', 'alb', 'alidns', 'resourcemanager'];

const linesOf = (service: string): string[] =>
  readFileSync(new URL(`${service}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** Wire names of all actions that have an entry, also those for which the vendor documents nothing. */
export const documentedActions = (service: string): string[] =>
  linesOf(service).filter((line) => !line.startsWith(' '));

export function documentedPairs(): DocumentedPair[] {
  const pairs: DocumentedPair[] = [];
  for (const service of services) {
    let action = '';
    for (const line of linesOf(service)) {
      if (!line.startsWith(' ')) action = line;
      const [, httpStatus, code, verdict = ''] = /^ {2}(\d{3}) (\S+)(?: (\S+))?$/.exec(line) ?? [];
      if (httpStatus !== undefined && code !== undefined)
        pairs.push({ service, action, httpStatus: Number(httpStatus), code, verdict });
    }
  }
  return pairs;
}
