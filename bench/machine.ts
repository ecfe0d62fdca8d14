/** What a run was made on, in one line. */
import { cpus } from 'node:os'

export const machineOf = (times: string): string =>
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, median of ${times}`
