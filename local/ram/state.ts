import type { CloudContext } from '../cloud-context.ts';
import type { PolicyDocument } from '../credentials.ts';
import { refuse } from './errors.ts';
import { type Role, RoleDirectory, trustOf } from './roles.ts';
import { systemPolicies } from './system-policies.ts';

export type PolicyType = 'Custom' | 'System';

export interface PolicyVersion {
  /** `v1`, `v2`, ...: never given twice in one policy. */
  id: string;
  /** As sent. */
  text: string;
  document: PolicyDocument;
  createdAtMs: number;
}

export interface Policy {
  name: string;
  type: PolicyType;
  description: string;
  defaultVersionId: string;
  versions: PolicyVersion[];
  createdAtMs: number;
  updatedAtMs: number;
}

interface Attachment {
  roleName: string;
  type: PolicyType;
  policyName: string;
}

/** Roles and policies. What is attached to a role is what its credentials may do from then on. */
export class RamState {
  readonly context: CloudContext;
  readonly roles: RoleDirectory;
  #custom = new Map<string, Policy>();
  #system: Map<string, Policy>;
  #attachments: Attachment[] = [];

  /** @param roles - shared with ResourceManager, which shows the same roles. */
  constructor(context: CloudContext, roles = new RoleDirectory(context)) {
    this.context = context;
    this.roles = roles;
    const createdAtMs = context.clock.nowMs();
    this.#system = new Map(
      [...systemPolicies].map(([name, document]) => [name, newPolicy('System', name, '', document, createdAtMs)]),
    );
  }

  /** @throws EntityNotExist.Role */
  role(name: string): Role {
    const role = this.roles.find(name);
    if (role === undefined) throw refuse('EntityNotExist.Role', name);
    return role;
  }

  findPolicy(type: PolicyType, name: string): Policy | undefined {
    return (type === 'System' ? this.#system : this.#custom).get(name);
  }

  /** @throws EntityNotExist.Policy */
  policy(type: PolicyType, name: string): Policy {
    const policy = this.findPolicy(type, name);
    if (policy === undefined) throw refuse('EntityNotExist.Policy', name);
    return policy;
  }

  addPolicy(name: string, description: string, document: PolicyDocument, text = JSON.stringify(document)): Policy {
    const policy = newPolicy('Custom', name, description, document, this.context.clock.nowMs(), text);
    this.#custom.set(name, policy);
    return policy;
  }

  removePolicy(name: string): void {
    this.#custom.delete(name);
  }

  /** How many roles the policy is attached to. */
  attachmentCount(policy: Policy): number {
    return this.#attachments.filter(({ type, policyName }) => type === policy.type && policyName === policy.name)
      .length;
  }

  policiesOf(role: Role): Policy[] {
    return this.#attachments
      .filter(({ roleName }) => roleName === role.name)
      .map(({ type, policyName }) => this.policy(type, policyName));
  }

  attach(role: Role, policy: Policy): void {
    this.#attachments.push({ roleName: role.name, type: policy.type, policyName: policy.name });
    this.#enforce(role);
  }

  detach(role: Role, policy: Policy): void {
    this.#attachments = this.#attachments.filter(
      ({ roleName, type, policyName }) => roleName !== role.name || type !== policy.type || policyName !== policy.name,
    );
    this.#enforce(role);
  }

  /** To be called when the default version of a policy has changed. */
  defaultChanged(policy: Policy): void {
    for (const { roleName, type, policyName } of this.#attachments)
      if (type === policy.type && policyName === policy.name) this.#enforce(this.role(roleName));
  }

  /** A role that exists already, with one policy of its own per entry, as a deployed `s.yaml` finds it. */
  seedRole(name: string, policies: Record<string, PolicyDocument>, serviceName = 'fc.aliyuncs.com'): Role {
    const role = this.roles.find(name) ?? this.roles.add({ name, description: '', trustPolicy: trustOf(serviceName) });
    for (const [policyName, document] of Object.entries(policies)) {
      const policy = this.findPolicy('Custom', policyName) ?? this.addPolicy(policyName, '', document);
      if (!this.policiesOf(role).includes(policy)) this.attach(role, policy);
    }
    this.#enforce(role);
    return role;
  }

  #enforce(role: Role): void {
    const documents = this.policiesOf(role).map((policy) => defaultVersion(policy).document);
    this.context.credentials.setRolePolicies(role.name, documents);
  }
}

const newPolicy = (
  type: PolicyType,
  name: string,
  description: string,
  document: PolicyDocument,
  createdAtMs: number,
  text = JSON.stringify(document),
): Policy => ({
  name,
  type,
  description,
  defaultVersionId: 'v1',
  versions: [{ id: 'v1', text, document, createdAtMs }],
  createdAtMs,
  updatedAtMs: createdAtMs,
});

export function defaultVersion(policy: Policy): PolicyVersion {
  const version = policy.versions.find(({ id }) => id === policy.defaultVersionId);
  if (version === undefined) throw new Error(`policy ${policy.name} has lost its default version`);
  return version;
}
