import { readFileSync } from 'node:fs';

export { eventDeploymentId, seedEventDeployment } from '../../cli/event-deployment.ts';

/** The bytes of an event of `events/`, as a function gets them. */
export const eventBytes = (file: string): Buffer => readFileSync(new URL(`../../events/${file}`, import.meta.url));
