import { parseArgs } from 'node:util';
import { detect, falseAlarms, losses, settings, troubles } from './measure.ts';

const help = `npm run bench:detection -- [options]: how long faults go unnoticed, and how often
alerts are false, by loss of requests and by settings

  --days N    target-days for false alarms, for each loss and settings (default 1000)
  --faults N  faults of each kind, for each loss and settings (default 500)
  --seed N    (default 1)
  --help      this text`;

const seconds = (values: (number | undefined)[], part: number): string => {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return Number.isFinite(value) ? `${Math.round(value / 1000)} s` : 'never';
};

function main(): number {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: '1000' },
      faults: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [days, count, seed] = [values.days, values.faults, values.seed].map(Number) as [number, number, number];
  if (![days, count, seed].every((value) => Number.isInteger(value) && value > 0)) {
    console.error('--days, --faults and --seed must be whole numbers greater than 0');
    return 2;
  }
  console.log(`One probe of 20 requests a minute; ${days} target-days and ${count} faults of each kind.\n`);
  console.log('False alarms per 10,000 target-days\n');
  console.log(`| settings | ${losses.map((loss) => `${loss * 100} % lost`).join(' | ')} |`);
  console.log(`| --- |${losses.map(() => ' ---: |').join('')}`);
  const columns = losses.map((loss) => falseAlarms(days, loss, seed));
  for (const [index, name] of Object.keys(settings).entries())
    console.log(
      `| ${name} | ${columns.map((column) => Math.round(((column[index] ?? 0) * 10_000) / days)).join(' | ')} |`,
    );
  console.log(
    '\nFrom the fault to the message, and from its end to the message that it is over: median (95 of 100 within)\n',
  );
  console.log('| settings | fault | 0 % lost | 0.1 % lost | 1 % lost | over, 1 % lost |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: |');
  for (const [name, limits] of Object.entries(settings))
    for (const trouble of troubles) {
      const cells = losses.map((loss) =>
        Array.from({ length: count }, (_, index) => detect(trouble, loss, limits, seed + index)),
      );
      const noticed = cells.map((runs) => runs.map(({ noticedMs }) => noticedMs));
      const over = (cells.at(-1) ?? []).map(({ overMs }) => overMs);
      const cell = (list: (number | undefined)[]) => `${seconds(list, 0.5)} (${seconds(list, 0.95)})`;
      console.log(`| ${name.split(':')[0]} | ${trouble} | ${noticed.map(cell).join(' | ')} | ${cell(over)} |`);
    }
  return 0;
}

process.exitCode = main();
