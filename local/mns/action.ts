import { offSchema, refuse } from './errors.ts';
import type { MnsState } from './state.ts';
import { MalformedXml, readXml, type XmlElement, writeXml, type XmlValue } from './xml.ts';
import type { WireRequest } from '../wire.ts';

/** What an operation sees of its request. */
export interface MnsCall {
  state: MnsState;
  queueName: string;
  query: Query;
  request: WireRequest;
  signal: AbortSignal;
}

export interface MnsAnswer {
  status: number;
  xml?: string;
  headers?: Record<string, string>;
  /** Error code of an answer that reports partial failure, for the wire log. */
  code?: string;
}

export type MnsAction = (call: MnsCall) => MnsAnswer | Promise<MnsAnswer>;

/** Query items by name without regard to case: the SDKs do not agree on it. */
export class Query {
  #items = new Map<string, string>();
  #twice: string | undefined;

  constructor(query: URLSearchParams) {
    for (const [name, value] of query) {
      const key = name.toLowerCase();
      if (this.#items.has(key)) this.#twice = name;
      this.#items.set(key, value);
    }
  }

  get(name: string): string | undefined {
    return this.#items.get(name.toLowerCase());
  }

  /** @throws ApiError `InvalidQueryString` if there are others, or one is given twice. */
  allow(...names: string[]): void {
    const known = new Set(names.map((name) => name.toLowerCase()));
    const bad = [...this.#items.keys()].find((name) => !known.has(name)) ?? this.#twice;
    if (bad !== undefined) throw refuse('InvalidQueryString', `"${bad}".`);
  }
}

/** @throws ApiError `MalformedXML`, or `InvalidArgument` if the root has another name. */
export function readBody(request: WireRequest, root: string): XmlElement {
  let element: XmlElement;
  try {
    element = readXml(request.body);
  } catch (error) {
    if (error instanceof MalformedXml) throw refuse('MalformedXML', `(${error.message})`);
    throw error;
  }
  if (element.name !== root) throw offSchema(element.name);
  return element;
}

export const xmlAnswer = (
  status: number,
  root: string,
  value: { [name: string]: XmlValue | XmlValue[] },
  code?: string,
): MnsAnswer => ({ status, xml: writeXml(root, value), ...(code === undefined ? {} : { code }) });

export const queueUrl = (call: MnsCall, name = call.queueName): string =>
  `http://${call.request.headers['host'] ?? ''}/queues/${name}`;
