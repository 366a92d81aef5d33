/** Reads shell text for what the emulated guest knows of it. Nothing is ever run. */

export interface SimpleCommand {
  words: string[];
  /** What joins it to the command before. */
  joint: ';' | '&&' | '||' | '|';
  /** Where its standard output goes, if not to the caller. */
  redirect?: { path: string; append: boolean };
}

/** Words in quotes stay together; `#` comments, line ends and here-documents' absence as in a POSIX shell. */
export function splitScript(script: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let current: SimpleCommand = { words: [], joint: ';' };
  let word: string | undefined;
  let target: 'word' | '>' | '>>' | 'ignore' = 'word';
  const endWord = () => {
    if (word === undefined) return;
    if (target === 'word') current.words.push(word);
    else if (target !== 'ignore' && word !== '/dev/null') current.redirect = { path: word, append: target === '>>' };
    target = 'word';
    word = undefined;
  };
  const endCommand = (joint: SimpleCommand['joint']) => {
    endWord();
    if (current.words.length > 0) commands.push(current);
    current = { words: [], joint };
  };
  for (let index = 0; index < script.length; index += 1) {
    const character = script[index] as string;
    if (character === "'" || character === '"') {
      word ??= '';
      for (index += 1; index < script.length && script[index] !== character; index += 1) {
        if (character === '"' && script[index] === '\\' && '"\\$`'.includes(script[index + 1] ?? ' ')) index += 1;
        word += script[index];
      }
    } else if (character === '\\') {
      index += 1;
      if (script[index] !== '\n') word = (word ?? '') + (script[index] ?? '');
    } else if (character === '#' && word === undefined) {
      while (index + 1 < script.length && script[index + 1] !== '\n') index += 1;
    } else if (character === '\n' || character === ';') endCommand(';');
    else if (character === '&' || character === '|') {
      const isDouble = script[index + 1] === character;
      if (isDouble) index += 1;
      if (character === '&' && script[index + 1] === '>') {
        endWord();
        index += 1;
        target = 'ignore';
      } else endCommand(isDouble ? (character === '&' ? '&&' : '||') : character === '|' ? '|' : ';');
    } else if (character === '>') {
      // `2>file` and `2>&1` concern standard error, which the guest never writes.
      const isError = word === '2';
      if (word === '1' || word === '2') word = undefined;
      endWord();
      const isAppend = script[index + 1] === '>';
      if (isAppend) index += 1;
      if (script[index + 1] === '&') {
        index += 2;
        continue;
      }
      target = isError ? 'ignore' : isAppend ? '>>' : '>';
    } else if (/\s/.test(character)) endWord();
    else word = (word ?? '') + character;
  }
  endCommand(';');
  return commands;
}
