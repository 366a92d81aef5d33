import { text } from '../../action.ts';
import { albRead } from '../alb-action.ts';

/** DescribeRegions, ALB 2020-06-16: the embedded cloud has one. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-describeregions (read 2026-11-22). */
export const describeRegions = albRead({
  params: { AcceptLanguage: text() },
  apply: ({ context: { regionId } }) => ({
    Regions: [{ RegionId: regionId, LocalName: regionId, RegionEndpoint: `alb.${regionId}.aliyuncs.com` }],
  }),
});
