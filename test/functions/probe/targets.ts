import type { ProbeTarget } from '../../../shared/probe/target.ts';

/** A target over HTTP whose backends name themselves in a header, but for what is given. */
export const targetWith = (other: Partial<ProbeTarget> = {}): ProbeTarget => ({
  targetId: '01khq0000000000000000000aa',
  domainName: 'www.example.com',
  host: 'www.example.com',
  port: 80,
  tls: false,
  method: 'GET',
  path: '/',
  acceptedStatus: [[200, 399]],
  expected: { cname: 'alb.example', addresses: [] },
  backends: [
    { name: 'ECS01', weight: 100 },
    { name: 'ECS02', weight: 100 },
  ],
  identification: { by: 'header', header: 'X-Backend-Server' },
  scope: 'internet',
  vantage: 'auto',
  acceptsAnyIssuer: false,
  isOneServerPerClient: false,
  mostRequests: 200,
  servers: [],
  ...other,
});
