import { type AddressInfo, createServer } from 'node:net';

const body = 'Hello World ! this is ipv6 rs.\n';

/** What nginx of two backends answers, in turn; nothing is read but that something was asked. */
const answers = ['ECS01', 'ECS02'].map((backend) =>
  Buffer.from(
    [
      'HTTP/1.1 200 OK',
      'server: nginx/1.20.1',
      'date: Sun, 22 Nov 2026 08:00:00 GMT',
      'content-type: text/html',
      `content-length: ${body.length}`,
      'connection: close',
      `x-backend: ${backend}`,
      '',
      body,
    ].join('\r\n'),
  ),
);
let turn = 0;

const server = createServer((connection) => {
  connection.on('error', () => connection.destroy());
  connection.once('data', () => {
    turn += 1;
    connection.end(answers[turn % answers.length] as Buffer);
  });
});
server.listen({ host: '::1', port: 0, backlog: 4096 }, () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
