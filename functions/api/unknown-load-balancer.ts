import { problemResponse } from '../../shared/problem.ts';

export const unknownLoadBalancer = (id: string): Response =>
  problemResponse(404, 'unknown-load-balancer', 'Not Found', `There is no load balancer ${id.slice(0, 40)} here.`);
