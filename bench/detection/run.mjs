// Runs the detection benchmark; arguments are passed on.
import { runBench } from '../bundle.mjs';

await runBench('detection');
