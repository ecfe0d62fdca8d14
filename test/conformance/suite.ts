// The whole suite, and its run against one subject by one way of travelling: a result for each case.

import type { Case, Section } from './case.ts'
import { closing } from './cases/closing.ts'
import { compression, parameters } from './cases/compression.ts'
import { fragmentation } from './cases/fragmentation.ts'
import { framing } from './cases/framing.ts'
import { limits } from './cases/limits.ts'
import { pings } from './cases/pings.ts'
import { opcodes, reservedBits } from './cases/reserved.ts'
import { utf8 } from './cases/utf8.ts'

export const SECTIONS: readonly Section[] = [
  framing,
  pings,
  reservedBits,
  opcodes,
  fragmentation,
  utf8,
  closing,
  limits,
]

/** A section with the cases that are wanted. */
export function only({ number, title, cases }: Section, wanted: (each: Case) => boolean): Section {
  return { number, title, cases: cases.filter(wanted) }
}

/** For subjects that speak permessage-deflate. */
export const COMPRESSION_SECTIONS: readonly Section[] = [compression, parameters]

export interface Result {
  readonly section: Section
  readonly case: Case
  /** What went otherwise; undefined for a case that passed. */
  readonly fault: string | undefined
}

/** Runs cases a few at a time; heavy ones one at a time behind them, so that they delay no other's deadline. */
export async function runCases(
  sections: readonly Section[],
  play: (each: Case) => Promise<void>,
  concurrency: number = 8,
): Promise<Result[]> {
  const all = sections.flatMap((section) => section.cases.map((each) => ({ section, case: each })))
  const results: Result[] = []
  const work = async (queue: typeof all): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const fault = await play(next.case).then(
        () => undefined,
        (error: unknown) => faultOf(error),
      )
      results.push({ ...next, fault })
    }
  }
  const light = all.filter((each) => each.case.heavy !== true)
  await Promise.all(Array.from({ length: concurrency }, () => work(light)))
  await work(all.filter((each) => each.case.heavy === true))
  return results
}

/** A Mismatch, a Violation or the network's own error is the subject's fault; anything else is the suite's. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) throw error
  const known = ['Mismatch', 'Violation'].includes(error.name) || 'code' in error
  if (!known) throw error
  return error.message
}

/** A line for each case that went otherwise, in the order of the suite. */
export function faultsOf(results: readonly Result[]): string[] {
  return results
    .filter(({ fault }) => fault !== undefined)
    .sort((a, b) => a.case.id.localeCompare(b.case.id, 'en', { numeric: true }))
    .map(({ case: { id, title, rfc }, fault }) => `${id} ${title} (RFC ${rfc}): ${fault}`)
}
