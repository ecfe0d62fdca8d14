/** `holdfast compare`: what it measures has the order that the transports' nature gives it, and it leaves nothing behind. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Comparison, rowsOf, STATES } from 'holdfast/lab'
import { writeDocuments } from '../../src/cli/compare/documents.ts'
import { tableOf } from '../../src/cli/compare/table.ts'
import { compare } from '../../src/lab/node.ts'
import { Command, run } from '../cli/command.ts'

const PLAN = {
  clients: 5,
  payloadBytes: 200,
  perSecond: 20,
  rates: [10, 20],
  pollIntervalMs: 400,
  windowSeconds: 2,
  idleSeconds: 1.5,
  waitingSeconds: 3,
}

let comparison: Comparison
let folder: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-compare-'))
  comparison = await compare({ plan: PLAN })
})
after(() => rmSync(folder, { recursive: true, force: true }))

const rowOf = (name: string) => rowsOf(comparison).find(({ transport }) => transport === name) as never as Row
type Row = Record<
  'requestsPerMessage' | 'bytesPerMessage' | 'overheadBytes' | 'cpuMicrosPerMessage',
  number
> &
  ReturnType<typeof rowsOf>[number]

test('everything comes once, over each transport', () => {
  assert.equal(rowsOf(comparison).length, 4)
  for (const { transport, lost, duplicated, deliveries } of rowsOf(comparison)) {
    assert.deepEqual([lost, duplicated], [0, 0], transport)
    // Five clients, twenty a second, for two seconds; a poll's window may be off by what is under way at its ends.
    assert.ok(deliveries > 120 && deliveries < 320, `${transport}: ${deliveries}`)
  }
})

test('a push asks for nothing, a long poll about once for each message, a poll by the clock', () => {
  assert.equal(rowOf('websocket').requestsPerMessage, 0)
  assert.equal(rowOf('sse').requestsPerMessage, 0)
  const long = rowOf('long-polling').requestsPerMessage
  assert.ok(long > 0.3 && long <= 1.1, `${long}`)
  const poll = rowOf('polling').requestsPerMessage
  assert.ok(poll > 0.06 && poll < 0.3, `${poll}`)
})

test('bytes: a frame costs least, a long poll most', () => {
  const [websocket, sse, long, poll] = ['websocket', 'sse', 'long-polling', 'polling'].map(
    (each) => rowOf(each).overheadBytes,
  ) as [number, number, number, number]
  assert.ok(websocket > 60 && websocket < 250, `${websocket}`)
  assert.ok(sse > websocket && sse < websocket + 40, `${sse}`)
  assert.ok(long > 3 * sse, `${long}`)
  assert.ok(poll > sse && poll < long, `${poll}`)
})

test('latency: regular polling waits for its turn, half an interval', () => {
  const { p50 } = rowOf('polling').latency
  assert.ok(p50 !== null && p50 > 100 && p50 < 600, `${p50}`)
  assert.ok((rowOf('websocket').latency.p50 ?? Infinity) < p50 / 2)
})

test('the sum of what each costs is what was counted', () => {
  for (const { transport, residual } of comparison.transports)
    assert.ok(residual.bytes < 0.1, `${transport}: ${residual.bytes}`)
  for (const { transport, perRequest, perMessage, perIdleSecond } of comparison.measurement.costs) {
    const asks = transport === 'long-polling' || transport === 'polling'
    assert.equal(perRequest.bytes > 500, asks, transport)
    assert.ok(perMessage.bytes > PLAN.payloadBytes, `${transport}: ${perMessage.bytes}`)
    assert.ok(perIdleSecond.bytes < 50)
  }
})

test('the table is plain where nothing else was asked for, and holds in 80 columns', () => {
  const plain = tableOf(comparison, { colour: false })
  assert.ok(!plain.includes('\u001b'))
  for (const line of plain.split('\n').slice(2)) assert.ok(line.length <= 80, line)
  assert.ok(tableOf(comparison, { colour: true }).includes('\u001b[32m'))
})

test('the page and its charts are written, and every rule that a state cites is there', () => {
  const files = writeDocuments(comparison, folder)
  assert.equal(files.length, 4)
  const page = readFileSync(join(folder, 'comparison.md'), 'utf8')
  for (const [, file] of page.matchAll(/\]\((comparison-[a-z]+\.svg)\)/g))
    assert.ok(readFileSync(join(folder, file as string), 'utf8').startsWith('<svg'))
  assert.ok(!/NaN|undefined|Infinity/.test(files.map((file) => readFileSync(file, 'utf8')).join('')))
  const protocol = readFileSync(join(import.meta.dirname, '..', '..', 'PROTOCOL.md'), 'utf8')
  for (const { rule } of Object.values(STATES).flat()) assert.ok(protocol.includes(`- **${rule}** `), rule)
})

test('Ctrl-C ends it at once, and every process that it has started', async () => {
  const command = new Command(['compare', '--quick'])
  await command.said(/warming up/)
  const children = readFileSync(`/proc/${command.pid}/task/${command.pid}/children`, 'utf8').trim().split(' ')
  assert.equal(children.length, 13)
  const before = performance.now()
  assert.equal(await command.stop('SIGINT'), 130)
  // Not when the windows would have been over.
  assert.ok(performance.now() - before < 15_000)
  assert.match(command.stderr, /nothing is left running/)
  for (const pid of children) assert.ok(!existsSync(`/proc/${pid}/stat`), pid)
})

test('what is too much is refused, and help teaches', async () => {
  const [help, much, odd] = await Promise.all([
    run(['compare', '--help']),
    run(['compare', '--clients', '500', '--rate', '200']),
    run(['compare', '--payload', '7']),
  ])
  assert.match(help.stdout, /Usage: holdfast compare.*Examples:/s)
  assert.deepEqual([much.status, odd.status], [2, 2])
  assert.match(much.stderr, /--clients times --rate is at most 4000/)
})
