import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../shared/clock.ts';
import { type Access, type PolicyDocument, PolicySet } from './authorization/policy.ts';

import { functionCredentialsMs, type TemporaryCredential, TemporaryCredentials } from './temporary-credentials.ts';

export type { PolicyDocument } from './authorization/policy.ts';

/** Who signs a request: the account itself, or a role assumed by one function instance. */
export interface Principal {
  accountId: string;
  /** `root`, or the role's name. */
  name: string;
  /** The function that the role's credentials were issued to. */
  functionName?: string;
  /** One per issued credential: tells function instances of one role apart. */
  accessKeyId: string;
}

export interface Credential {
  accessKeyId: string;
  accessKeySecret: string;
  /** Present on temporary (STS) credentials; the caller must send it. */
  securityToken?: string;
  /** Of a temporary credential, which is refused from then on. */
  expiresAtMs?: number;
  principal: Principal;
}

/** Of the account itself. Its secret is another at each start, unless it is given. */
export const rootAccessKeyId = 'LTAI5tLocalRoot';

/** Access keys of the account, temporary credentials of roles, and the roles' policies. */
export class CredentialStore {
  readonly accountId: string;
  readonly root: Credential;
  readonly temporary: TemporaryCredentials;
  #policies = new Map<string, PolicySet>();

  constructor(
    accountId = '1234567890123456',
    root = { accessKeyId: rootAccessKeyId, accessKeySecret: randomBytes(24).toString('base64url') },
    clock: Clock = systemClock,
  ) {
    this.accountId = accountId;
    this.root = { ...root, principal: { accountId, name: 'root', accessKeyId: root.accessKeyId } };
    this.temporary = new TemporaryCredentials(clock);
  }

  find(accessKeyId: string): Credential | undefined {
    return accessKeyId === this.root.accessKeyId ? this.root : this.temporary.find(accessKeyId);
  }

  /** Replaces the role's policies. A role without policies is denied everything. */
  setRolePolicies(roleName: string, policies: PolicyDocument[]): void {
    this.#policies.set(roleName.toLowerCase(), new PolicySet(policies));
  }

  /** New temporary credentials of a role; by default they last as those that Function Compute hands to an instance. */
  issue(roleName: string, functionName: string, lifeMs = functionCredentialsMs): TemporaryCredential {
    return this.temporary.issue({ accountId: this.accountId, name: roleName.toLowerCase(), functionName }, lifeMs);
  }

  revoke(accessKeyId: string): void {
    this.temporary.revoke(accessKeyId);
  }

  /** The first of the accesses that RAM refuses the principal; undefined when it has them all. The account itself may do everything. */
  refusedOf(principal: Principal, accesses: Access[]): Access | undefined {
    if (principal.name === 'root') return undefined;
    const policies = this.#policies.get(principal.name);
    return accesses.find((access) => policies?.decide(access) !== 'allowed');
  }

  /** Returns whether RAM lets the principal do `action` on any resource at all. */
  isAllowedSomewhere(principal: Principal, action: string, keys: Record<string, string> = {}): boolean {
    return principal.name === 'root' || this.#policies.get(principal.name)?.allowsSomewhere(action, keys) === true;
  }

  /** Returns whether RAM lets the principal do `action` on the resource, under condition keys as `ram:ServiceName`. */
  isAllowed(principal: Principal, action: string, keys: Record<string, string> = {}, arn = '*'): boolean {
    return this.refusedOf(principal, [{ action, arn, keys }]) === undefined;
  }
}
