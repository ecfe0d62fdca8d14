/**
 * Holdfast beside its peers, in turn: what each server used according to the operating system, medians.
 * Prints tables, and writes them with a chart for each workload.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { machineOf } from './machine.ts'
import { isRepeatable } from './measure.ts'
import { Pages } from './pages.ts'
import { Progress } from './progress.ts'
import { type Result, rowsOf } from './rows.ts'
import { plainTable, plainVerdicts } from './tables.ts'
import type { Subject, Workload } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

const USAGE = `npm run bench [-- options]
  (nothing)        everything: beside the peers, then raw, scaling and durable; tables and charts in bench/results
  --quick          the rows that matter most, once each: about two minutes
  --only <text>    only workloads whose name contains it; may be repeated
  --peer <text>    only servers whose name contains it, beside the first; may be repeated
  --rounds <n>     times that every server is started afresh, 2
  --turns <n>      measurements of each server in a round, 5
  --write          tables and charts into docs/performance; with everything, or with any of these
  --json           every figure as JSON
  peers, raw, scaling, durable
                   one part: beside the peers, the WebSocket alone beside ws, what costs grow with, the store;
                   npm run bench -- raw --help tells of its own options`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    turns: { type: 'string' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Servers of a workload that `--quick` measures. */
const QUICK_SUBJECTS = 4

const isChosen = ({ name, quick }: Workload): boolean =>
  options.only.length > 0
    ? options.only.some((text) => name.includes(text))
    : !options.quick || quick === true

const subjectsOf = ({ subjects }: Workload): readonly Subject[] => {
  if (options.peer.length > 0)
    return subjects.filter(({ name }, at) => at === 0 || options.peer.some((text) => name.includes(text)))
  return options.quick ? subjects.slice(0, QUICK_SUBJECTS) : subjects
}

const run = async (): Promise<void> => {
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 2))
  const turns = Number(options.turns ?? (options.quick ? 1 : 5))
  const chosen = WORKLOADS.filter(isChosen)
  const machine = machineOf(`${rounds} × ${turns}`)
  const say = (text: string): void => void (options.json || console.log(text))
  say(machine)
  if ((loadavg()[0] ?? 0) > cpus().length / 2)
    say('the machine is busy with other work: believe ratios, not figures')
  const steps = (each: Workload): number =>
    subjectsOf(each).length * (isRepeatable(each) ? turns + 1 : 1) * rounds
  const progress = new Progress(chosen.reduce((sum, each) => sum + steps(each), 0))
  const results: Result[] = []
  for (const workload of chosen) {
    const result = await rowsOf(workload, subjectsOf(workload), { rounds, turns, progress })
    progress.clear()
    say(plainTable(result))
    results.push(result)
  }
  if (results.some(({ workload }) => workload.limits !== undefined)) say(plainVerdicts(results))
  if (options.json) return console.log(JSON.stringify({ machine, results }, null, 2))
  const pages = new Pages(options.write)
  await pages.writeTables(machine, results)
  say(`\nTables and charts: ${pages.folder}`)
}

if (options.help) console.log(USAGE)
else await run()
process.exit(0)
