/**
 * The long run behind `npm run fuzz`: the corpus, then all targets in turn until the runs or the minutes are used up.
 * What it finds is made as small as it gets, saved, and printed with the command that shows it again.
 */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { readCorpus, saveEntry } from './corpus.ts'
import { checkStream, type StreamInput } from './stream-check.ts'
import { TARGETS, type FuzzTarget } from './targets.ts'

const USAGE = `npm run fuzz -- [options]: new inputs for everything that reads what a peer sent.

  --runs N       inputs for each target, times its weight (default 10000)
  --minutes M    stop after so long, whatever is left; without --runs, until then
  --seed S       begin here (default: by chance; it is printed)
  --only NAME    one target: ${TARGETS.map(({ name }) => name).join(', ')}
  --path P       with --seed and --only: exactly the input that a find was printed with
  --corpus NAME  only this file of the corpus
  --no-corpus    do not replay the corpus first
  --no-shrink    print the first find as it is, however large
  --no-save      do not write what is found into the corpus
`

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    path: { type: 'string' },
    corpus: { type: 'string' },
    'no-corpus': { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
    'no-save': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const fail = (message: string): never => {
  process.stderr.write(`${message}\n\n${USAGE}`)
  process.exit(2)
}

const whole = (name: 'runs' | 'seed', fallback: number): number => {
  const value = values[name] === undefined ? fallback : Number(values[name])
  return Number.isInteger(value) ? value : fail(`--${name} takes a whole number`)
}

/** Inputs between two looks at the clock. */
const BATCH = 200

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Uint8Array) return Buffer.from(each).toString('hex')
    return typeof each === 'bigint' ? String(each) : each
  })

const shorten = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)} …` : text

const isStream = (input: unknown): input is StreamInput =>
  typeof input === 'object' && input !== null && 'bytes' in input && 'rules' in input

interface Find {
  readonly target: FuzzTarget
  readonly seed: number
  readonly path: string
  readonly input: unknown
  readonly error: unknown
}

const report = ({ target, seed, path, input, error }: Find): void => {
  const lines = [
    `\nFound, in ${target.name}:`,
    shorten(show(input), 4_000),
    '',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    '',
    `Again: npm run fuzz -- --only ${target.name} --seed ${seed} --path ${path}`,
  ]
  if (isStream(input) && !values['no-save'] && values.path === undefined) {
    const about = `${target.name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`
    const file = saveEntry(`found-${target.name}-${seed >>> 0}`, input, about)
    lines.push(`Saved: test/fuzz/corpus/${file} (npm run fuzz -- --corpus ${file})`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

const replay = (): void => {
  const corpus = readCorpus(values.corpus)
  if (corpus.length === 0) fail('there is no such file in the corpus')
  for (const entry of corpus) {
    try {
      checkStream(entry)
    } catch (error) {
      process.stdout.write(
        `Found, in the corpus: ${entry.name} (${entry.about})\n${(error as Error).stack}\n`,
      )
      process.exit(1)
    }
  }
  process.stdout.write(`The corpus holds: ${corpus.length} inputs.\n`)
}

/** One batch. @returns what it found. */
const runBatch = (target: FuzzTarget, seed: number, numRuns: number): Find | undefined => {
  const { path, 'no-shrink': asItIs } = values
  const result = fc.check(target.property(), {
    seed,
    numRuns,
    // What was made as small as it gets once is not made smaller again.
    endOnFailure: asItIs || path !== undefined,
    ...(path !== undefined && { path }),
  })
  if (!result.failed) return undefined
  const { counterexample, counterexamplePath, errorInstance } = result
  return { target, seed, path: counterexamplePath ?? '', input: counterexample?.[0], error: errorInstance }
}

const main = (): number => {
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const minutes = values.minutes === undefined ? Infinity : Number(values.minutes)
  if (!(minutes > 0)) fail('--minutes takes a number above 0')
  const most = whole('runs', minutes === Infinity ? 10_000 : Number.MAX_SAFE_INTEGER)
  const seed = whole('seed', Math.floor(Math.random() * 2 ** 31))
  const targets = TARGETS.filter(({ name }) => values.only === undefined || name === values.only)
  if (targets.length === 0) fail(`there is no target "${values.only}"`)
  if (values.path !== undefined && targets.length > 1) fail('--path needs --only')
  if (!values['no-corpus'] && values.path === undefined) replay()
  if (values.corpus !== undefined) return 0
  return runAll(targets, { most, seed, until: performance.now() + minutes * 60_000 })
}

const runAll = (
  targets: readonly FuzzTarget[],
  { most, seed, until }: { most: number; seed: number; until: number },
): number => {
  const startedAt = performance.now()
  const done = new Map(targets.map((target) => [target, 0]))
  const total = (): number => [...done.values()].reduce((sum, runs) => sum + runs, 0)
  const progress = (): string => {
    const seconds = (performance.now() - startedAt) / 1000
    return `${total()} inputs in ${seconds.toFixed(0)} s (${Math.round(total() / seconds)}/s), seed ${seed}`
  }
  for (let round = 0; ; round++) {
    const left = targets.filter((target) => done.get(target)! < most * target.weight)
    if (left.length === 0 || performance.now() > until) break
    for (const target of left) {
      const runs = Math.min(BATCH * target.weight, most * target.weight - done.get(target)!)
      // A seed for each batch, so that a find is shown again without what came before it.
      const find = runBatch(target, values.path === undefined ? (seed + round * 7919) | 0 : seed, runs)
      done.set(target, done.get(target)! + runs)
      if (find !== undefined) {
        report(find)
        return 1
      }
      if (process.stdout.isTTY) process.stdout.write(`\r${progress()}  ${target.name.padEnd(20)}`)
    }
    if (values.path !== undefined) break
    if (!process.stdout.isTTY && round % 20 === 19) process.stdout.write(`${progress()}\n`)
  }
  process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}Nothing found: ${progress()}.${' '.repeat(20)}\n`)
  return 0
}

process.exitCode = main()
