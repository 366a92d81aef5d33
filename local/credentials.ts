import { randomBytes } from 'node:crypto';
import { valueAt } from './dictionary.ts';

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
  principal: Principal;
}

/** RAM policy document, the part that is evaluated. Source: https://www.alibabacloud.com/help/en/ram/policy-elements */
export interface PolicyDocument {
  Version: string;
  Statement: {
    Effect: 'Allow' | 'Deny';
    Action: string | string[];
    Resource?: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  }[];
}

const asList = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

const patterns = new Map<string, RegExp>();

/** `*` stands for any text; letter case does not count. */
function matches(pattern: string, action: string): boolean {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    expression = new RegExp(`^${parts.join('.*')}$`, 'i');
    patterns.set(pattern, expression);
  }
  return expression.test(action);
}

/** Of the account itself. Its secret is another at each start, unless it is given. */
export const rootAccessKeyId = 'LTAI5tLocalRoot';

/** Access keys of the account, temporary credentials of roles, and the roles' policies. */
export class CredentialStore {
  readonly accountId: string;
  readonly root: Credential;
  #byKey = new Map<string, Credential>();
  #policies = new Map<string, PolicyDocument[]>();

  constructor(
    accountId = '1234567890123456',
    root = { accessKeyId: rootAccessKeyId, accessKeySecret: randomBytes(24).toString('base64url') },
  ) {
    this.accountId = accountId;
    this.root = { ...root, principal: { accountId, name: 'root', accessKeyId: root.accessKeyId } };
    this.#byKey.set(root.accessKeyId, this.root);
  }

  find(accessKeyId: string): Credential | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** Replaces the role's policies. A role without policies is denied everything. */
  setRolePolicies(roleName: string, policies: PolicyDocument[]): void {
    this.#policies.set(roleName.toLowerCase(), policies);
  }

  /** New temporary credentials of a role, as Function Compute hands them to an instance. */
  issue(roleName: string, functionName: string): Credential {
    const accessKeyId = `STS.${randomBytes(12).toString('hex')}`;
    const credential: Credential = {
      accessKeyId,
      accessKeySecret: randomBytes(20).toString('hex'),
      securityToken: randomBytes(48).toString('base64'),
      principal: { accountId: this.accountId, name: roleName.toLowerCase(), functionName, accessKeyId },
    };
    this.#byKey.set(accessKeyId, credential);
    return credential;
  }

  revoke(accessKeyId: string): void {
    if (accessKeyId !== this.root.accessKeyId) this.#byKey.delete(accessKeyId);
  }

  /**
   * Whether RAM lets the principal do `action` (`alb:CreateListener`). A denial beats an allowance; resources are not
   * looked at. `condition` holds the values of condition keys (`ram:ServiceName`) known for this call.
   */
  isAllowed(principal: Principal, action: string, condition: Record<string, string> = {}): boolean {
    if (principal.name === 'root') return true;
    let allowed = false;
    for (const policy of this.#policies.get(principal.name) ?? []) {
      for (const statement of policy.Statement) {
        if (!asList(statement.Action).some((pattern) => matches(pattern, action))) continue;
        const conditions = Object.values(statement.Condition ?? {}).flatMap((keys) => Object.entries(keys));
        if (!conditions.every(([key, values]) => asList(values).includes(valueAt(condition, key) ?? ''))) continue;
        if (statement.Effect === 'Deny') return false;
        allowed = true;
      }
    }
    return allowed;
  }
}
