// Runs the engine benchmark; arguments are passed on.
import { runBench } from '../bundle.mjs';

await runBench('engine', ['target-process', 'engine-process', 'curl-process']);
