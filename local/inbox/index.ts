import type { Clock } from '../../shared/clock.ts';
import type { WireAnswer, WireRequest, WireService } from '../wire.ts';
import { inboxPage } from './page.ts';
import { dingtalkRobot, feishuRobot, type Robot, slackRobot, webhookReceiver, wecomRobot } from './robots.ts';

/** One request that reached a robot, exactly as it came, and what the robot answered. */
export interface InboxMessage {
  number: number;
  at: string;
  channel: Robot['type'];
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: string;
  isTaken: boolean;
  answer: { status: number; body: string };
}

const mostKept = 500;

/**
 * Chat robots that show what would have been sent: each speaks its vendor's protocol, verifies signatures, keeps to rate
 * limits and says no as the vendor does. `/_local/inbox` shows all that came.
 */
export class Inbox implements WireService {
  readonly name = 'inbox';
  /** Newest last. */
  readonly messages: InboxMessage[] = [];
  readonly #clock: Clock;
  readonly #robots: Robot[] = [
    dingtalkRobot('local-robot', 'SEClocal0dingtalk', 'dualstack'),
    feishuRobot('local-bot', 'local-feishu-secret'),
    wecomRobot('local-key'),
    slackRobot('T00000000/B00000000/local'),
    webhookReceiver('local', 'local-webhook-secret'),
  ];
  readonly #takenAtMs = new Map<Robot, number[]>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settings of channels that send here. */
  channels(baseUrl: string): Record<string, string>[] {
    return this.#robots.map(({ type, channel: { url = '', ...rest } }) => ({
      name: `local-${type}`,
      type,
      url: `${baseUrl}${url}`,
      ...rest,
    }));
  }

  accepts(request: WireRequest): boolean {
    return request.method === 'POST' && this.#robotOf(request) !== undefined;
  }

  describe(request: WireRequest) {
    return { service: this.name, version: '', action: this.#robotOf(request)?.type ?? '', params: {} };
  }

  handle(request: WireRequest): Promise<WireAnswer> {
    const robot = this.#robotOf(request) as Robot;
    const nowMs = this.#clock.nowMs();
    const taken = (this.#takenAtMs.get(robot) ?? []).filter((ms) => ms > nowMs - 3_600_000);
    const refusal = robot.refuse(request, nowMs, taken);
    if (refusal === undefined) taken.push(nowMs);
    this.#takenAtMs.set(robot, taken);
    const answer = refusal ?? robot.accept();
    this.#keep(robot, request, answer, refusal === undefined);
    return Promise.resolve(answer);
  }

  refuse(_request: WireRequest, status: number, code: string, message: string): WireAnswer {
    return { status, headers: { 'content-type': 'text/plain' }, body: `${code}: ${message}`, code };
  }

  /** `GET /_local/inbox`: a page for browsers, else JSON; `?from=` leaves out the older ones. `DELETE` empties it. */
  show(request: WireRequest): WireAnswer {
    if (request.method === 'DELETE') this.messages.length = 0;
    const from = Number(request.query.get('from') ?? 0);
    const messages = this.messages.filter(({ number }) => number >= from);
    const wantsPage = (request.headers['accept'] ?? '').includes('text/html');
    return wantsPage
      ? { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: inboxPage(messages) }
      : {
          status: 200,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify({ messages, next: this.#count + 1 }),
        };
  }

  #robotOf({ path }: WireRequest): Robot | undefined {
    return this.#robots.find((robot) => (robot.path.endsWith('/') ? path.startsWith(robot.path) : path === robot.path));
  }

  #keep(robot: Robot, request: WireRequest, answer: WireAnswer, isTaken: boolean): void {
    this.#count += 1;
    this.messages.push({
      number: this.#count,
      at: new Date(this.#clock.nowMs()).toISOString(),
      channel: robot.type,
      method: request.method,
      target: request.target,
      headers: { ...request.headers },
      body: request.body.toString('utf8'),
      isTaken,
      answer: { status: answer.status, body: answer.body.toString() },
    });
    if (this.messages.length > mostKept) this.messages.splice(0, this.messages.length - mostKept);
  }
}
