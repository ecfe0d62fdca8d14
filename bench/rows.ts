/** One workload measured on each of its servers, in turn: a row of figures for each, and what they are held against. */
import { type Figures, measure } from './measure.ts'
import { median } from './median.ts'
import type { Progress } from './progress.ts'
import type { Limit, Subject, Workload } from './workload.ts'

export interface Row {
  readonly subject: string
  readonly rounds: readonly Figures[]
  readonly cost: number
  /** To the first row. */
  readonly ratio: number
}

export interface Result {
  readonly workload: Workload
  readonly rows: readonly Row[]
  /** Servers that could not be measured, and why. */
  readonly failures: readonly string[]
}

export interface Verdict extends Limit {
  readonly of: string
  readonly reached: number
  readonly holds: boolean
}

export const rowsOf = async (
  workload: Workload,
  subjects: readonly Subject[],
  { rounds, progress }: { readonly rounds: number; readonly progress: Progress },
): Promise<Result> => {
  const measured = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]))
  const failures: string[] = []
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes, so that nobody always follows the other's mess.
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      progress.next(`${workload.name}: ${subject.name}, ${round + 1} of ${rounds}`)
      try {
        measured.get(subject)?.push(await measure(workload, subject))
      } catch (error) {
        failures.push(`${subject.name}, round ${round + 1}: ${(error as Error).message}`)
      }
    }
  }
  const rows: Row[] = []
  for (const [{ name }, rounds] of measured) {
    if (rounds.length === 0) continue
    const cost = median(rounds.map(({ cost }) => cost))
    rows.push({ subject: name, rounds, cost, ratio: cost / (rows[0]?.cost ?? cost) })
  }
  return { workload, rows, failures }
}

/** What the figures say of each limit; none where one of the two was not measured. */
export const verdictsOf = ({ workload, rows }: Result): Verdict[] =>
  (workload.limits ?? []).flatMap((limit) => {
    const name = limit.of ?? workload.subjects.find(({ name }) => name.startsWith('Holdfast'))?.name
    const ours = rows.find(({ subject }) => subject === name)
    const other = rows.find(({ subject }) => subject === limit.beside)
    if (ours === undefined || (limit.beside !== undefined && other === undefined)) return []
    const reached = other === undefined ? ours.cost : ours.cost / other.cost
    return [{ ...limit, of: ours.subject, reached, holds: reached <= limit.atMost }]
  })
