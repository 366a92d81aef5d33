// The package `tablestore` assigns to undeclared names; in code that runs in strict mode, as bundles do, that throws (P-132).
for (const name of ['pro', 'key', 'size', 'k', 'cell_type', 'prefix_length', 'i', 'ts', 'pk'])
  if (!Reflect.has(globalThis, name)) Reflect.set(globalThis, name, undefined);
