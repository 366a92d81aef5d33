import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { orAbsent, ramProduct, sendOf } from './clients.ts';
import { stateOf, type Step } from './step.ts';

/** Kinds of functions: each has a role of its own and a policy in `policies/`. */
export const roleKinds = ['api', 'provisioner', 'prober', 'alert'] as const;

const trustPolicy = JSON.stringify({
  Version: '1',
  Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: ['fc.aliyuncs.com'] } }],
});

const canonical = (json: unknown): string =>
  JSON.stringify(json, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );

const isSame = (one: string, other: string): boolean => {
  try {
    return canonical(JSON.parse(one)) === canonical(JSON.parse(other));
  } catch {
    return false;
  }
};

const isMissing = (code: string): boolean => code.startsWith('EntityNotExist');

/** A policy and a role with it for each kind of function. Sources: facts on RAM 2015-05-01, the vendor's API pages. */
export const roleSteps = (root: string, account: Account): Step[] =>
  roleKinds.flatMap((kind) => {
    const document = readFileSync(join(root, 'policies', `${kind}.json`), 'utf8');
    return [policyStep(kind, document, account), roleStep(kind, account)];
  });

function policyStep(kind: string, document: string, { config, settings }: Account): Step {
  const ram = sendOf(settings, ramProduct);
  const name = `${config.name}-${kind}`;
  const find = async (): Promise<string | undefined> => {
    const found = await orAbsent(ram('GetPolicy', { PolicyType: 'Custom', PolicyName: name }), isMissing);
    return (found?.['DefaultPolicyVersion'] as { PolicyDocument: string } | undefined)?.PolicyDocument;
  };
  return {
    kind: 'policy',
    name,
    what: `policies/${kind}.json`,
    async state() {
      const found = await find();
      if (found === undefined) return stateOf(undefined);
      return stateOf(isSame(found, document) ? [] : [`its text is not that of policies/${kind}.json`]);
    },
    async make() {
      if ((await find()) === undefined)
        await ram('CreatePolicy', {
          PolicyName: name,
          PolicyDocument: document,
          Description: `Functions ${kind} of ${config.name}`,
        });
      else
        await ram('CreatePolicyVersion', {
          PolicyName: name,
          PolicyDocument: document,
          SetAsDefault: true,
          // Without it the limit of versions would block a later change.
          RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
        });
    },
    async remove() {
      await orAbsent(ram('DeletePolicy', { PolicyName: name, CascadingDelete: true }), isMissing);
    },
  };
}

function roleStep(kind: string, { config, settings }: Account): Step {
  const ram = sendOf(settings, ramProduct);
  const name = `${config.name}-${kind}`;
  const attachment = { PolicyType: 'Custom', PolicyName: name, RoleName: name };
  const findTrust = async (): Promise<string | undefined> => {
    const found = await orAbsent(ram('GetRole', { RoleName: name }), isMissing);
    return (found?.['Role'] as { AssumeRolePolicyDocument: string } | undefined)?.AssumeRolePolicyDocument;
  };
  const isAttached = async (): Promise<boolean> => {
    const found = await orAbsent(ram('ListPoliciesForRole', { RoleName: name }), isMissing);
    const list = (found?.['Policies'] as { Policy?: { PolicyName: string }[] } | undefined)?.Policy ?? [];
    return list.some(({ PolicyName }) => PolicyName === name);
  };
  return {
    kind: 'role',
    name,
    what: `role of functions, with policy ${name}`,
    async state() {
      const trust = await findTrust();
      if (trust === undefined) return stateOf(undefined);
      return stateOf([
        ...(isSame(trust, trustPolicy)
          ? []
          : ['others than Function Compute may assume it, or Function Compute may not']),
        ...((await isAttached()) ? [] : [`policy ${name} is not attached`]),
      ]);
    },
    async make() {
      const trust = await findTrust();
      if (trust === undefined)
        await ram('CreateRole', {
          RoleName: name,
          AssumeRolePolicyDocument: trustPolicy,
          Description: `Functions of ${config.name}`,
        });
      else if (!isSame(trust, trustPolicy))
        await ram('UpdateRole', { RoleName: name, NewAssumeRolePolicyDocument: trustPolicy });
      if (!(await isAttached())) await ram('AttachPolicyToRole', attachment);
    },
    async remove() {
      await orAbsent(ram('DetachPolicyFromRole', attachment), isMissing);
      await orAbsent(ram('DeleteRole', { RoleName: name }), isMissing);
    },
  };
}
