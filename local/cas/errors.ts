import { errorTable } from '../action.ts';

/** The page of the action lists no codes of its own, so how it words a bad parameter is ours. */
export const refuse = errorTable({
  InvalidParameter: { status: 400, message: 'The specified parameter is not valid.', source: 'ours' },
});
