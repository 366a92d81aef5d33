import { applyingScenarios } from './scenarios/applying.ts';
import { askingScenarios } from './scenarios/asking.ts';
import { observingScenarios } from './scenarios/observing.ts';
import { releasingScenarios } from './scenarios/releasing.ts';
import { repairingScenarios } from './scenarios/repairing.ts';

export const scenarios = {
  ...applyingScenarios,
  ...askingScenarios,
  ...observingScenarios,
  ...repairingScenarios,
  ...releasingScenarios,
};

export type ScenarioName = keyof typeof scenarios;
