import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

/** Load balancers per region. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/quotas-and-limits (read 2026-11-22) */
const loadBalancerQuota = 60;

export async function checkQuotas({ alb, record }: StageContext<'preflight'>): Promise<Finding[]> {
  if (record.stages['load-balancer'].outputs['loadBalancerId'] !== undefined) return [];
  const count = await alb.countLoadBalancers();
  if (count < loadBalancerQuota) return [];
  return [
    {
      field: 'loadBalancer',
      code: 'QuotaExceeded.LoadBalancersNum',
      message: `the region has ${count} load balancers, and ${loadBalancerQuota} are allowed`,
      remedy: 'Release a load balancer or have the quota raised.',
    },
  ];
}
