/**
 * A client whose code (the SDK's core and models) is loaded at its first call, so that a function pays at its cold start
 * for what it calls only. Every member of `Client` must be an asynchronous function.
 */
import { valueAt } from '../dictionary.ts';
export function lazyClient<Client extends object>(load: () => Promise<Client>): Client {
  let loading: Promise<Client> | undefined;
  return new Proxy({} as Client, {
    get: (_, name) =>
      // A promise that resolves to this client asks for `then`.
      name === 'then' || typeof name === 'symbol'
        ? undefined
        : async (...args: unknown[]): Promise<unknown> => {
            loading ??= load();
            const method = valueAt(await loading, name);
            if (typeof method !== 'function') throw new TypeError(`the client has no ${name}`);
            return await (method as (...args: unknown[]) => Promise<unknown>)(...args);
          },
  });
}
