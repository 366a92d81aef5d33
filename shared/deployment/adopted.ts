import type { AdoptedBackend, Backend } from './spec.ts';

/** Apart from the schema, which stages would load for nothing else. */
export const isAdopted = (backend: Backend): backend is AdoptedBackend => 'instanceId' in backend;
