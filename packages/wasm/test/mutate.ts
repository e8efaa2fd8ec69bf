/** Damaged modules: what the decoder must refuse, or read exactly as the engine does. */
import { AdmissionError } from '../src/admission-error.ts';
import { admitProgram } from '../src/admit.ts';
import { floatUseOf, rewrite } from './differential.ts';
import { generateModule } from './generator/generate.ts';
import { Random } from './generator/random.ts';

/** A valid module with a few bytes changed, removed, doubled or moved, or a number turned into the largest. */
export function damagedModule(seed: number): Uint8Array {
  const random = new Random(seed);
  let bytes = generateModule(random.below(200), floatUseOf(random.below(3)));
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(bytes.length);
    const other = random.below(bytes.length);
    const kind = random.below(7);
    if (kind < 3)
      bytes = bytes.with(at, kind === 0 ? random.below(256) : (bytes[at] as number) ^ (1 << random.below(8)));
    else if (kind === 3) bytes = bytes.slice(0, at);
    else if (kind === 4)
      bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random.below(4)));
    else if (kind === 5)
      // The largest number: of entries, of locals, of bytes that follow.
      bytes = Uint8Array.of(
        ...bytes.subarray(0, at),
        0xff,
        0xff,
        0xff,
        0xff,
        0x0f,
        ...bytes.subarray(at + 1),
      );
    else
      bytes = Uint8Array.of(
        ...bytes.subarray(0, at),
        ...bytes.subarray(other, other + 8),
        ...bytes.subarray(at),
      );
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/**
 * Admits a damaged module. What is admitted must be valid to the engine, and rewrite to a valid module; what is refused
 * as malformed or invalid must be so to the engine too. Returns the code of the refusal, or 'admitted'.
 */
export function checkDamaged(seed: number): string {
  const bytes = damagedModule(seed);
  const valid = WebAssembly.validate(bytes as BufferSource);
  try {
    admitProgram(bytes);
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw new Error(`SEED=${seed}: not a refusal`, { cause: error });
    if (valid && (error.code === 'malformed' || error.code === 'invalid')) {
      throw new Error(`SEED=${seed}: the engine takes what was refused`, { cause: error });
    }
    return error.code;
  }
  if (!valid) throw new Error(`SEED=${seed}: the engine refuses what was admitted`);
  try {
    rewrite(bytes, 'strict');
  } catch (error) {
    if (!(error instanceof AdmissionError))
      throw new Error(`SEED=${seed}: rewriting failed`, { cause: error });
  }
  return 'admitted';
}
