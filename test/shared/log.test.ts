import { beforeEach, describe, expect, it, vi } from 'vitest';
import { jsonLog, withFields } from '../../shared/log.ts';

describe('the log', () => {
  const lines: unknown[] = [];
  beforeEach(() => {
    lines.length = 0;
    const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => {
      lines.push(line);
    });
    return () => spy.mockRestore();
  });

  it('is one JSON object a line', () => {
    jsonLog('info', { function: 'network' })('info', 'two\nlines', { turn: 3 });
    expect(lines).toEqual(['{"level":"info","message":"two\\nlines","function":"network","turn":3}']);
  });

  it('leaves out what is below its level', () => {
    const log = jsonLog('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level);
    expect(lines.map((line) => (JSON.parse(line as string) as { level: string }).level)).toEqual(['warn', 'error']);
  });

  it('adds fields that all lines of a turn share', () => {
    withFields(jsonLog('info', { function: 'dns' }), { stage: 'dns', turn: 1 })('info', 'x', { turn: 2 });
    expect(JSON.parse(lines[0] as string)).toEqual({
      level: 'info',
      message: 'x',
      function: 'dns',
      stage: 'dns',
      turn: 2,
    });
  });
});
