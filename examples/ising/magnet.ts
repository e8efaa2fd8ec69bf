// The magnet of Ising (1925) on a square lattice of `size` × `size` spins whose edges are joined: each spin points up or
// down and likes to point as its four neighbours do; heat disturbs them. Below a critical temperature they agree.
//
// Spins are flipped in clusters (Wolff 1989): from a spin chosen at random the cluster grows to neighbours that agree, each
// with probability 1 − exp(−2/T). So the lattice forgets its state quickly at the critical temperature too.
//
// In: CSV with the columns size and temperature, a point of the sweep on each line.
// Out: CSV; the mean of |m| with its standard error from 20 blocks, and Binder's cumulant 1 − ⟨m⁴⟩ / 3⟨m²⟩².
// Arguments: flips for each spin; the seed. The same point gives the same numbers wherever it stands in the sweep.

import { args, fail, readLines, writeLine } from 'taika';

const flipsPerSpin = parseFloat(args()[0]);
const seed = i64(parseInt(args()[1]));
/** Share of the flips that only warm the lattice up. */
const warmUp: f64 = 0.1;
const blocks: i32 = 20;

/** Steele, Lea and Flood (2014): SplitMix64. */
let state: u64 = 0;
function random(): u64 {
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

let spins = new StaticArray<i8>(0);
let cluster = new StaticArray<i32>(0);
/** Four for each spin. */
let neighbours = new StaticArray<i32>(0);
let magnetisation: i32 = 0;

function begin(size: i32, temperature: f64): void {
  const count = size * size;
  spins = new StaticArray<i8>(count);
  cluster = new StaticArray<i32>(count);
  neighbours = new StaticArray<i32>(4 * count);
  for (let i = 0; i < count; i++) {
    spins[i] = 1;
    const row = i - (i % size);
    neighbours[4 * i] = row + ((i + 1) % size);
    neighbours[4 * i + 1] = row + ((i + size - 1) % size);
    neighbours[4 * i + 2] = (i + size) % count;
    neighbours[4 * i + 3] = (i + count - size) % count;
  }
  magnetisation = count;
  state = <u64>seed * 1_000_003 + <u64>size * 65_537 + <u64>Math.round(temperature * 10_000);
  for (let i = 0; i < 4; i++) random();
}

/** Flips one cluster and gives its size. `threshold` is the probability of growing, out of 2^32. */
function flipCluster(threshold: u64): i32 {
  const first = <i32>(((random() >> 32) * <u64>spins.length) >> 32);
  const old = unchecked(spins[first]);
  unchecked((spins[first] = -old));
  unchecked((cluster[0] = first));
  let length = 1;
  for (let done = 0; done < length; done++) {
    const here = 4 * unchecked(cluster[done]);
    for (let side = 0; side < 4; side++) {
      const to = unchecked(neighbours[here + side]);
      if (unchecked(spins[to]) != old || random() >> 32 >= threshold) continue;
      unchecked((spins[to] = -old));
      unchecked((cluster[length++] = to));
    }
  }
  magnetisation -= 2 * <i32>old * length;
  return length;
}

function measure(size: i32, temperature: f64): string {
  begin(size, temperature);
  const count = <f64>(size * size);
  const probability: f64 = 1.0 - Math.exp(-2 / temperature);
  const threshold = u64(probability * 4294967296.0);
  let flips: f64 = 0;
  let clusters: f64 = 0;
  while (flips < warmUp * flipsPerSpin * count) {
    flips += <f64>flipCluster(threshold);
    clusters += 1;
  }
  // How many clusters are measured is fixed before the first is: a measurement must not decide when to stop.
  const perBlock = <i32>Math.ceil(((1 - warmUp) * flipsPerSpin * count * clusters) / flips / <f64>blocks);
  let sum: f64 = 0;
  let sumOfSquares: f64 = 0;
  let second: f64 = 0;
  let fourth: f64 = 0;
  for (let block = 0; block < blocks; block++) {
    let blockSum: f64 = 0;
    for (let i = 0; i < perBlock; i++) {
      flipCluster(threshold);
      const m = Math.abs(<f64>magnetisation) / count;
      blockSum += m;
      second += m * m;
      fourth += m * m * m * m;
    }
    const mean = blockSum / <f64>perBlock;
    sum += mean;
    sumOfSquares += mean * mean;
  }
  const all = <f64>blocks * <f64>perBlock;
  const mean = sum / <f64>blocks;
  const variance = max<f64>(0, sumOfSquares / <f64>blocks - mean * mean);
  const error = Math.sqrt(variance / <f64>(blocks - 1));
  const binder = 1 - fourth / all / (3 * (second / all) * (second / all));
  return format(mean) + ',' + format(error) + ',' + format(binder);
}

function format(value: f64): string {
  const scaled = i64(Math.round(Math.abs(value) * 1_000_000));
  const sign = value < 0 && scaled > 0 ? '-' : '';
  return sign + (scaled / 1_000_000).toString() + '.' + (scaled % 1_000_000).toString().padStart(6, '0');
}

const lines = readLines();
if (lines[0] != 'size,temperature')
  fail('The columns must be size and temperature, and they are: ' + lines[0]);
writeLine('size,temperature,magnetisation,error,binder');
for (let i = 1; i < lines.length; i++) {
  const fields = lines[i].split(',');
  writeLine(lines[i] + ',' + measure(i32(parseInt(fields[0])), parseFloat(fields[1])));
}
