import { namesOf } from '../../shared/deployment/former-names.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { outputsOf } from '../../shared/deployment/record.ts';
import { hostNameOf, shownName } from '../../shared/domain-name.ts';
import { nameResolves } from '../../shared/name-resolves.ts';
import { defineStage, done, gone, type StageContext, wait } from '../../shared/stage.ts';
import { putUp } from './put-up.ts';
import { takeDown } from './take-down.ts';

/** The CNAME from the user's name to the load balancer's. Ours is what has our load balancer's name as its value (P-091). */
export const dns = defineStage({
  name: 'dns',
  // A new name may have to wait until resolvers forget that there was none, at most an hour, before the former one goes.
  longestWaitMs: 70 * 60_000,

  async apply(context) {
    const { spec, own } = context;
    const [former, ...others] = own.former ?? [];
    const present = spec.dns === undefined ? done(noName, []) : await putUp(context, spec.dns);
    if (present.kind !== 'done' || former === undefined) return present;
    const { outputs, resources } = present;
    // The new name is up beside the former one, which clients have until the new one is proven.
    const doubt = await doubtOf(context);
    if (doubt !== undefined) return wait(doubt, { resources });
    // Probes ask for it before the former one goes.
    if (own.domainName !== outputs.domainName)
      return wait('the new name is proven', { own: outputs, resources, afterMs: 1000 });
    const reason = await takeDown(context, former);
    if (reason !== undefined) return wait(reason, { resources, afterMs: 1000 });
    const isGone = `${shownName(hostNameOf(former))} leads here no more`;
    return wait(isGone, { own: { former: others }, resources, afterMs: 1000 });
  },

  async release(context) {
    const { dnsName } = outputsOf(context.record, 'load-balancer');
    for (const { name, intent } of namesOf(context.record)) {
      const value = intent.value ?? dnsName;
      if (value === undefined) continue;
      const reason = await takeDown(context, { ...name, intent: { ...intent, value } });
      if (reason !== undefined) return wait(reason, { afterMs: 1000 });
    }
    return gone();
  },
});

const noName: StageOutputs['dns'] = { domainName: undefined, recordId: undefined, otherLines: undefined };

/** Why the new name cannot take the place of the former one yet, by its authoritative servers and by resolvers. */
async function doubtOf(context: StageContext<'dns'>): Promise<string | undefined> {
  if (context.spec.dns === undefined) return undefined;
  const { condition } = await nameResolves(context);
  return condition.status === 'True' ? undefined : `the new name is not proven yet: ${condition.message}`;
}
