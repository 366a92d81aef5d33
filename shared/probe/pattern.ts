import { RE2JS } from 're2js';

/** Longest part of a body or header that a pattern is tried on, in characters. */
export const longestSearched = 8 * 1024;

/** Only counted repeats write a pattern of 200 characters out to more instructions. */
const mostInstructions = 256;

/**
 * What finds the first group of a pattern in a text, or all that it matches where it has none. A pattern is RE2's: no
 * look-around and no references back, so a search visits each instruction at most once for each character, whatever a
 * stranger's server answers.
 *
 * @throws RangeError saying what is wrong with the pattern.
 */
export function compilePattern(pattern: string): (text: string) => string | undefined {
  const compiled = compile(pattern);
  const instructions = compiled.programSize();
  if (instructions > mostInstructions)
    throw new RangeError(
      `its counted repeats write it out to ${instructions} instructions, more than ${mostInstructions}`,
    );
  return (text) => {
    const matcher = compiled.matcher(text.slice(0, longestSearched));
    if (!matcher.find()) return undefined;
    return (matcher.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group() ?? undefined;
  };
}

/** @returns undefined where the pattern may be used. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message.replace('error parsing regexp: ', '') : String(error));
  }
}
