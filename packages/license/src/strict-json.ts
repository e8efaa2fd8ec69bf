import { FrameError } from './frame-error.ts';

/** Deeper nesting than any message has; more is an attempt to exhaust a stack. */
const depthMax = 16;

/**
 * JSON in which no object names a member twice, so that two readers cannot understand it differently.
 * Throws a FrameError for everything else.
 */
export function parseStrictJson(text: string): unknown {
  refuseDuplicates(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FrameError('A frame must hold valid JSON.', { cause: error });
  }
}

/** A string of JSON, or one of the signs that open, close and divide. Everything between them is JSON.parse's concern. */
const sign = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

function refuseDuplicates(text: string): void {
  /** One entry for each open object or array; an array has no names. */
  const open: (Set<string> | undefined)[] = [];
  let string: string | undefined;
  for (const [token] of text.matchAll(sign)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > depthMax) throw new FrameError('A frame is nested too deeply.');
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && string !== undefined) addName(open.at(-1), string);
    string = token.startsWith('"') ? token : undefined;
  }
}

function addName(names: Set<string> | undefined, quoted: string): void {
  const name = unquote(quoted);
  if (names?.has(name)) throw new FrameError(`A frame names "${name}" twice.`);
  names?.add(name);
}

/** Two spellings of a name, one with an escape, are the same name. */
function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (error) {
    throw new FrameError('A frame must hold valid JSON.', { cause: error });
  }
}
