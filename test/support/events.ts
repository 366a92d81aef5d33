import { readFileSync } from 'node:fs';
import { sealedEvent } from '../../cli/event-files.ts';
import { someInstallation, testMessageKeys } from './message-keys.ts';

export { eventDeploymentId, seedEventDeployment } from '../../cli/event-deployment.ts';

/** The bytes of an event of `events/`, as a function gets them. */
export const eventBytes = (file: string): Buffer => readFileSync(new URL(`../../events/${file}`, import.meta.url));

/** The same with its queue messages sealed as the harness's installation sends them. */
export const sealedBytes = (file: string, functionName: string): Buffer =>
  sealedEvent(eventBytes(file), functionName, {
    DUALSTACK_ALB_REGION: someInstallation.regionId,
    DUALSTACK_ALB_ACCOUNT_ID: someInstallation.accountId,
    DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
  });
