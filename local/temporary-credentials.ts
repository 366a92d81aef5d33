import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { ApiError } from './action.ts';
import type { Credential, Principal } from './credentials.ts';
import { ShortMemory } from './short-memory.ts';

/** A credential of STS. */
export interface TemporaryCredential extends Credential {
  securityToken: string;
  /** Refused from then on. */
  expiresAtMs: number;
}

/**
 * How long the credentials of a function instance last: 36 hours.
 *
 * @see https://help.aliyun.com/en/functioncompute/context-1-1 (read 2026-12-01)
 */
export const functionCredentialsMs = 36 * 3_600_000;

/**
 * For how long an expired key is still known as such; after that it is a key that does not exist. No page says how long (inf);
 * OSS has both answers: https://help.aliyun.com/zh/oss/support/0002-00000002 (an expired key does not exist).
 */
const knownAfterwardsMs = 24 * 3_600_000;

/**
 * Reads what `POST /_local/credentials` asks for. `durationSeconds` may be shorter here than AssumeRole allows.
 *
 * @throws ApiError 400
 */
export function readCredentialRequest(given: unknown): { role: string; functionName: string; lifeMs: number } {
  const mostSeconds = functionCredentialsMs / 1000;
  const { role = '', functionName = '', durationSeconds = mostSeconds } = given as Record<string, unknown>;
  if (typeof role !== 'string' || typeof functionName !== 'string')
    throw new ApiError('InvalidCredentialRequest', 400, 'role and functionName must be strings');
  const isInRange = Number.isInteger(durationSeconds) && Number(durationSeconds) >= 1;
  if (!isInRange || Number(durationSeconds) > mostSeconds)
    throw new ApiError(
      'InvalidParameter.DurationSeconds',
      400,
      `durationSeconds must be a whole number from 1 to ${mostSeconds}`,
    );
  return { role, functionName, lifeMs: Number(durationSeconds) * 1000 };
}

export const hasExpired = ({ expiresAtMs }: Credential, clock: Clock): boolean =>
  expiresAtMs !== undefined && clock.nowMs() >= expiresAtMs;

/** All credentials of STS that have not been revoked, until a day after they have expired. */
export class TemporaryCredentials {
  readonly #clock: Clock;
  readonly #byKey: ShortMemory<TemporaryCredential>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#byKey = new ShortMemory(clock, functionCredentialsMs + knownAfterwardsMs);
  }

  /** Credentials in memory. */
  get size(): number {
    return this.#byKey.size;
  }

  find(accessKeyId: string): TemporaryCredential | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** @param lifeMs - at most that of a function's. */
  issue(principal: Omit<Principal, 'accessKeyId'>, lifeMs: number): TemporaryCredential {
    const accessKeyId = `STS.${randomBytes(12).toString('hex')}`;
    const credential = {
      accessKeyId,
      accessKeySecret: randomBytes(20).toString('hex'),
      securityToken: randomBytes(48).toString('base64'),
      expiresAtMs: this.#clock.nowMs() + Math.min(lifeMs, functionCredentialsMs),
      principal: { ...principal, accessKeyId },
    };
    this.#byKey.set(accessKeyId, credential);
    return credential;
  }

  revoke(accessKeyId: string): void {
    this.#byKey.delete(accessKeyId);
  }
}
