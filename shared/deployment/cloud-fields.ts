/** Words of the vendor as its pages allow them: what they exclude is refused here, not by the cloud after a build. */
import * as z from 'zod';

export const regionId = z.string().regex(/^[a-z]{2}-[a-z0-9-]+$/, 'must be a region id such as cn-shanghai');

export const zoneId = z.string().regex(/^[a-z]{2}-[a-z0-9-]+$/, 'must be a zone id such as cn-shanghai-e');

/** `ecs.<family>.<size>`. Source: https://www.alibabacloud.com/help/en/ecs/user-guide/overview-of-instance-families */
export const instanceType = z
  .string()
  .regex(/^ecs\.[a-z0-9-]+\.[a-z0-9-]+$/, 'must be an instance type such as ecs.g6.large');

/** Source: RunInstances, ImageFamily (as in SDK 7.11.6). */
export const imageFamily = z
  .string()
  .regex(
    /^(?!https?:)\p{L}[\p{L}\p{N}._:-]{1,127}$/u,
    'must be the name of an image family: 2 to 128 letters, digits, dots, underscores, hyphens or colons, a letter first',
  );

/**
 * What a system disk can be. Whether a type has it in a zone is for preflight to ask.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances (as in SDK 7.11.6)
 */
export const diskCategories = [
  'cloud_essd',
  'cloud_auto',
  'cloud_essd_entry',
  'cloud_ssd',
  'cloud_efficiency',
  'cloud',
] as const;

export const diskCategory = z.enum(diskCategories, `must be one of ${diskCategories.join(', ')}`);

/**
 * A key of KMS: an id such as `0e478b7a-4262-4802-b8cb-00d3fb408266` or `key-…`. Source: RunInstances, SystemDisk.KMSKeyId (as in SDK
 * 7.11.6), whose form it does not say: letters, digits and hyphens are inferred.
 */
export const kmsKeyId = z.string().regex(/^[A-Za-z0-9-]{8,64}$/, 'must be the id of a KMS key');

/**
 * Path of a health check: 1 to 80 characters, some of them after the pages in English, some after those in Chinese.
 *
 * @see https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createservergroup (as in SDK 1.3.2)
 */
export const healthCheckPath = z
  .string()
  .regex(
    /^\/[A-Za-z0-9\-/.%?#&=_;~!()*[\]@$^:'",+]{0,79}$/,
    'must begin with / and have up to 80 letters, digits and characters of -/.%?#&=_;~!()*[]@$^:\'",+ (others: %-encoded)',
  );

/** Source as for `healthCheckPath`. */
export const healthCheckCodes = z
  .array(z.enum(['http_2xx', 'http_3xx', 'http_4xx', 'http_5xx']))
  .min(1)
  .refine((codes) => new Set(codes).size === codes.length, 'names a class of codes twice');

/** Name of the cookie of the servers that the load balancer is to rewrite. Source as for `healthCheckPath`. */
export const cookieName = z
  .string()
  .regex(
    /^[A-Za-z0-9]{1,200}$/,
    'must be 1 to 200 letters and digits: the load balancer rewrites no other; for any other, use type Insert without a cookie',
  );

/** `<CertId>-<region>`, the form that Certificate Management answers as `CertIdentifier` (P-081). */
export const certificateId = z
  .string()
  .regex(/^\d{1,18}-[a-z]{2}-[a-z0-9-]+$/, 'must be a certificate id with its region, such as 1234567-cn-shanghai');

/**
 * A system policy, or one of the account's own. Whether it exists is for preflight to ask.
 *
 * @see https://help.aliyun.com/en/slb/application-load-balancer/user-guide/tls-security-policies (read 2026-11-30)
 */
export const securityPolicyId = z
  .string()
  .regex(
    /^(tls_cipher_policy_[a-z0-9_]{1,60}|spy-[a-z0-9]{1,60})$/,
    'must be a system policy such as tls_cipher_policy_1_2, or the id of a policy of yours such as spy-n0kn923',
  );
