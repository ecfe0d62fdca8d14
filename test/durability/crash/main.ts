/** `npm run crash -- --kills N`: the long crash run, with its progress and its figures. */
import { parseArgs } from 'node:util'
import { crash } from './run.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const kills = Number(values.kills)
if (!Number.isSafeInteger(kills) || kills < 1) {
  process.stderr.write('crash: --kills takes a whole number from 1\n')
  process.exit(2)
}

const report = await crash({
  kills,
  progress: (done, acknowledged) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[K${done} of ${kills} kills, ${acknowledged} acknowledged`)
  },
})
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const rows: [string, number][] = [
    ['kills', report.kills],
    ['publications in the logs', report.publications],
    ['acknowledged', report.acknowledged],
    ['lost', report.lost],
    ['doubled', report.doubled],
    ['out of order', report.outOfOrder],
    ['in doubt', report.inDoubt],
    ['in doubt, and in the log once', report.inDoubtStored],
    ['in doubt, and doubled', report.inDoubtDoubled],
    ['refused', report.refused],
    ['gaps told to the follower', report.gaps],
    ['misdelivered to the follower', report.misdelivered],
    ['seconds', Math.round(report.seconds)],
  ]
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(30)}${String(value).padStart(10)}\n`)
}
const { lost, doubled, outOfOrder, gaps, misdelivered } = report
process.exit(lost + doubled + outOfOrder + gaps + misdelivered === 0 ? 0 : 1)
