import type { Account } from './account.ts';
import { linkedRoleSteps } from './linked-roles.ts';
import { logProjectStep } from './log-project.ts';
import { queueSteps } from './queues.ts';
import { roleSteps } from './roles.ts';
import type { Step } from './step.ts';
import { instanceStep, tableSteps } from './tablestore.ts';

/** Everything in the order in which it is made; it goes in the opposite one. */
export const stepsOf = (root: string, account: Account): Step[] => [
  ...roleSteps(root, account),
  ...linkedRoleSteps(account),
  logProjectStep(account),
  ...queueSteps(account),
  instanceStep(account),
  ...tableSteps(account),
];
