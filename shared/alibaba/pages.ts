/** All rows of a list that numbers its pages. @param pageSize - as large as the action takes: the default is 10 (P-032). */
export async function numberedPages<Row>(
  pageSize: number,
  page: (paging: {
    pageNumber: number;
    pageSize: number;
  }) => Promise<{ rows: Row[] | undefined; totalCount: number | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let pageNumber = 1; ; pageNumber += 1) {
    const { rows = [], totalCount = 0 } = await page({ pageNumber, pageSize });
    all.push(...rows);
    if (rows.length === 0 || all.length >= totalCount) return all;
  }
}

/** All rows of a list that hands out a token for its next page. An empty page is no end: only a missing token is. */
export async function tokenPages<Row>(
  page: (nextToken: string | undefined) => Promise<{ rows: Row[] | undefined; nextToken: string | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let token: string | undefined;
  for (;;) {
    const { rows = [], nextToken } = await page(token);
    all.push(...rows);
    if (nextToken === undefined || nextToken === '') return all;
    // Neither endless nor, silently, half a list.
    if (nextToken === token) throw new Error('a list repeats the token of its last page');
    token = nextToken;
  }
}

/** Slices of at most `size`. */
export const batches = <Item>(items: readonly Item[], size: number): Item[][] => {
  const slices: Item[][] = [];
  for (let start = 0; start < items.length; start += size) slices.push(items.slice(start, start + size));
  return slices;
};
