import { ApiError } from '../action.ts';
import type { Principal } from '../credentials.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../wire.ts';
import { commonKeys } from '../authorization/request.ts';
import { accessesOf } from '../authorization/resources.ts';
import { refuse } from './errors.ts';
import { objectResources } from './resources.ts';
import { authenticateOss } from './signature.ts';
import type { OssState, StoredObject } from './state.ts';
import { valueAt } from '../dictionary.ts';

interface Target {
  bucket: string;
  key: string;
}

/** The operations emulated: method to the name in RAM and in the wire log. */
const operations: Record<string, 'PutObject' | 'GetObject' | 'HeadObject' | 'DeleteObject'> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

/** The part of OSS that carries code packages to Function Compute: single objects, put, read and removed. */
export class OssService implements WireService {
  readonly name = 'oss';
  readonly api = { version: '2013-10-15', actions: Object.values(operations) };
  readonly state: OssState;

  constructor(state: OssState) {
    this.state = state;
  }

  accepts({ headers, query }: WireRequest): boolean {
    return (
      (headers['authorization'] ?? '').startsWith('OSS ') ||
      query.has('OSSAccessKeyId') ||
      /\.oss-[a-z0-9-]+\.aliyuncs\.com(:\d+)?$/.test(headers['host'] ?? '')
    );
  }

  describe(request: WireRequest): CallFacts {
    const { bucket, key } = this.#target(request);
    const accessKeyId =
      /^OSS ([^:]+):/.exec(request.headers['authorization'] ?? '')?.[1] ?? request.query.get('OSSAccessKeyId');
    return {
      service: this.name,
      version: this.api.version,
      action: valueAt(operations, request.method) ?? request.method,
      params: { bucket, object: key },
      ...(accessKeyId === null ? {} : { accessKeyId }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>${code}</Code>\n  <Message>${message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Message>\n  <RequestId>${request.id}</RequestId>\n  <HostId>${request.headers['host'] ?? ''}</HostId>\n</Error>\n`;
    return this.#stamp(request, {
      status,
      headers: { 'content-type': 'application/xml' },
      body: request.method === 'HEAD' ? '' : body,
      code,
    });
  }

  handle(request: WireRequest): Promise<WireAnswer> {
    try {
      return Promise.resolve(this.#stamp(request, this.#serve(request)));
    } catch (error) {
      if (error instanceof ApiError)
        return Promise.resolve(this.refuse(request, error.httpStatus, error.code, error.message));
      throw error;
    }
  }

  #serve(request: WireRequest): WireAnswer {
    const target = this.#target(request);
    const operation = valueAt(operations, request.method);
    const principal = authenticateOss(request, `/${target.bucket}/${target.key}`, this.state.context);
    if (operation === undefined || target.key === '' || request.query.has('uploads') || request.query.has('uploadId'))
      throw refuse('NotImplemented', `(${request.method} ${request.path})`);
    this.#authorize(request, principal, operation, target);
    const { bucket, key } = target;
    if (operation === 'DeleteObject') {
      this.state.remove(bucket, key);
      return { status: 204, headers: {}, body: '' };
    }
    if (operation === 'PutObject') {
      const stored = this.state.put(bucket, key, request.body, request.headers['content-type']);
      return { status: 200, headers: facts(stored), body: '' };
    }
    const stored = this.state.object(bucket, key);
    const headers = {
      ...facts(stored),
      'content-type': stored.contentType,
      'last-modified': new Date(stored.modifiedAtMs).toUTCString(),
      'x-oss-object-type': 'Normal',
    };
    return { status: 200, headers, body: operation === 'GetObject' ? stored.body : '' };
  }

  /** A temporary key of Function Compute reaches its one object; a role needs the right. */
  #authorize(request: WireRequest, principal: Principal, operation: string, { bucket, key }: Target): void {
    const { credentials, clock, regionId } = this.state.context;
    const granted = this.state.grantOf(principal.accessKeyId);
    const accesses = accessesOf(objectResources, operation, {
      state: undefined,
      params: { bucket, object: key },
      place: { regionId, accountId: credentials.accountId },
      keys: commonKeys(request, clock),
    });
    const isAllowed =
      granted === undefined ? credentials.refusedOf(principal, accesses) === undefined : granted === `${bucket}/${key}`;
    if (!isAllowed) throw refuse('AccessDenied');
  }

  /** The bucket stands in the host name, or with an address for a host at the start of the path, or nowhere at all. */
  #target(request: WireRequest): Target {
    const path = decodeURIComponent(request.path).replace(/^\//, '');
    const host = /^([a-z0-9-]+)\.oss-[a-z0-9-]+\.aliyuncs\.com(?::\d+)?$/.exec(request.headers['host'] ?? '')?.[1];
    if (host !== undefined) return { bucket: host, key: path };
    const [first = '', ...rest] = path.split('/');
    if (this.state.hasBucket(first)) return { bucket: first, key: rest.join('/') };
    // The vendor's Node SDK signs the bucket but leaves it out of a URL with an address for a host.
    const [only, ...others] = this.state.bucketNames;
    if (only !== undefined && others.length === 0) return { bucket: only, key: path };
    return { bucket: first, key: rest.join('/') };
  }

  #stamp(request: WireRequest, answer: WireAnswer): WireAnswer {
    return {
      ...answer,
      headers: { ...answer.headers, server: 'AliyunOSS', 'x-oss-request-id': request.id, 'x-oss-server-time': '1' },
    };
  }
}

const facts = (stored: StoredObject): Record<string, string> => ({
  etag: `"${stored.etag}"`,
  'x-oss-hash-crc64ecma': stored.crc64,
  'content-md5': Buffer.from(stored.etag, 'hex').toString('base64'),
});
