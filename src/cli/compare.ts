/** `holdfast compare`: the four transports beside each other, measured on this machine. */
import { parseArgs } from 'node:util'
import { compare as measure, type ComparePlan, LEAST_BYTES, MOST_BYTES, secondsOf } from '../lab/node.ts'
import { writeDocuments } from './compare/documents.ts'
import { ProgressLine } from './compare/progress-line.ts'
import { tableOf } from './compare/table.ts'
import { numberOption, UsageError } from './usage-error.ts'

export const compareUsage: string = `holdfast compare: measure the transports beside each other, on this machine.

Usage: holdfast compare [options]

  --quick           three rates, short: half a minute instead of two minutes
  --clients N       clients of each transport (default 20)
  --rate R          publications per second of the table (default 20); a quarter and four times as many are
                    measured too, so that it shows what grows and what does not
  --payload B       bytes of a publication's data, from ${LEAST_BYTES} to ${MOST_BYTES} (default 128)
  --poll MS         how often regular polling asks, milliseconds (default 500)
  --json            everything that was measured, as JSON, instead of the table
  --write DIR       also write comparison.md and its charts to a directory

For each transport one node, on logs in memory, in a process of its own, and its clients in another. All nodes make
the same publications at the same time. Clients are Holdfast's own, and send the header fields of a browser.

What is measured, and by whom:
  latency           from publishing to the client's handler, by one clock; a poll's wait is in it
  requests          HTTP requests that the server has answered, for each message that one client was handed
  bytes             what the server's sockets have read and written, without TCP's and IP's own headers
  server CPU        what the operating system counts for the server's process, without what publishing costs it
                    with nobody connected
  lost, duplicated  by numbers in the content, not by the client's own count
The second table adds it up: a request, a message, an idle second. It is fitted to all rates, and says how far it
is off where it fits worst (bytes, CPU).

Nothing else should run meanwhile: latency and CPU time are this machine's, ratios mean more than numbers.
Ctrl-C ends it and every process that it has started.

Examples:
  holdfast compare --quick
  holdfast compare --clients 100 --rate 5 --payload 1024
  holdfast compare --json | jq '.measurement.costs'
`

const OPTIONS = {
  quick: { type: 'boolean' },
  clients: { type: 'string' },
  rate: { type: 'string' },
  payload: { type: 'string' },
  poll: { type: 'string' },
  json: { type: 'boolean' },
  write: { type: 'string' },
} as const

export const compare = async (args: string[]): Promise<number> => {
  const { values } = parseArgs({ args, options: OPTIONS })
  const plan = planOf(values)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort(new Error('interrupted'))
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const line = new ProgressLine(process.stderr)
  if (process.stderr.isTTY !== true)
    process.stderr.write(`this takes about ${Math.round(secondsOf(plan))} s\n`)
  try {
    const comparison = await measure({ plan, signal: stop.signal, progress: (step) => line.show(step) })
    line.clear()
    const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR']
    if (values.json === true) process.stdout.write(`${JSON.stringify(comparison, undefined, 2)}\n`)
    else process.stdout.write(`\n${tableOf(comparison, { colour })}`)
    if (values.write !== undefined)
      for (const file of writeDocuments(comparison, values.write)) process.stderr.write(`wrote ${file}\n`)
    return 0
  } catch (error) {
    line.clear()
    if (!stop.signal.aborted) throw error
    process.stderr.write('stopped: nothing is left running\n')
    return 130
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

/** A second, of each transport: the process of its clients must keep up. */
const MOST_DELIVERIES = 16_000

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

const planOf = ({ quick = false, clients, rate, payload, poll }: Values): ComparePlan => {
  const perSecond = numberOption('rate', rate, 1, 200) ?? 20
  const each = numberOption('clients', clients, 1, 500) ?? 20
  if (4 * perSecond * each > MOST_DELIVERIES)
    throw new UsageError(
      `four times ${perSecond} publications/s to ${each} clients are too many for one process of clients: ` +
        `--clients times --rate is at most ${MOST_DELIVERIES / 4}`,
    )
  return {
    clients: each,
    payloadBytes: numberOption('payload', payload, LEAST_BYTES, MOST_BYTES) ?? 128,
    pollIntervalMs: numberOption('poll', poll, 100, 10_000) ?? 500,
    perSecond,
    rates: (quick ? [1 / 4, 1, 4] : [1 / 8, 1 / 4, 1 / 2, 1, 2, 4]).map((factor) => perSecond * factor),
    windowSeconds: quick ? 4.5 : 12,
    idleSeconds: quick ? 3.5 : 20,
    waitingSeconds: 28,
  }
}
