/** What the operating system says a process has used and holds: all of its threads, and nothing of ours. */
import { readdirSync, readFileSync } from 'node:fs'

const NANOSECONDS = 1e9

/** CPU time of all threads that there are since they began, in the kernel and out of it. */
export const cpuSecondsOf = (pid: number): number => {
  let sum = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
  return sum / NANOSECONDS
}

export const residentBytesOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1_024
