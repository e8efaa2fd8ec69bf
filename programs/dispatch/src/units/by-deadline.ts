/** Of a job, what its place in the queue depends on. */
export interface QueuedJob {
  readonly customerNumber: bigint;
  readonly deadlineAt: Date | null;
}

/**
 * Jobs in an order of turns, and within each customer's turns the job that is due first. A deadline puts a job before others
 * of the same customer, and takes nothing from anybody else: each customer's turns stay where they were.
 */
export function byDeadline<Job extends QueuedJob>(jobs: readonly Job[]): Job[] {
  if (jobs.every(({ deadlineAt }) => deadlineAt === null)) return [...jobs];
  const queues = new Map<bigint, Job[]>();
  for (const job of jobs) {
    const queue = queues.get(job.customerNumber) ?? [];
    queue.push(job);
    queues.set(job.customerNumber, queue);
  }
  for (const queue of queues.values()) queue.sort((a, b) => dueMs(a) - dueMs(b));
  return jobs.map((job) => queues.get(job.customerNumber)?.shift() ?? job);
}

/** Without a deadline: after all that have one. A finite number, because the difference of two infinite ones is none. */
function dueMs({ deadlineAt }: QueuedJob): number {
  return deadlineAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
