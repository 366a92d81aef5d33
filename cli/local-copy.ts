import { isMap, isScalar, parseDocument, visit } from 'yaml';

/** Named on every eventbridge trigger of a copy; without it fc3 looks for service-linked roles at the vendor's own hosts (P-165). */
export const localInvocationRole = 'aliyunserviceroleforeventbridgesendtofc';

/**
 * The copy of `s.yaml` that is deployed to the embedded cloud. It differs in two things only: every eventbridge trigger names
 * its `invocationRole`, and every function the path of its component.
 *
 * @param component - where component fc3 is; undefined leaves its name, which `s` then looks up.
 */
export function localCopy(text: string, { accountId, component }: { accountId: string; component?: string }): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw document.errors[0] as Error;
  visit(document, {
    Map(_key, map) {
      if (map.get('triggerType') === 'eventbridge')
        map.set('invocationRole', `acs:ram::${accountId}:role/${localInvocationRole}`);
    },
  });
  const resources = document.get('resources');
  if (component !== undefined && isMap(resources))
    for (const { value: resource } of resources.items) {
      if (!isMap(resource)) continue;
      const name = resource.get('component', true);
      if (isScalar(name) && /^fc3(@|$)/.test(String(name.value))) resource.set('component', component);
    }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
