// What `inspect` tells, whoever it tells it to; lines.ts is for people, json-lines.ts for programs.

import type { OpeningReport } from './opening.ts'
import type { SeenFrame, Summary } from './session.ts'

export interface Report extends OpeningReport {
  frame(seen: SeenFrame): void
  summary(summary: Summary): void
}
