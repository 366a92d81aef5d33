import { byUrgency as kinds } from '../../shared/alert/settings.ts';
import { valueAt } from '../../shared/dictionary.ts';
import type { NoticeRow } from '../../shared/store/alerts.ts';

/** Of one alert, its beginning comes before its reminders, and its end last. */
const types = ['fired', 'reminder', 'resolved'] as const;

/**
 * Returns the rows in the order in which a channel gets them: the most urgent first, of equal ones the older. What the
 * channel has said no to comes last: it must not hold up what it would take.
 *
 * @param rejected - how often it said no, by the id of the change.
 */
export function mostUrgentFirst(rows: NoticeRow[], rejected: Record<string, number> = {}): NoticeRow[] {
  const noes = ({ notice: { change } }: NoticeRow) => valueAt(rejected, change.id) ?? 0;
  return [...rows].sort(
    (a, b) =>
      noes(a) - noes(b) ||
      types.indexOf(a.notice.change.type) - types.indexOf(b.notice.change.type) ||
      kinds.indexOf(a.notice.change.kind) - kinds.indexOf(b.notice.change.kind) ||
      a.atMs - b.atMs ||
      (a.notice.change.id < b.notice.change.id ? -1 : 1),
  );
}
