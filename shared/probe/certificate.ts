import { isIP } from 'node:net';
import { checkServerIdentity, type TLSSocket } from 'node:tls';

/** The certificate that a server showed. */
export interface Certificate {
  /** Absent where only what is wrong with it is known. */
  endsAtMs?: number;
  /** Why it is not for the host; absent where it is. */
  nameProblem?: string;
  /** OpenSSL's code for what is wrong with its chain or dates (`SELF_SIGNED_CERT_IN_CHAIN`, `CERT_HAS_EXPIRED`...). */
  chainProblem?: string;
}

/** All that OpenSSL says of a chain that merely ends at an authority which clients do not know. */
const unknownIssuer = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) !== 0;

/** For a connection that goes on whatever the certificate is, so that it can be judged beside the answers. */
export const tlsOptions = (host: string) => ({
  rejectUnauthorized: false,
  // Judged by `certificateOf`, for which the chain is another matter.
  checkServerIdentity: () => undefined,
  // An address is no server name (RFC 6066, section 3).
  ...(isAddress(host) ? {} : { servername: host }),
});

/** @param host - a certificate is not held against an address: clients know the load balancer by a name that we do not. */
export function certificateOf(socket: TLSSocket, host: string): Certificate | undefined {
  const peer = socket.getPeerCertificate();
  const endsAtMs = Date.parse(peer.valid_to);
  if (Number.isNaN(endsAtMs)) return undefined;
  const mismatch = isAddress(host) ? undefined : checkServerIdentity(host, peer);
  // Node says `Error`, and sets the code.
  const chainProblem = socket.authorized ? undefined : String(socket.authorizationError);
  return {
    endsAtMs,
    ...(mismatch === undefined ? {} : { nameProblem: mismatch.message.slice(0, 300) }),
    ...(chainProblem === undefined ? {} : { chainProblem }),
  };
}

/** Why clients refuse it, who may know its issuer; undefined where they do not. */
export function certificateProblem(
  { nameProblem, chainProblem }: Certificate,
  { acceptsAnyIssuer }: { acceptsAnyIssuer: boolean },
): string | undefined {
  if (nameProblem !== undefined) return nameProblem;
  return acceptsAnyIssuer && unknownIssuer.has(chainProblem ?? '') ? undefined : chainProblem;
}

/** The one that is worse to meet: each server of a front may have its own. */
export function worse(one: Certificate | undefined, other: Certificate | undefined): Certificate | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const isBad = ({ nameProblem, chainProblem }: Certificate) => nameProblem !== undefined || chainProblem !== undefined;
  if (isBad(one) !== isBad(other)) return isBad(one) ? one : other;
  return (one.endsAtMs ?? Infinity) <= (other.endsAtMs ?? Infinity) ? one : other;
}
