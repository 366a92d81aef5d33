declare const word: string;
declare const kind: 'one' | 'two';
declare const place: number;
declare const table: Record<string, number>;
declare const list: number[];
interface Two {
  one: number;
  two: number;
}
declare const two: Two;

export const refused = [table[word], two[word as keyof Two], word in table];
export const { [word]: alsoRefused } = table;
export const taken = [table['one'], two[kind], list[place], 'one' in table];
export const write = (): void => {
  table[word] = 1;
};
export const ofType = <Key extends string>(rows: Record<Key, number>, key: Key): number => rows[key];
export const ofKind = <Key extends keyof Two>(key: Key, other: Key): number => two[key] + two[other];
