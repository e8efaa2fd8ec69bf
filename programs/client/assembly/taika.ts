/**
 * What a program in AssemblyScript needs of the outside: its unit, the job's files, its result. Import it as "taika":
 *
 *     import { readLines, writeLine } from "taika";
 *     const lines = readLines();
 *     for (let i = 0; i < lines.length; i++) writeLine(lines[i].toUpperCase());
 *
 * The code at the top of the file is the program. It speaks WASI preview 1, so the same .wasm runs elsewhere too.
 */

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, readOut: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, writtenOut: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: i32): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
  directory: i32, lookup: i32, path: usize, pathLength: i32, open: i32, rights: i64, inherited: i64, flags: i32, fdOut: usize,
): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(countOut: usize, sizeOut: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, bytes: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(countOut: usize, sizeOut: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, bytes: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "random_get")
declare function random_get(out: usize, length: i32): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

/** Room for the small structures that WASI calls are handed. */
const scratch: usize = memory.data(16);
const input: i32 = 0;
const output: i32 = 1;
const errors: i32 = 2;
const jobDirectory: i32 = 3;
const rightToRead: i64 = 2;

/** All bytes of the unit. Reading twice gives nothing the second time. */
export function readBytes(): Uint8Array {
  return readAll(input);
}

/** The unit as text, in UTF-8. */
export function readText(): string {
  return decode(readBytes());
}

/** The unit's lines, without their ends. A last line needs no end. */
export function readLines(): string[] {
  const text = readText();
  const lines = text.split("\n");
  if (lines.length > 0 && lines[lines.length - 1].length == 0) lines.pop();
  for (let i = 0; i < lines.length; i++) {
    if (lines[i].endsWith("\r")) lines[i] = lines[i].substring(0, lines[i].length - 1);
  }
  return lines;
}

/** Adds bytes to the result. */
export function writeBytes(bytes: Uint8Array): void {
  writeAll(output, bytes.dataStart, bytes.length);
}

/** Adds text to the result, in UTF-8. */
export function write(text: string): void {
  writeText(output, text);
}

/** Adds a line to the result. */
export function writeLine(text: string): void {
  writeText(output, text + "\n");
}

/** Writes a line to the log, which is shown when the unit fails and is no part of the result. */
export function log(text: string): void {
  writeText(errors, text + "\n");
}

/** A file of the job, by its name under `files:`. A file that does not exist ends the program. */
export function readFile(name: string): Uint8Array {
  const path = String.UTF8.encode(name);
  const failure = path_open(
    jobDirectory, 0, changetype<usize>(path), path.byteLength, 0, rightToRead, 0, 0, scratch,
  );
  if (failure != 0) fail("The job has no file " + name + ".");
  const fd = load<i32>(scratch);
  const bytes = readAll(fd);
  fd_close(fd);
  return bytes;
}

/** The job's arguments. */
export function args(): string[] {
  args_sizes_get(scratch, scratch + 4);
  const count = load<i32>(scratch);
  const bytes = new ArrayBuffer(load<i32>(scratch + 4));
  const pointers = new ArrayBuffer(4 * count);
  args_get(changetype<usize>(pointers), changetype<usize>(bytes));
  return strings(bytes, count).slice(1);
}

/** A variable of the job's `env:`, or "" where it is not set. */
export function env(name: string): string {
  environ_sizes_get(scratch, scratch + 4);
  const count = load<i32>(scratch);
  const bytes = new ArrayBuffer(load<i32>(scratch + 4));
  const pointers = new ArrayBuffer(4 * count);
  environ_get(changetype<usize>(pointers), changetype<usize>(bytes));
  const variables = strings(bytes, count);
  for (let i = 0; i < variables.length; i++) {
    if (variables[i].startsWith(name + "=")) return variables[i].substring(name.length + 1);
  }
  return "";
}

/** This unit's number in its round, from 0. */
export function unitIndex(): i64 {
  return I64.parseInt(env("TAIKA_UNIT_INDEX"));
}

/** Units in this round. */
export function unitCount(): i64 {
  return I64.parseInt(env("TAIKA_UNIT_COUNT"));
}

/** The round of the job, from 0. */
export function round(): i64 {
  return I64.parseInt(env("TAIKA_ROUND"));
}

/** In a program for `rounds.next`: asks for another round with this input, and keeps `state` for the program after it. */
export function nextRound(roundInput: string, state: string = ""): void {
  const kept = String.UTF8.encode(state);
  writeLine("next " + kept.byteLength.toString());
  writeAll(output, changetype<usize>(kept), kept.byteLength);
  write(roundInput);
}

/** In a program for `rounds.next`: ends the job with this result, or with what the round gave where it is "". */
export function endJob(result: string = ""): void {
  writeLine("done");
  write(result);
}

/** In a program for `rounds.next`: what the program after the round before kept; "" after the first round. */
export function keptState(): string {
  return decode(readFile("state"));
}

/** In a merge program: the outputs to make one of, in the order of the input. */
export function readParts(): Uint8Array[] {
  const bytes = readBytes();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(10, at);
    const length = I32.parseInt(decode(bytes.subarray(at + 5, lineEnd)));
    parts.push(bytes.subarray(lineEnd + 1, lineEnd + 1 + length));
    at = lineEnd + 1 + length;
  }
  return parts;
}

/** In a split program: the part of the input that is to be cut. */
export function readPart(): Uint8Array {
  const bytes = partAndLine();
  return bytes.subarray(bytes.indexOf(10) + 1);
}

/** In a split program: whether the input ends with this part. */
export function isLastPart(): bool {
  return partAndLine()[0] == 108;
}

let wholePart: Uint8Array | null = null;

function partAndLine(): Uint8Array {
  let part = wholePart;
  if (part === null) {
    part = readBytes();
    wholePart = part;
  }
  return part;
}

/** In a split program: the next so many bytes are a unit. */
export function cutUnit(bytes: i32): void {
  writeLine("unit " + bytes.toString());
}

/** In a split program: the next so many bytes belong to no unit. */
export function cutNothing(bytes: i32): void {
  writeLine("skip " + bytes.toString());
}

/** In a split program: the input's first so many bytes go before each unit. */
export function cutHeader(bytes: i32): void {
  writeLine("header " + bytes.toString());
}

/** Random bytes that depend on the program, the job's seed, the round and the unit, and on nothing else. */
export function randomBytes(length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  random_get(bytes.dataStart, length);
  return bytes;
}

/** Ends the program. Anything but 0 fails the unit: its result is discarded and the log shown. */
export function exit(code: i32): void {
  proc_exit(code);
}

/** Writes a line to the log and fails the unit. */
export function fail(reason: string): void {
  log(reason);
  proc_exit(1);
}

/** Where a failed assertion or a bad index ends up; named on the compiler's command line. */
// @ts-ignore: decorator
@global
export function taika_abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const place = (file === null ? "?" : file) + ":" + line.toString() + ":" + column.toString();
  log("abort: " + (message === null ? "" : message) + " at " + place);
  proc_exit(134);
}

/** Seeds Math.random; named on the compiler's command line. */
// @ts-ignore: decorator
@global
export function taika_seed(): f64 {
  random_get(scratch, 8);
  return reinterpret<f64>(load<u64>(scratch));
}

/** Stands for `console`; named on the compiler's command line. Everything goes to the log. */
// @ts-ignore: decorator
@global
export namespace taika_console {
  export function log(message: string = ""): void {
    writeText(errors, message + "\n");
  }
  export function warn(message: string = ""): void {
    writeText(errors, message + "\n");
  }
  export function error(message: string = ""): void {
    writeText(errors, message + "\n");
  }
}

function readAll(fd: i32): Uint8Array {
  let bytes = new Uint8Array(65536);
  let length = 0;
  while (true) {
    if (length == bytes.length) {
      const grown = new Uint8Array(2 * length);
      memory.copy(grown.dataStart, bytes.dataStart, length);
      bytes = grown;
    }
    store<usize>(scratch, bytes.dataStart + length);
    store<i32>(scratch + 4, bytes.length - length);
    if (fd_read(fd, scratch, 1, scratch + 8) != 0) fail("Reading failed.");
    const count = load<i32>(scratch + 8);
    if (count == 0) return bytes.subarray(0, length);
    length += count;
  }
}

function writeAll(fd: i32, start: usize, length: i32): void {
  while (length > 0) {
    store<usize>(scratch, start);
    store<i32>(scratch + 4, length);
    if (fd_write(fd, scratch, 1, scratch + 8) != 0) return proc_exit(1);
    const count = load<i32>(scratch + 8);
    start += count;
    length -= count;
  }
}

function writeText(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  writeAll(fd, changetype<usize>(bytes), bytes.byteLength);
}

function decode(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

/** Strings that lie one behind the other, each ended by a zero. */
function strings(bytes: ArrayBuffer, count: i32): string[] {
  const found = new Array<string>();
  let at = changetype<usize>(bytes);
  for (let i = 0; i < count; i++) {
    let length = 0;
    while (load<u8>(at + length) != 0) length++;
    found.push(String.UTF8.decodeUnsafe(at, length));
    at += length + 1;
  }
  return found;
}
