import type { Shape, Values } from '../action.ts';
import { type RateLimit, type RpcAction, rpcAction } from '../rpc.ts';
import type { AlbState } from './state.ts';

/** Limits per account, region and API. Source: U-ALBQPS. */
const writeLimit: RateLimit = { calls: 200, perMs: 60_000 };
const readLimit: RateLimit = { calls: 20, perMs: 1000 };

/** A write with client token and dry run, as all of ALB's but TagResources and UnTagResources. */
export const albWrite = <S extends Shape>(definition: {
  params: S;
  condition?: (params: Record<string, string>) => Record<string, string>;
  /** `commit()` stands between the checks and the first change. */
  apply(state: AlbState, params: Values<S>, commit: () => void): object;
}): RpcAction<AlbState> =>
  rpcAction<AlbState>()({
    isWrite: true,
    clientToken: true,
    dryRun: true,
    limit: writeLimit,
    params: definition.params,
    ...(definition.condition === undefined ? {} : { condition: definition.condition }),
    apply: (state, params, _call, commit) => definition.apply(state, params, commit),
  });

export const albRead = <S extends Shape>(definition: {
  params: S;
  limit?: RateLimit;
  apply(state: AlbState, params: Values<S>): object;
}): RpcAction<AlbState> =>
  rpcAction<AlbState>()({
    isWrite: false,
    limit: definition.limit ?? readLimit,
    params: definition.params,
    apply: (state, params) => definition.apply(state, params),
  });

/** TagResources and UnTagResources: neither client token nor dry run. */
export const albTagWrite = <S extends Shape>(definition: {
  params: S;
  apply(state: AlbState, params: Values<S>): object;
}): RpcAction<AlbState> =>
  rpcAction<AlbState>()({
    isWrite: true,
    limit: writeLimit,
    params: definition.params,
    apply: (state, params) => definition.apply(state, params),
  });
