/**
 * A client whose code (the SDK's core and models) is loaded at its first call, so that a function pays at its cold start
 * for what it calls only. Every member of `Client` must be an asynchronous function.
 */
export function lazyClient<Client extends object>(load: () => Promise<Client>): Client {
  let loading: Promise<Client> | undefined;
  return new Proxy({} as Client, {
    get: (_, name) =>
      // A promise that resolves to this client asks for `then`.
      name === 'then' || typeof name === 'symbol'
        ? undefined
        : async (...args: unknown[]): Promise<unknown> => {
            loading ??= load();
            const client = (await loading) as Record<string, (...args: unknown[]) => Promise<unknown>>;
            const method = client[name];
            if (method === undefined) throw new TypeError(`the client has no ${name}`);
            return await method(...args);
          },
  });
}
