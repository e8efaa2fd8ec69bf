/**
 * Fuel for work the host does for a program, part of cost table version 1. Fuel stands for about 0.1 ns
 * (SANDBOX.md), so the numbers are measured times: a host call with its checks takes 50 to 100 ns, moving a
 * byte 0.1 ns, and a random byte, from a cipher in JavaScript, 3 ns. They only have to be the same
 * everywhere and high enough that host calls are no cheap way to keep a terminal busy.
 */
export const hostCost = {
  call: 600,
  perByte: 1,
  perRandomByte: 30,
} as const;
