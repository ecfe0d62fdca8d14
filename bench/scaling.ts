/**
 * How the cost of a delivery grows: with followers, with channels, with the history that is kept, with the size of a
 * message; and the cost of a connection with how many there are. Holdfast alone; says the exponent of each curve, and
 * draws them.
 */
import { parseArgs } from 'node:util'
import { type Growing, GROWING } from './growing.ts'
import { growthExponent, type Point } from './growth.ts'
import { type Growth, plainGrowth } from './growth-table.ts'
import { machineOf } from './machine.ts'
import { Contender } from './measure.ts'
import { median } from './median.ts'
import { Pages } from './pages.ts'
import { Progress } from './progress.ts'
import { HOLDFAST } from './subjects.ts'

const USAGE = `npm run bench -- scaling [options]
  --quick          every second size, once each
  --only <text>    only curves whose name contains it; may be repeated
  --rounds <n>     measurements of each size, 3
  --write          draws the curves into docs/performance, instead of bench/results`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3))

const curves = GROWING.filter(
  ({ name }) => options.only.length === 0 || options.only.some((text) => name.includes(text)),
)
const sizesOf = ({ sizes }: Growing): readonly number[] =>
  options.quick ? sizes.filter((_, at) => at % 2 === 0) : sizes

const pointsOf = async (curve: Growing, progress: Progress): Promise<Point[]> => {
  const points: Point[] = []
  for (const x of sizesOf(curve)) {
    const costs: number[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      progress.next(`${curve.name}: ${x} ${curve.across}, ${round} of ${ROUNDS}`)
      try {
        costs.push((await Contender.once(curve.workload(x), HOLDFAST)).cost)
      } catch (error) {
        progress.clear()
        console.error(`${curve.name}, ${x}: ${(error as Error).message}`)
      }
    }
    if (costs.length > 0) points.push({ x, y: median(costs) })
  }
  progress.clear()
  return points
}

const run = async (): Promise<void> => {
  const progress = new Progress(ROUNDS * curves.reduce((sum, curve) => sum + sizesOf(curve).length, 0))
  const grown: Growth[] = []
  for (const curve of curves) {
    const points = await pointsOf(curve, progress)
    if (points.length < 2) continue
    const growth = { ...curve, points, exponent: growthExponent(points) }
    console.log(plainGrowth(growth))
    grown.push(growth)
  }
  const pages = new Pages(options.write)
  await pages.writeGrowth(machineOf(String(ROUNDS)), grown)
  console.log(`\nTables and curves: ${pages.folder}`)
}

if (options.help) console.log(USAGE)
else await run()
process.exit(0)
