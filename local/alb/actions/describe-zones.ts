import { text } from '../../action.ts';
import { albRead } from '../alb-action.ts';

/** DescribeZones, ALB 2020-06-16: there is no word about dual-stack in it. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-describezones (read 2026-11-22). */
export const describeZones = albRead({
  params: { AcceptLanguage: text() },
  apply: (state) => ({
    Zones: state.context.zoneIds.map((zoneId) => ({
      ZoneId: zoneId,
      LocalName: `${state.context.regionId} Zone ${zoneId.slice(-1).toUpperCase()}`,
    })),
  }),
});
