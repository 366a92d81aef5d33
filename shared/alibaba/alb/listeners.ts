import { AssociateAdditionalCertificatesWithListenerRequest } from '@alicloud/alb20200616/dist/models/AssociateAdditionalCertificatesWithListenerRequest.js';
import { CreateListenerRequest } from '@alicloud/alb20200616/dist/models/CreateListenerRequest.js';
import { CreateListenerResponseBody } from '@alicloud/alb20200616/dist/models/CreateListenerResponseBody.js';
import { DissociateAdditionalCertificatesFromListenerRequest } from '@alicloud/alb20200616/dist/models/DissociateAdditionalCertificatesFromListenerRequest.js';
import { DeleteListenerRequest } from '@alicloud/alb20200616/dist/models/DeleteListenerRequest.js';
import { GetListenerAttributeRequest } from '@alicloud/alb20200616/dist/models/GetListenerAttributeRequest.js';
import { GetListenerAttributeResponseBody } from '@alicloud/alb20200616/dist/models/GetListenerAttributeResponseBody.js';
import { ListListenerCertificatesRequest } from '@alicloud/alb20200616/dist/models/ListListenerCertificatesRequest.js';
import { ListListenerCertificatesResponseBody } from '@alicloud/alb20200616/dist/models/ListListenerCertificatesResponseBody.js';
import { ListListenersRequest } from '@alicloud/alb20200616/dist/models/ListListenersRequest.js';
import { ListListenersResponseBody } from '@alicloud/alb20200616/dist/models/ListListenersResponseBody.js';
import { StartListenerRequest } from '@alicloud/alb20200616/dist/models/StartListenerRequest.js';
import { UpdateListenerAttributeRequest } from '@alicloud/alb20200616/dist/models/UpdateListenerAttributeRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { tokenPages } from '../pages.ts';
import { albProduct } from '../products.ts';
import type { Fields } from '../sdk-models.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export type { ListenerHealth } from './listener-health.ts';

export interface Listener {
  listenerId: string;
  loadBalancerId: string;
  /** `HTTP`, `HTTPS`, `QUIC`. */
  protocol: string;
  port: number;
  /** `Provisioning`, `Running`, `Configuring`, `Stopped`, `Deleting`. */
  status: string;
  description: string;
  /** Where its default action forwards to. */
  serverGroupIds: string[];
  requestTimeoutSeconds: number;
  idleTimeoutSeconds: number;
  /** Empty for HTTP. */
  securityPolicyId: string;
  /** The default certificate, no additional ones; only `getListener` fills it. */
  certificateIds: string[];
  tags: Tags;
}

export interface ListenerCertificate {
  certificateId: string;
  isDefault: boolean;
  /** `Associating`, `Associated`, `Diassociating` (sic). */
  status: string;
}

export interface NewListener {
  loadBalancerId: string;
  protocol: 'HTTP' | 'HTTPS';
  port: number;
  serverGroupId: string;
  /** 2 to 256 characters. */
  description: string;
  /** `<CertId>-<region>`; HTTPS only. */
  certificateId?: string | undefined;
  /** HTTPS only. */
  securityPolicyId?: string | undefined;
  requestTimeoutSeconds?: number | undefined;
  idleTimeoutSeconds?: number | undefined;
  tags: Tags;
  clientToken: string;
}

/** Port and protocol cannot be changed. */
export interface ListenerChange {
  serverGroupId?: string | undefined;
  description?: string | undefined;
  certificateId?: string | undefined;
  securityPolicyId?: string | undefined;
  requestTimeoutSeconds?: number | undefined;
  idleTimeoutSeconds?: number | undefined;
}

export interface Listeners {
  /** Undefined where it is gone. */
  getListener(listenerId: string): Promise<Listener | undefined>;
  listListeners(filter: { loadBalancerId?: string | undefined; tags?: Tags | undefined }): Promise<Listener[]>;
  findListener(key: {
    loadBalancerId: string;
    port: number;
    protocol?: 'HTTP' | 'HTTPS' | 'QUIC' | undefined;
  }): Promise<Listener | undefined>;
  /** @throws CloudError `ResourceAlreadyExist.Listener` where the port is taken: find it and compare its tags. */
  createListener(listener: NewListener): Promise<string>;
  updateListener(listenerId: string, change: ListenerChange, clientToken: string): Promise<void>;
  /** Of one that has been stopped. */
  startListener(listenerId: string, clientToken: string): Promise<void>;
  /** A listener that is not there counts as deleted. */
  deleteListener(listenerId: string, clientToken: string): Promise<void>;
  /** Default and additional certificates of an HTTPS listener; empty where the listener is gone. */
  listCertificates(listenerId: string): Promise<ListenerCertificate[]>;
  /** Certificates beside the default one. @param certificateIds - at most `certificatesPerCall`. */
  associateCertificates(listenerId: string, certificateIds: string[], clientToken: string): Promise<void>;
  /** Takes additional certificates away. @param certificateIds - at most `certificatesPerCall`. */
  dissociateCertificates(listenerId: string, certificateIds: string[], clientToken: string): Promise<void>;
}

/** The schema allows no more, although the documentation of the SDK speaks of 20 [META-ALB]. */
export const certificatesPerCall = 15;

const associateCertificates = {
  name: 'AssociateAdditionalCertificatesWithListener',
  request: AssociateAdditionalCertificatesWithListenerRequest,
};
const dissociateCertificates = {
  name: 'DissociateAdditionalCertificatesFromListener',
  request: DissociateAdditionalCertificatesFromListenerRequest,
};
const listListenerCertificates = {
  name: 'ListListenerCertificates',
  request: ListListenerCertificatesRequest,
  answer: ListListenerCertificatesResponseBody,
};
const createListener = { name: 'CreateListener', request: CreateListenerRequest, answer: CreateListenerResponseBody };
const deleteListener = { name: 'DeleteListener', request: DeleteListenerRequest };
const getListenerAttribute = {
  name: 'GetListenerAttribute',
  request: GetListenerAttributeRequest,
  answer: GetListenerAttributeResponseBody,
};
const listListeners = { name: 'ListListeners', request: ListListenersRequest, answer: ListListenersResponseBody };
const startListener = { name: 'StartListener', request: StartListenerRequest };
const updateListenerAttribute = { name: 'UpdateListenerAttribute', request: UpdateListenerAttributeRequest };

const notFound = ['ResourceNotFound.Listener'];

export const listeners = (call: Call): Listeners => {
  const list: Listeners['listListeners'] = async ({ loadBalancerId, tags }) => {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(listListeners, {
        loadBalancerIds: loadBalancerId === undefined ? undefined : [loadBalancerId],
        tag: wireTags(tags),
        maxResults: 100,
        nextToken,
      });
      return { rows: answer.listeners, nextToken: answer.nextToken };
    });
    return rows
      .map(readListener)
      .filter(
        (listener) =>
          matches(listener, tags) && (loadBalancerId === undefined || listener.loadBalancerId === loadBalancerId),
      );
  };

  return {
    async getListener(listenerId) {
      const found = await expecting(notFound, undefined, () => call(getListenerAttribute, { listenerId }));
      return found?.listenerId === listenerId ? readListener(found) : undefined;
    },

    listListeners: list,

    async findListener({ loadBalancerId, port, protocol }) {
      const all = await list({ loadBalancerId });
      return all.find(
        (listener) => listener.port === port && (protocol === undefined || listener.protocol === protocol),
      );
    },

    async createListener(listener) {
      const answer = await call(createListener, {
        loadBalancerId: listener.loadBalancerId,
        listenerProtocol: listener.protocol,
        listenerPort: listener.port,
        listenerDescription: listener.description,
        defaultActions: forwardTo(listener.serverGroupId),
        certificates: certificates(listener.certificateId),
        securityPolicyId: listener.securityPolicyId,
        requestTimeout: listener.requestTimeoutSeconds,
        idleTimeout: listener.idleTimeoutSeconds,
        tag: wireTags(listener.tags),
        clientToken: listener.clientToken,
      });
      return idOf(albProduct, createListener, answer.listenerId);
    },

    async updateListener(listenerId, change, clientToken) {
      await call(updateListenerAttribute, {
        listenerId,
        listenerDescription: change.description,
        defaultActions: change.serverGroupId === undefined ? undefined : forwardTo(change.serverGroupId),
        certificates: certificates(change.certificateId),
        securityPolicyId: change.securityPolicyId,
        requestTimeout: change.requestTimeoutSeconds,
        idleTimeout: change.idleTimeoutSeconds,
        clientToken,
      });
    },

    async startListener(listenerId, clientToken) {
      await call(startListener, { listenerId, clientToken });
    },

    async deleteListener(listenerId, clientToken) {
      // Gone with its load balancer too.
      await expecting([...notFound, 'ResourceNotFound.LoadBalancer'], undefined, () =>
        call(deleteListener, { listenerId, clientToken }),
      );
    },

    async listCertificates(listenerId) {
      const rows = await tokenPages(async (nextToken) => {
        const answer = await expecting(notFound, undefined, () =>
          call(listListenerCertificates, { listenerId, maxResults: 100, nextToken }),
        );
        return { rows: answer?.certificates, nextToken: answer?.nextToken };
      });
      return rows.map(({ certificateId = '', isDefault = false, status = '' }) => ({
        certificateId,
        isDefault,
        status,
      }));
    },

    async dissociateCertificates(listenerId, certificateIds, clientToken) {
      await call(dissociateCertificates, {
        listenerId,
        certificates: certificateIds.map((certificateId) => ({ certificateId })),
        clientToken,
      });
    },

    async associateCertificates(listenerId, certificateIds, clientToken) {
      await call(associateCertificates, {
        listenerId,
        certificates: certificateIds.map((certificateId) => ({ certificateId })),
        clientToken,
      });
    },
  };
};

const forwardTo = (serverGroupId: string) => [
  { type: 'ForwardGroup', forwardGroupConfig: { serverGroupTuples: [{ serverGroupId }] } },
];

/** Exactly one at creation (P-082). */
const certificates = (certificateId: string | undefined) =>
  certificateId === undefined ? undefined : [{ certificateId }];

type ListedListener = NonNullable<Fields<ListListenersResponseBody>['listeners']>[number];
type DetailedListener = Fields<GetListenerAttributeResponseBody>;

const readListener = (row: ListedListener & Pick<DetailedListener, 'certificates'>): Listener => ({
  listenerId: row.listenerId ?? '',
  loadBalancerId: row.loadBalancerId ?? '',
  protocol: row.listenerProtocol ?? '',
  port: row.listenerPort ?? 0,
  status: row.listenerStatus ?? '',
  description: row.listenerDescription ?? '',
  serverGroupIds: (row.defaultActions ?? [])
    .flatMap((action) => action.forwardGroupConfig?.serverGroupTuples ?? [])
    .flatMap(({ serverGroupId }) => (serverGroupId === undefined ? [] : [serverGroupId])),
  requestTimeoutSeconds: row.requestTimeout ?? 60,
  idleTimeoutSeconds: row.idleTimeout ?? 15,
  securityPolicyId: row.securityPolicyId ?? '',
  certificateIds: (row.certificates ?? []).flatMap(({ certificateId }) =>
    certificateId === undefined ? [] : [certificateId],
  ),
  tags: readTags(row.tags),
});
