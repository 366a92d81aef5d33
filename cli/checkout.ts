/** What the entry script hands to a command. */
export interface Checkout {
  root: string;
  /** Bundles the functions. @returns where they are. */
  buildFunctions: () => Promise<string>;
}
