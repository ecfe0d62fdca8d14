/**
 * The simulator as a command: runs seeds, shows how far it is and how fast, and of a seed that fails prints what was
 * found, what happened before, and how to see it again. Exits with 1 when anything was found.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Fault } from './plan.ts'
import { type Outcome, run } from './run.ts'

const USAGE = `Usage: npm run simulate -- [options]
  --seeds N     how many seeds to run (2000)
  --from S      the first of them (1)
  --workers W   processes that share them (1)
  --trace SEED  run one seed and print everything that happens in it
  --first       stop at the first seed that fails
  --twice       run each seed twice, and expect the same trace`

/** Lines of a failing run that are printed unasked. */
const TAIL_LINES = 40
/** Failing seeds that are printed in full; of more only the numbers. */
const PRINTED = 3
const PROGRESS_MS = 500

/** What one worker has done since it last said so. */
interface Progress {
  readonly seeds: number
  readonly steps: number
  /** Virtual milliseconds. */
  readonly ms: number
  readonly delivered: number
  readonly failed: readonly number[]
  readonly faults: readonly Fault[]
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    trace: { type: 'string' },
    first: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    /** A worker tells its progress to the process that started it. */
    worker: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const whole = (name: 'seeds' | 'from' | 'workers' | 'trace'): number => {
  const number = Number(values[name])
  if (Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`--${name} is a whole number\n${USAGE}\n`)
  process.exit(2)
}

const nothing = (): { -readonly [Field in keyof Progress]: Progress[Field] } & {
  failed: number[]
  faults: Fault[]
} => ({ seeds: 0, steps: 0, ms: 0, delivered: 0, failed: [], faults: [] })

/** Seeds from `from` on, in this process. */
const runSeeds = async (from: number, seeds: number, tell: (progress: Progress) => void): Promise<void> => {
  let lastMs = performance.now()
  let since = nothing()
  for (let seed = from; seed < from + seeds; seed++) {
    const { hash, plan, steps, ms, delivered, violations } = await run(seed)
    since.seeds++
    since.steps += steps
    since.ms += ms
    since.delivered += delivered
    for (const fault of plan.faults) if (!since.faults.includes(fault)) since.faults.push(fault)
    const again = values.twice ? (await run(seed, { traced: true })).hash : hash
    if (again !== hash) process.stderr.write(`seed ${seed}: ${hash}, and then ${again}\n`)
    const failed = violations.length > 0 || again !== hash
    if (failed) since.failed.push(seed)
    const stop = values.first && failed
    if (performance.now() - lastMs < PROGRESS_MS && seed < from + seeds - 1 && !stop) continue
    tell(since)
    if (stop) return
    lastMs = performance.now()
    since = nothing()
    // What the event loop has to do otherwise, such as writing to a pipe.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The same in processes of their own. */
const runWorkers = async (count: number, tell: (progress: Progress) => void): Promise<void> => {
  const [from, seeds] = [whole('from'), whole('seeds')]
  const share = Math.ceil(seeds / count)
  const workers = Array.from({ length: count }, async (_, at) => {
    const size = Math.min(share, seeds - at * share)
    if (size <= 0) return
    const options = ['--worker', '--from', String(from + at * share), '--seeds', String(size)]
    for (const flag of ['first', 'twice'] as const) if (values[flag]) options.push(`--${flag}`)
    const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
    for await (const line of createInterface({ input: child.stdout })) tell(JSON.parse(line) as Progress)
    const status = await closed
    if (status !== 0) throw new Error(`a worker ended with ${status}`)
  })
  await Promise.all(workers)
}

const planLine = ({ plan }: Outcome): string =>
  [
    plan.calm ? 'calm' : 'faults',
    [...plan.faults].join(', ') || 'none',
    `${plan.broker} broker (${plan.brokerMs.toFixed(1)} ms), ${plan.nodes} nodes, ${plan.clients} clients`,
    `channels ${plan.channels.join(' and ')}`,
    `transports ${plan.transports.join(', ')}`,
    `publications ${Math.round(plan.publishGapMs)} ms apart`,
  ].join('; ')

const explain = async (seed: number, lines: number): Promise<Outcome> => {
  const outcome = await run(seed, { traced: true })
  say(`\nseed ${seed}: ${planLine(outcome)}`)
  const skipped = Math.max(0, outcome.trace.length - lines)
  if (skipped > 0) say(`  … ${skipped} lines before`)
  for (const line of outcome.trace.slice(skipped)) say(line)
  for (const { rule, what, atMs } of outcome.violations)
    say(`  ✖ ${rule}, at ${(atMs / 1_000).toFixed(4)} s: ${what}`)
  return outcome
}

const simulate = async (): Promise<void> => {
  const seeds = whole('seeds')
  const startedMs = performance.now()
  const total = nothing()
  let shown = -1
  const status = (): string => {
    const minutes = (performance.now() - startedMs) / 60_000
    const speed = Math.round(total.seeds / minutes).toLocaleString('en')
    return `${total.seeds} of ${seeds} seeds, ${total.failed.length} failed, ${speed} a minute`
  }
  const tell = (progress: Progress): void => {
    total.seeds += progress.seeds
    total.steps += progress.steps
    total.ms += progress.ms
    total.delivered += progress.delivered
    total.failed.push(...progress.failed)
    total.faults = [...new Set([...total.faults, ...progress.faults])]
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${status()}`)
    else if (Math.floor((total.seeds / seeds) * 10) > shown) {
      shown = Math.floor((total.seeds / seeds) * 10)
      say(status())
    }
  }
  const workers = whole('workers')
  await (workers > 1 ? runWorkers(workers, tell) : runSeeds(whole('from'), seeds, tell))
  if (process.stdout.isTTY) say('')
  const hours = Math.round(total.ms / 3_600_000).toLocaleString('en')
  say(
    `${status()}; ${total.steps.toLocaleString('en')} steps, ${hours} hours of virtual time, ${total.delivered.toLocaleString('en')} publications delivered`,
  )
  say(`faults: ${total.faults.toSorted().join(', ')}`)
  for (const seed of total.failed.slice(0, PRINTED)) {
    await explain(seed, TAIL_LINES)
    say(`  again: npm run simulate -- --trace ${seed}`)
  }
  if (total.failed.length > PRINTED) say(`\nAlso failed: ${total.failed.slice(PRINTED).join(', ')}`)
  if (total.failed.length > 0) process.exitCode = 1
}

if (values.help) say(USAGE)
else if (values.trace !== undefined) {
  const { violations, steps, hash } = await explain(whole('trace'), Infinity)
  say(`\n${steps} steps, trace ${hash}, ${violations.length} violations`)
  if (violations.length > 0) process.exitCode = 1
} else if (values.worker)
  await runSeeds(whole('from'), whole('seeds'), (progress) => say(JSON.stringify(progress)))
else await simulate()
