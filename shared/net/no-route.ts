/** Codes of a connection that say that this vantage has no route to the address, and nothing about who is there (P-155). */
export const noRouteCodes: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EHOSTUNREACH',
]);
