export const root: string;
export function functionNames(): string[];
export function buildFunctions(outDir?: string): Promise<string>;
export function buildTools(outDir?: string): Promise<string>;
