/** Files that were damaged behind the broker's back: cut off, bits turned, pages lost, rows changed. */
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { SqliteBroker } from 'holdfast/server'
import { damagedCopy, examine, fill, type Verdict } from './damaged-file.ts'
import { directory, FILE, page, PLAIN, publish, withBroker } from './on-disk.ts'

const FLIPS = 60
const PAGE_BYTES = 4_096

const original = directory()
const copies = directory()
let written: Awaited<ReturnType<typeof fill>> = []
let count = 0
const verdicts = new Map<Verdict, number>()

before(async () => {
  written = await withBroker(original, fill)
})
after(() => {
  // Enough of each was seen that the cases are no empty ones.
  assert.ok(
    (verdicts.get('error') ?? 0) > 0 && (verdicts.get('whole') ?? 0) > 0,
    JSON.stringify([...verdicts]),
  )
})

const tally = (verdict: Verdict): void => void verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)

/** Opens a damaged copy and reads everything in it. */
const examineCopy = async (damage: (bytes: Buffer) => Buffer): Promise<void> => {
  const broker = new SqliteBroker({ directory: damagedCopy(original, join(copies, String(++count)), damage) })
  try {
    const refused = await broker.opened().then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    if (refused !== undefined) {
      assert.match(
        refused.message,
        /holdfast\.db (is damaged|is truncated|is a SQLite file|was written|cannot be)/,
      )
      return tally('refused at open')
    }
    for (const each of written) tally(await examine(broker, each))
  } finally {
    await broker.dispose()
  }
}

/** Reproducible places, spread over the file. */
const places = (length: number, seed: number): number[] => {
  let state = seed
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  })
}

test(`a bit turned at any of ${FLIPS} places is found when it is read, or changes nothing`, async () => {
  for (const place of places(FLIPS, 7)) {
    await examineCopy((bytes) => {
      const at = Math.floor(place * bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << (Math.floor(place * 8_192) % 8))
      return bytes
    })
  }
})

test('a file cut off at any length is found when it is opened', async () => {
  const { size } = statSync(join(original, FILE))
  const lengths = [1, 99, 100, 512, PAGE_BYTES, PAGE_BYTES + 1, size / 2, size - PAGE_BYTES, size - 1]
  for (const length of lengths.map(Math.floor)) {
    const broker = new SqliteBroker({
      directory: damagedCopy(original, join(copies, String(++count)), (bytes) => bytes.subarray(0, length)),
    })
    await assert.rejects(broker.opened(), /holdfast\.db is (truncated|damaged)/, `${length} bytes`)
    await broker.dispose()
  }
})

test('a page lost to zeros is found when it is read', async () => {
  const pages = statSync(join(original, FILE)).size / PAGE_BYTES
  for (let each = 1; each < pages; each += 5) {
    await examineCopy((bytes) => bytes.fill(0, each * PAGE_BYTES, (each + 1) * PAGE_BYTES))
  }
})

/** A store whose rows somebody has changed with another program. */
const tampered = async (sql: string): Promise<{ path: string }> => {
  const path = damagedCopy(original, join(copies, String(++count)), (bytes) => bytes)
  const file = new DatabaseSync(join(path, FILE))
  file.exec(sql)
  file.close()
  return { path }
}

const SMALL = "(SELECT id FROM channels WHERE name = 'small')"

test('rows that were taken out, moved, or put back from before are found', async () => {
  for (const [sql, offset] of [
    [`DELETE FROM entries WHERE channel = ${SMALL} AND offset = 100`, 100],
    [`DELETE FROM entries WHERE channel = ${SMALL} AND offset = 1`, 1],
    [`DELETE FROM entries WHERE channel = ${SMALL} AND offset > 390`, 391],
    [
      `UPDATE entries SET record = (SELECT record FROM entries WHERE channel = ${SMALL} AND offset = 7)
      WHERE channel = ${SMALL} AND offset = 200`,
      200,
    ],
    [
      `UPDATE entries SET record = (SELECT record FROM entries WHERE offset = 20 AND channel <> ${SMALL} LIMIT 1)
      WHERE channel = ${SMALL} AND offset = 20`,
      20,
    ],
  ] as const) {
    const { path } = await tampered(sql)
    await withBroker(path, async (broker) => {
      const small = written.find(({ channel }) => channel === 'small') ?? assert.fail()
      assert.equal(await examine(broker, small), 'error', sql)
      if (offset > 1) {
        const before = await page(broker, 'small', {
          epoch: small.cursor.epoch,
          offset: Math.max(0, offset - 3),
        })
        assert.equal(before.upTo, offset - 1, 'a page ends before the damage')
      }
      for (const each of written) if (each !== small) assert.equal(await examine(broker, each), 'whole')
    })
  }
})

test('an entry put in from a copy that has gone on differently is found by the one behind it', async () => {
  const other = damagedCopy(original, join(copies, String(++count)), (bytes) => bytes)
  const ours = damagedCopy(original, join(copies, String(++count)), (bytes) => bytes)
  for (const [path, text] of [
    [other, 'theirs'],
    [ours, 'ours'],
  ] as const) {
    await withBroker(path, async (broker) => {
      for (let i = 0; i < 3; i++) await publish(broker, 'small', `${text} ${i}`)
    })
  }
  const file = new DatabaseSync(join(ours, FILE))
  file.exec(`ATTACH '${join(other, FILE)}' AS other`)
  file.exec(`UPDATE entries SET record = (SELECT record FROM other.entries WHERE channel = ${SMALL} AND offset = 401)
             WHERE channel = ${SMALL} AND offset = 401`)
  file.close()
  await withBroker(ours, async (broker) => {
    const { epoch } = await page(broker, 'small', 'now')
    const before = await page(broker, 'small', { epoch, offset: 399 })
    assert.equal(before.upTo, 401)
    await assert.rejects(
      page(broker, 'small', { epoch, offset: 401 }),
      /offset 402: the entry does not follow the one before it/,
    )
  })
})

test('a log goes on over damage: it is appended to, and rid of the damage by a trim that readers are told of', async () => {
  const { path } = await tampered(
    `UPDATE entries SET record = x'00' WHERE channel = ${SMALL} AND offset = 400`,
  )
  await withBroker(path, async (broker) => {
    assert.equal((await publish(broker, 'small', 'after')).first, 401)
    const { epoch } = await page(broker, 'small', 'now')
    await assert.rejects(
      page(broker, 'small', { epoch, offset: 399 }),
      /offset 400: the entry is not what was written/,
    )
    assert.equal(await broker.trim('small', 401), 401)
    const told = await page(broker, 'small', { epoch, offset: 399 })
    assert.deepEqual([told.gap, told.after, told.entries.length], ['trimmed', 400, 1])
  })
})

test('a channel whose own row was changed is refused by name; the others go on', async () => {
  const { path } = await tampered(`UPDATE channels SET epoch = 'mf0000000zzzz' WHERE id = ${SMALL}`)
  await withBroker(path, async (broker) => {
    await assert.rejects(page(broker, 'small'), /channel "small".*not what was written/)
    await assert.rejects(publish(broker, 'small', 1), { code: 'broker_unavailable' })
    await publish(broker, 'large', 1)
    await publish(broker, 'new', 1)
  })
})

test("a producer's row that was changed is a producer that nobody knows: in doubt, never appended twice", async () => {
  const { path } = await tampered(`UPDATE producers SET touched = touched + 1 WHERE channel = ${SMALL}`)
  await withBroker(path, async (broker) => {
    const producer = { id: 'producer of small', epoch: 0, seq: 19, again: true }
    const result = await broker.append({
      channel: 'small',
      entries: [{ data: '1' }],
      producer,
      create: PLAIN,
    })
    assert.ok(result.kind === 'refused' && result.code === 'producer_unknown')
    assert.deepEqual(await broker.fence('small', 'producer of small', 0), {
      known: false,
      last: -1,
      epoch: 1,
    })
  })
})

test('retention goes on over damage', async () => {
  const { path } = await tampered(`DELETE FROM entries WHERE channel = ${SMALL} AND offset < 30`)
  await withBroker(path, async (broker) => {
    assert.equal(await broker.trim('small', 20), 20)
    assert.equal(await broker.trim('small', 40), 40)
    const rest = await page(broker, 'small')
    assert.deepEqual([rest.after, rest.entries[0]?.publication.offset], [39, 40])
  })
})

test('the original is what it was', async () => {
  assert.ok(readFileSync(join(original, FILE)).length > 20 * PAGE_BYTES)
  await withBroker(original, async (broker) => {
    for (const each of written) assert.equal(await examine(broker, each), 'whole')
  })
})
