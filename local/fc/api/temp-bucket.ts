import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionDirectory } from './state.ts';

/** How long the temporary key for an upload lives (inf: an hour, as other STS keys). */
const uploadMs = 3_600_000;

/** The platform's own bucket for uploads. */
export const tempBucketOf = (regionId: string): string => `fc-temp-code-${regionId}`;

/**
 * GET /2016-08-15/tempBucketToken, the one call of the old API that fc3 makes: a place in OSS for one archive, and a key
 * that may write there and nowhere else. The object's full name is `<account>/<objectName>`.
 *
 * @see https://github.com/devsapp/fc3 src/resources/fc/index.ts, uploadCodeToTmpOss (read 2026-11-23)
 */
export function tempBucketToken({ options }: FunctionDirectory): object {
  const { context, oss } = options;
  const { credentials, regionId } = context;
  const ossBucket = tempBucketOf(regionId);
  const objectName = `${randomUUID()}-${randomBytes(4).toString('hex')}`;
  oss.addBucket(ossBucket, true);
  const { accessKeyId, accessKeySecret, securityToken, expiresAtMs } = credentials.issue('fc-temp-code', '', uploadMs);
  oss.grant(accessKeyId, ossBucket, `${credentials.accountId}/${objectName}`);
  return {
    credentials: {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      SecurityToken: securityToken,
      Expiration: new Date(expiresAtMs).toISOString(),
    },
    ossRegion: `oss-${regionId}`,
    ossBucket,
    objectName,
  };
}
