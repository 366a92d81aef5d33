import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/**
 * User and system time of a process, or of its children that have ended, in seconds. Linux only.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (fields 14 to 17)
 */
export function cpuSecondsOf(pid: number, whose: 'own' | 'children'): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field, the name in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const first = whose === 'own' ? 11 : 13;
  return (Number(fields[first]) + Number(fields[first + 1])) / ticksPerSecond;
}
