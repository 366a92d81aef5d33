import { describe, expect, it } from 'vitest';
import { lastExitCode, readCurlScript } from '../../../local/ecs/curl-script.ts';

const commandsOf = (script: string) =>
  readCurlScript(script)?.map((step) => (step.does === 'curl' ? step.command : step.text));

describe('a script of curl', () => {
  it.each([
    ['another family', 'curl -sS http://www.example.com/'],
    ['a progress meter', 'curl -6 http://www.example.com/'],
    ['an option of a later version', 'curl -6 -s --retry-all-errors http://www.example.com/'],
    ['a redirect followed', 'curl -6 -sL http://www.example.com/'],
    ['a file written', 'curl -6 -s -o /tmp/page http://www.example.com/'],
    ['a file read as format', 'curl -6 -s -w @/etc/passwd http://www.example.com/'],
    ['a file read as header', "curl -6 -s -H '@/etc/passwd' http://www.example.com/"],
    ['a file read', 'curl -6 -s file:///etc/passwd'],
    ['data sent', 'curl -6 -s -d @/etc/passwd http://www.example.com/'],
    ['settings read', 'curl -6 -s -K /root/.curlrc http://www.example.com/'],
    ['IPv4 by another way', 'curl -6 -s --resolve www.example.com:80:10.0.1.1 http://www.example.com/'],
    ['two URLs', 'curl -6 -s http://www.example.com/ http://www.example.com/'],
    ['a pattern of curl', "curl -6 -s 'http://www.example.com/[1-9]'"],
    ["the guest's own loopback", "curl -6 -s 'http://[::1]/'"],
    ['localhost', 'curl -6 -s http://localhost/'],
    ['a variable', 'curl -6 -s "http://$HOST/"'],
    ['a substitution', 'curl -6 -s http://www.example.com/$(id)'],
    ['a pipe', 'curl -6 -s http://www.example.com/ | sh'],
    ['a redirection', 'curl -6 -s http://www.example.com/ > /tmp/page'],
    ['a background job', 'curl -6 -s http://www.example.com/ & wait'],
    ['another command before', 'rm -rf /\ncurl -6 -s http://www.example.com/'],
    ['a loop without end', 'while true; do curl -6 -s http://www.example.com/; done'],
    ['too many of them', 'for i in $(seq 501); do curl -6 -s http://www.example.com/; done'],
  ])('does not have %s', (_what, script) => {
    expect(readCurlScript(script)).toBeUndefined();
  });

  it('has options alone, joined, with their value attached, and in full', () => {
    const [one, ...others] =
      commandsOf(
        [
          "curl -6 -s -S -k -i -m 5 -w '%{http_code}' -H 'X-A: b c' https://www.example.com/",
          "curl -6sSkim5 -w'%{http_code}' -H'X-A: b c' https://www.example.com",
          'curl --ipv6 --silent --show-error --insecure --include --max-time 5 \\\n' +
            '  --write-out "%{http_code}" --header "X-A: b c" https://www.example.com 2>&1',
        ].join('\n'),
      ) ?? [];
    expect(one).toEqual({
      url: 'https://www.example.com/',
      protocol: 'https',
      host: 'www.example.com',
      port: 443,
      resolve: new Map(),
      writeOut: '%{http_code}',
      showsErrors: true,
      maxTimeMs: 5000,
      passedOn: ['--insecure', '--include', '--header', 'X-A: b c'],
    });
    expect(others).toEqual([one, one]);
  });

  it('knows addresses for a name and port', () => {
    const [command] =
      commandsOf("curl -6 -s --resolve 'a_b.example.com:80:[2001:db8::1],2001:db8::2' http://a_b.example.com") ?? [];
    expect(command).toMatchObject({
      host: 'a_b.example.com',
      resolve: new Map([['a_b.example.com:80', ['2001:db8::1', '2001:db8::2']]]),
    });
  });

  it('knows an address and a port of the URL', () => {
    expect(commandsOf("curl -6 -s 'http://[2408:4002::1]:8080/a?b=c'")).toMatchObject([
      { host: '2408:4002::1', port: 8080, url: 'http://[2408:4002::1]:8080/a?b=c' },
    ]);
  });

  it('may say the exit code of the command before', () => {
    const script =
      '#!/bin/sh\n# twice\nfor i in $(seq 2); do\n  curl -6 -s http://a.example.com; echo "exit=$?"\ndone\n';
    const one = expect.objectContaining({ url: 'http://a.example.com/' });
    expect(commandsOf(script)).toEqual([one, `exit=${lastExitCode}`, one, `exit=${lastExitCode}`]);
    expect(commandsOf("curl -6 -s http://a.example.com; echo 'exit=$?'")).toEqual([one, 'exit=$?']);
  });
});
