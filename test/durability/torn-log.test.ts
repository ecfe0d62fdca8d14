/**
 * The write-ahead log that a killed process leaves behind, torn and damaged. What was synced and is damaged is found
 * when the file is opened; what is cut off is told to whoever had read further. Nothing is there that was not written.
 */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { SqliteBroker } from 'holdfast/server'
import { directory, FILE, page, readAll, withBroker } from './on-disk.ts'
import { WritingProcess } from './writing-process.ts'

const WAL = `${FILE}-wal`
const CHANNEL = 'channel 0'
const original = directory()
const copies = directory()
let values: unknown[] = []
let last: { epoch: string; offset: number; stamp: string | undefined }
let count = 0

before(async () => {
  const writer = new WritingProcess({ directory: original, publishers: 1, bytes: 400 })
  let acknowledged = 0
  await writer.said(({ kind }) => kind === 'appended' && ++acknowledged === 60)
  await writer.kill()
  const whole = copy((wal) => wal)
  await withBroker(whole, async (broker) => {
    values = await readAll(broker, CHANNEL)
    const { epoch, top } = await page(broker, CHANNEL, 'now')
    const at = await page(broker, CHANNEL, { epoch, offset: top - 1 })
    last = { epoch, offset: top, stamp: at.entries[0]?.publication.stamp }
  })
  assert.ok(values.length >= 60)
})

const copy = (damage: (wal: Buffer) => Buffer): string => {
  const path = join(copies, String(++count))
  cpSync(original, path, { recursive: true })
  writeFileSync(join(path, WAL), damage(readFileSync(join(path, WAL))))
  return path
}

type Outcome = 'refused' | 'whole' | 'shorter'

/** What became of a damaged log. @throws AssertionError when something is there that should not be, or is kept quiet */
const examine = async (path: string): Promise<{ outcome: Outcome; missing: number }> => {
  const broker = new SqliteBroker({ directory: path })
  try {
    const refused = await broker.opened().then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    if (refused !== undefined) {
      assert.match(refused.message, /holdfast\.db-wal is damaged \(frame \d+\).*Restore both files/)
      return { outcome: 'refused', missing: 0 }
    }
    if ((await broker.describe(CHANNEL)) === undefined) return { outcome: 'shorter', missing: values.length }
    const read = await readAll(broker, CHANNEL)
    assert.deepEqual(read, values.slice(0, read.length))
    const missing = values.length - read.length
    const resumed = await page(broker, CHANNEL, last)
    assert.equal(resumed.gap, missing === 0 ? undefined : 'ahead')
    return { outcome: missing === 0 ? 'whole' : 'shorter', missing }
  } finally {
    await broker.dispose()
  }
}

test('a bit turned anywhere in it is found when the file is opened, but for the last commit, which is then gone', async () => {
  const { length } = readFileSync(join(original, WAL))
  let refused = 0
  for (let each = 0; each < 40; each++) {
    const at = Math.floor((length * (each + 0.37)) / 40)
    const path = copy((wal) => {
      wal[at] = (wal[at] as number) ^ (1 << (each % 8))
      return wal
    })
    const { outcome, missing } = await examine(path)
    if (outcome === 'refused') refused++
    assert.ok(missing <= 1, `byte ${at} of ${length}: ${missing} publications are gone and nobody was told`)
  }
  assert.ok(refused >= 35, `${refused}`)
})

test('its header damaged is found too', async () => {
  for (const at of [0, 3, 9, 18, 30]) {
    const path = copy((wal) => {
      wal[at] = (wal[at] as number) ^ 4
      return wal
    })
    assert.equal((await examine(path)).outcome, 'refused', `byte ${at}`)
  }
})

test('cut off anywhere it is a shorter log: all before the cut, and a gap for whoever had read further', async () => {
  const { length } = readFileSync(join(original, WAL))
  for (const part of [0, 0.001, 0.2, 0.333, 0.5, 0.77, 0.9, 0.999]) {
    const { outcome } = await examine(copy((wal) => wal.subarray(0, Math.floor(length * part))))
    assert.equal(outcome, 'shorter')
  }
})

test('what a crash may leave of a commit that was never synced is no damage', async () => {
  // Its frames, in any part: here with garbage in the first and the last one whole.
  const frame = 24 + 4_096
  const path = copy((wal) => wal.fill(0xaa, wal.length - frame + 100, wal.length - frame + 200))
  const { outcome } = await examine(path)
  assert.notEqual(outcome, 'refused')
})
