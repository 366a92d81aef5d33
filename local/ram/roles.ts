import type { CloudContext } from '../cloud-context.ts';

export interface Role {
  id: string;
  name: string;
  description: string;
  /** AssumeRolePolicyDocument as sent. */
  trustPolicy: string;
  maxSessionDurationSeconds: number;
  createdAtMs: number;
  updatedAtMs: number;
  /** Set on a service-linked role: the service that it belongs to. */
  serviceName?: string;
}

export type NewRole = Pick<Role, 'name' | 'description' | 'trustPolicy'> &
  Partial<Pick<Role, 'maxSessionDurationSeconds' | 'serviceName'>>;

/** Trust policy that lets a cloud service assume a role. */
export const trustOf = (serviceName: string): string =>
  JSON.stringify({
    Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [serviceName] } }],
    Version: '1',
  });

const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The roles of the account: RAM and ResourceManager show the same ones. Names differ by more than case. */
export class RoleDirectory {
  readonly #context: CloudContext;
  #roles = new Map<string, Role>();
  #made = 0;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  find(name: string): Role | undefined {
    return this.#roles.get(name.toLowerCase());
  }

  list(): Role[] {
    return [...this.#roles.values()];
  }

  /** Replaces a role of the same name: callers look first. */
  add(role: NewRole): Role {
    const now = this.#context.clock.nowMs();
    this.#made += 1;
    const added: Role = {
      maxSessionDurationSeconds: 3600,
      ...role,
      id: String(300_000_000_000_000 + this.#made),
      createdAtMs: now,
      updatedAtMs: now,
    };
    this.#roles.set(role.name.toLowerCase(), added);
    return added;
  }

  remove(name: string): void {
    this.#roles.delete(name.toLowerCase());
  }

  /** The fields that RAM 2015-05-01 and ResourceManager 2020-03-31 share. The ARN is in lower case. Source: META-RM, CreateServiceLinkedRole. */
  form(role: Role) {
    return {
      RoleId: role.id,
      RoleName: role.name,
      Arn: `acs:ram::${this.#context.credentials.accountId}:role/${role.name.toLowerCase()}`,
      Description: role.description,
      AssumeRolePolicyDocument: role.trustPolicy,
      CreateDate: time(role.createdAtMs),
      UpdateDate: time(role.updatedAtMs),
      MaxSessionDuration: role.maxSessionDurationSeconds,
    };
  }
}
