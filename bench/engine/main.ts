import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultLimits, type Goal, goalsOf } from './goals.ts';
import { type Figures, measure, type Rate } from './measure.ts';

const help = `npm run bench:engine -- [options]: what a probe costs, on a target of its own on ::1:
the probing engine beside a curl -6 for each request and, where it is installed,
Prometheus blackbox_exporter; and how long the engine takes for many targets.
Exit status 1 when a goal is missed.

  --seconds N      for each prober (default 5, at most 60)
  --targets N      targets that are probed once each (default 10000, at most 10000)
  --blackbox PATH  blackbox_exporter, if not on PATH
  --of-curl N      goal: at most this part of the CPU of curl (default 1/30)
  --of-blackbox N  goal: at most this part of the CPU of blackbox_exporter (default 0.4)
  --json           figures and goals as JSON
  --help           this text`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      targets: { type: 'string', default: '10000' },
      blackbox: { type: 'string' },
      'of-curl': { type: 'string', default: String(defaultLimits.ofCurl) },
      'of-blackbox': { type: 'string', default: String(defaultLimits.ofBlackbox) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [seconds, targets] = [Number(values.seconds), Number(values.targets)];
  const limits = { ofCurl: Number(values['of-curl']), ofBlackbox: Number(values['of-blackbox']) };
  const isBounded = seconds > 0 && seconds <= 60 && Number.isInteger(targets) && targets > 0 && targets <= 10_000;
  if (!isBounded || !(limits.ofCurl >= 0) || !(limits.ofBlackbox >= 0)) {
    console.error('--seconds must be above 0 and at most 60, --targets 1 to 10000, a goal a number from 0');
    return 2;
  }
  const figures = await measure(dirname(fileURLToPath(import.meta.url)), {
    seconds,
    targets,
    blackbox: values.blackbox,
  });
  const goals = goalsOf(figures, limits);
  if (values.json) console.log(JSON.stringify({ ...figures, goals }, undefined, 2));
  else print(figures, goals);
  return goals.some(({ isMissed }) => isMissed) ? 1 : 0;
}

function print({ machine, engine, curl, blackbox, missing, fleets }: Figures, goals: Goal[]): void {
  const { cores, model, node } = machine;
  console.log(`${cores} cores, ${model}, Node.js ${node}; one request over a new IPv6 connection is a probe\n`);
  console.log('| prober | probes a second | CPU seconds per 1000 | engine needs |');
  console.log('| --- | ---: | ---: | ---: |');
  const row = (name: string, rate: Rate | undefined, why = '') =>
    console.log(
      rate === undefined
        ? `| ${name} | ${why} | | |`
        : `| ${name} | ${Math.round(rate.probesPerSecond)} | ${rate.cpuSecondsPer1000.toFixed(3)} | ${(engine.cpuSecondsPer1000 / rate.cpuSecondsPer1000).toFixed(3)} of it |`,
    );
  row('engine', engine);
  row(`curl -6 ${curl?.version ?? ''}, spawned`, curl, missing.curl);
  row(`blackbox_exporter ${blackbox?.version ?? ''}`, blackbox, missing.blackbox);
  console.log('\n| the engine alone | seconds | CPU seconds |');
  console.log('| --- | ---: | ---: |');
  for (const { requestsPerTarget, probed, seconds, cpuSeconds } of fleets)
    console.log(
      `| ${probed} targets, ${requestsPerTarget === 1 ? 'one request each' : `a probe of ${requestsPerTarget} requests each`} | ${seconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} |`,
    );
  console.log('');
  for (const { goal, figure, isMissed } of goals)
    console.log(
      `${figure === undefined ? 'NOT MEASURED' : isMissed ? 'MISSED' : 'met'}: ${goal}${figure === undefined ? '' : `: ${figure}`}`,
    );
}

process.exitCode = await main();
