import { readDeclared } from '../../shared/probe/declared.ts';
import type { Declared } from '../../shared/probe/observation.ts';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import type { Runtime } from '../../shared/runtime.ts';

/** What the load balancer declares now; where that cannot be read, the view before. */
export async function declaredNow(
  runtime: Runtime,
  target: ProbeTarget,
  before: Declared | undefined,
  nowMs: number,
): Promise<Declared | undefined> {
  try {
    return await readDeclared(runtime.clouds.alb, target, nowMs);
  } catch (error) {
    runtime.log('warn', 'what the load balancer declares could not be read', {
      deploymentId: target.targetId,
      reason: error instanceof Error ? error.message : String(error),
    });
    return before;
  }
}
