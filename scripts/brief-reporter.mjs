/** A reporter for logs: failures in full, what tests say of themselves, the slowest tests, and the totals. */
import { inspect } from 'node:util'

const SLOW_MS = 5_000

export default async function* brief(source) {
  const slow = []
  const failures = []
  let files = 0
  for await (const event of source) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') yield event.data.message
    // The runner's own totals are diagnostics too, of no file.
    if (event.type === 'test:diagnostic' && event.data.line !== undefined && !isTotal(event.data.message))
      yield `  ${event.data.message}\n`
    if (event.type === 'test:fail' && event.data.details?.error !== undefined) {
      const { name, file, line, details } = event.data
      const error = details.error
      if (error.failureType === 'subtestsFailed') continue
      failures.push(name)
      yield `\n✗ ${name} (${file ?? ''}:${line ?? ''})\n${inspect(error.cause ?? error, { depth: 4 })}\n`
    }
    if (event.type === 'test:pass' && event.data.nesting === 0) {
      files++
      if (event.data.details.duration_ms > SLOW_MS) slow.push(event.data)
    }
    if (event.type === 'test:coverage') yield* coverage(event.data.summary)
    if (event.type === 'test:summary' && event.data.file === undefined) {
      const { counts, duration_ms } = event.data
      for (const { name, details } of slow) yield `  slow: ${Math.round(details.duration_ms)} ms ${name}\n`
      yield `ℹ tests ${counts.tests}\nℹ pass ${counts.passed}\nℹ fail ${counts.tests - counts.passed - counts.skipped - counts.todo}\nℹ skipped ${counts.skipped}\nℹ duration_ms ${Math.round(duration_ms)}\n`
    }
  }
}

const isTotal = (message) => /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(message)

function* coverage({ files, totals }) {
  for (const file of files) {
    const branches = file.branches.filter((branch) => branch.count === 0).map((branch) => branch.line)
    const lines = file.lines.filter((line) => line.count === 0).map((line) => line.line)
    if (branches.length + lines.length > 0)
      yield `  not reached: ${file.path} lines ${lines} branches at ${branches}\n`
  }
  yield `  coverage: ${totals.coveredBranchPercent.toFixed(2)} % of branches, ${totals.coveredLinePercent.toFixed(2)} % of lines\n`
}
