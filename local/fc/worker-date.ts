/** Makes `Date` follow the cloud's clock. `performance` and timers stay real: they measure this machine. */
export function installDate(buffer: SharedArrayBuffer): void {
  const cells = new Float64Array(buffer);
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = () => (cells[0] === 1 ? (cells[1] as number) : Math.trunc(realNow() + (cells[1] as number)));
  const CloudDate = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
  });
  RealDate.prototype.constructor = CloudDate;
  globalThis.Date = CloudDate;
}
