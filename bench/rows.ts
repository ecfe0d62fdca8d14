/** One workload measured on each of its servers, in turn: a row of figures for each, and what they are held against. */
import { Contender, type Figures, isRepeatable } from './measure.ts'
import { median } from './median.ts'
import type { Progress } from './progress.ts'
import type { Limit, Subject, Workload } from './workload.ts'

export interface Row {
  readonly subject: string
  /** In the order in which they were made; a hole where one failed. */
  readonly turns: readonly (Figures | undefined)[]
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

export interface Effort {
  /** Fresh servers. */
  readonly rounds: number
  /** Of each server in a round. */
  readonly turns: number
  readonly progress: Progress
}

export const rowsOf = async (
  workload: Workload,
  subjects: readonly Subject[],
  effort: Effort,
): Promise<Result> => {
  const rounds = new Rounds(workload, subjects, effort)
  for (let round = 0; round < effort.rounds; round++)
    await (isRepeatable(workload) ? rounds.beside(round) : rounds.oneAfterTheOther(round))
  return { workload, rows: rounds.rows(), failures: rounds.failures }
}

class Rounds {
  readonly failures: string[] = []
  readonly #measured: Map<Subject, (Figures | undefined)[]>
  readonly #workload: Workload
  readonly #effort: Effort

  constructor(workload: Workload, subjects: readonly Subject[], effort: Effort) {
    this.#measured = new Map(subjects.map((subject) => [subject, []]))
    this.#workload = workload
    this.#effort = effort
  }

  /** All of them are there and warm, and take turns: what a noisy machine does in a second, it does to each. */
  async beside(round: number): Promise<void> {
    const { turns } = this.#effort
    const contenders: [Subject, Contender][] = []
    try {
      for (const subject of this.#measured.keys()) {
        await this.#trying(subject, 'warms up', async () => {
          contenders.push([subject, await Contender.start(this.#workload, subject)])
        })
      }
      for (let turn = 0; turn < turns; turn++) {
        // Who goes first changes: that is an advantage, and so is following somebody who leaves little to do.
        const first = turn % contenders.length
        for (const [subject, contender] of [...contenders.slice(first), ...contenders.slice(0, first)])
          await this.#trying(subject, `turn ${turn + 1} of ${turns}`, async () =>
            this.#put(subject, round * turns + turn, await contender.turn()),
          )
      }
    } finally {
      for (const [, contender] of contenders) await contender.end()
    }
  }

  async oneAfterTheOther(round: number): Promise<void> {
    const subjects = [...this.#measured.keys()]
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      await this.#trying(subject, `round ${round + 1} of ${this.#effort.rounds}`, async () =>
        this.#put(subject, round, await Contender.once(this.#workload, subject)),
      )
    }
  }

  rows(): Row[] {
    const rows: Row[] = []
    for (const [{ name }, turns] of this.#measured) {
      if (turns.length === 0) continue
      const cost = median(turns.map((each) => each?.cost ?? Number.NaN))
      rows.push({ subject: name, turns, cost, ratio: ratioOf(turns, rows[0]?.turns ?? turns) })
    }
    return rows
  }

  #put(subject: Subject, at: number, figures: Figures): void {
    const turns = this.#measured.get(subject)
    if (turns !== undefined) turns[at] = figures
  }

  async #trying(subject: Subject, what: string, work: () => Promise<void>): Promise<void> {
    this.#effort.progress.next(`${this.#workload.name}: ${subject.name}, ${what}`)
    try {
      await work()
    } catch (error) {
      this.failures.push(`${subject.name}, ${what}: ${(error as Error).message}`)
    }
  }
}

/** What one costs beside another: turns are held against the other's of the same moment. */
const ratioOf = (ours: Row['turns'], others: Row['turns']): number =>
  median(ours.map((each, at) => (each?.cost ?? Number.NaN) / (others[at]?.cost ?? Number.NaN)))

/** What the figures say of each limit; none where one of the two was not measured. */
export const verdictsOf = ({ workload, rows }: Result): Verdict[] =>
  (workload.limits ?? []).flatMap((limit) => {
    const name = limit.of ?? workload.subjects.find(({ name }) => name.startsWith('Holdfast'))?.name
    const ours = rows.find(({ subject }) => subject === name)
    const other = rows.find(({ subject }) => subject === limit.beside)
    if (ours === undefined || (limit.beside !== undefined && other === undefined)) return []
    const reached = other === undefined ? ours.cost : ratioOf(ours.turns, other.turns)
    return [{ ...limit, of: ours.subject, reached, holds: reached <= limit.atMost }]
  })
