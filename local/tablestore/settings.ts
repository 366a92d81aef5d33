import { invalid } from './errors.ts';
import type { CapacityUnit, TableOptions } from './messages.ts';
import type { Table, TableSettings } from './state.ts';

/** Seconds that a cell's given version may differ from the server's time. Default of the service. */
export const defaultMaxDeviationSeconds = 86_400;

/**
 * Table options of a request over those in force.
 *
 * @throws OTSParameterInvalid
 * @see https://alibabacloud.com/help/en/tablestore/developer-reference/tableoptions (read 2026-11-22)
 */
export function settingsFrom(options: TableOptions, before: TableSettings): TableSettings {
  const settings: TableSettings = {
    timeToLive: options.time_to_live ?? before.timeToLive,
    maxVersions: options.max_versions ?? before.maxVersions,
    maxDeviationSeconds: Number(options.deviation_cell_version_in_sec ?? before.maxDeviationSeconds),
    allowUpdate: options.allow_update ?? before.allowUpdate,
  };
  const { timeToLive, maxVersions, maxDeviationSeconds } = settings;
  if (timeToLive === 0 || timeToLive < -1) throw invalid('TimeToLive cannot be 0 or less than -1.');
  if (timeToLive > 0 && timeToLive < 86_400)
    throw invalid(`TimeToLive must be -1 or at least 86400 seconds: ${timeToLive}.`);
  if (maxVersions <= 0) throw invalid('The maximum versions cannot be less than or equal to 0.');
  if (maxVersions > 1) throw invalid('More than one version of a cell is not emulated by the embedded cloud.');
  if (maxDeviationSeconds < 0) throw invalid('The maximum deviation must be in range [0, INT64_MAX/1000000].');
  return settings;
}

export function checkCapacity(unit: CapacityUnit): void {
  if ((unit.read ?? 0) < 0 || (unit.write ?? 0) < 0)
    throw invalid(
      `Invalid Capacity Unit:${Math.min(unit.read ?? 0, unit.write ?? 0)} . Capacity Unit must be nonnegative.`,
    );
}

export const optionsMessage = ({ settings }: Table): TableOptions => ({
  time_to_live: settings.timeToLive,
  max_versions: settings.maxVersions,
  bloom_filter_type: undefined,
  block_size: undefined,
  deviation_cell_version_in_sec: BigInt(settings.maxDeviationSeconds),
  allow_update: settings.allowUpdate,
});

export const throughputMessage = (table: Table) => ({
  capacity_unit: { read: table.capacityUnit.read ?? 0, write: table.capacityUnit.write ?? 0 },
  last_increase_time: BigInt(Math.floor(table.createdAtMs / 1000)),
  last_decrease_time: undefined,
});
