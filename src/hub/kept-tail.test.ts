import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogStatus, Move, Page, Position, Publication } from '../channel/index.ts'
import { KeptTail } from './kept-tail.ts'

type Found = Extract<Page, { kind: 'page' }>

const publication = (offset: number): Publication => ({
  offset,
  time: 0,
  data: '0'.repeat(36),
  key: undefined,
  removed: false,
  producer: undefined,
  stamp: undefined,
})

/** What the publications here weigh. */
const EACH = 100

const pageOf = (after: number, upTo: number, fields: Partial<Found> = {}): Found => ({
  kind: 'page',
  epoch: 'e1',
  floor: 1,
  top: upTo,
  status: 'open',
  contentType: 'json',
  conflated: false,
  gap: undefined,
  skippedFrom: undefined,
  after,
  upTo,
  entries: Array.from({ length: upTo - after }, (_, i) => ({
    from: after + i,
    publication: publication(after + i + 1),
  })),
  ...fields,
})

const move = (top: number, fields: Partial<Move> = {}): Move => ({
  epoch: 'e1',
  floor: 1,
  top,
  status: 'open',
  ...fields,
})

/** A kept tail whose reads are answered by hand. */
class Drive {
  readonly reads: { from: Position; answer: (page: Page) => void; fail: (error: Error) => void }[] = []
  /** What the tail was each time that it said that it had moved. */
  readonly seen: string[] = []
  readonly kept: KeptTail
  asked = 0

  constructor(tailBytes = 1_000_000) {
    this.kept = new KeptTail({
      tailBytes,
      read: (from) => {
        this.asked++
        return new Promise((answer, fail) => this.reads.push({ from, answer, fail }))
      },
      moved: () => this.seen.push(this.tail),
    })
  }

  get tail(): string {
    const { tail } = this.kept
    return tail === undefined ? 'unknown' : `${tail.epoch} ${tail.floor}..${tail.top} ${tail.status}`
  }

  async answer(page: Page): Promise<Position> {
    const read = this.reads.shift()
    assert.ok(read, 'a read was expected')
    read.answer(page)
    await turns()
    return read.from
  }

  async fail(): Promise<void> {
    this.reads.shift()?.fail(new Error('away'))
    await turns()
  }
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await null
}

/** A drive that holds e1, with publications 1 to `top`. */
const filled = async (top: number, tailBytes?: number): Promise<Drive> => {
  const drive = new Drive(tailBytes)
  drive.kept.fill()
  await drive.answer(pageOf(0, 0))
  if (top > 0) {
    drive.kept.moved(move(top))
    await drive.answer(pageOf(0, top))
  }
  drive.seen.length = 0
  drive.asked = 0
  return drive
}

test('a tail begins at the end of the log, and tells when it is there', async () => {
  const drive = new Drive()
  assert.equal(drive.tail, 'unknown')
  drive.kept.fill()
  assert.equal(await drive.answer(pageOf(7, 7)), 'now')
  assert.deepEqual(drive.seen, ['e1 8..7 open'])
  assert.equal(drive.reads.length, 0)
})

test('an announced move is read from where the tail ends, page after page', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(5))
  assert.deepEqual(await drive.answer(pageOf(2, 4, { top: 5 })), { epoch: 'e1', offset: 2 })
  assert.deepEqual(await drive.answer(pageOf(4, 5)), { epoch: 'e1', offset: 4 })
  assert.deepEqual(drive.seen, ['e1 1..4 open', 'e1 1..5 open'])
  assert.equal(drive.kept.tail?.at(5).offset, 5)
})

test('a move that the tail holds already is passed on without a read', async () => {
  const drive = await filled(5)
  drive.kept.moved(move(5, { floor: 3 }))
  drive.kept.moved(move(4, { floor: 2 }))
  assert.deepEqual(drive.seen, ['e1 3..5 open', 'e1 3..5 open'])
  assert.equal(drive.asked, 0)
})

test('a move during a fill is read when that is over, once', async () => {
  const drive = await filled(1)
  for (const top of [2, 3, 4]) drive.kept.moved(move(top))
  assert.equal(drive.reads.length, 1)
  await drive.answer(pageOf(1, 2))
  assert.equal(drive.reads.length, 1)
  await drive.answer(pageOf(2, 4))
  assert.equal(drive.tail, 'e1 1..4 open')
  assert.equal(drive.reads.length, 0)
})

test('a move at any moment around the end of a fill is not lost', async () => {
  for (let delay = 0; delay < 12; delay++) {
    const drive = await filled(1)
    drive.kept.moved(move(2))
    drive.reads.shift()?.answer(pageOf(1, 2))
    for (let i = 0; i < delay; i++) await null
    drive.kept.moved(move(3))
    await turns()
    while (drive.reads.length > 0) await drive.answer(pageOf(drive.kept.tail?.top ?? 0, 3))
    assert.equal(drive.tail, 'e1 1..3 open', `${delay} microtasks after the answer`)
  }
})

test('a channel that is made while the tail learns that it is missing is not missed', async () => {
  const drive = new Drive()
  drive.kept.fill()
  drive.kept.moved(move(1))
  await drive.answer({ kind: 'missing', code: 'not_found' })
  assert.equal(await drive.answer(pageOf(0, 1)), 'now')
  assert.equal(drive.tail, 'e1 1..1 open')
})

test('a log that was trimmed past the tail is begun anew', async () => {
  const drive = await filled(3)
  drive.kept.moved(move(9, { floor: 8 }))
  assert.equal(drive.tail, 'e1 4..3 open', 'what is gone is not shown any more')
  await drive.answer(pageOf(7, 9, { floor: 8, gap: 'trimmed' }))
  assert.equal(drive.tail, 'e1 8..9 open')
})

test('a page tells of a trim that no move has announced', async () => {
  const drive = await filled(3)
  drive.kept.moved(move(4))
  await drive.answer(pageOf(3, 4, { floor: 3 }))
  assert.equal(drive.tail, 'e1 3..4 open')
})

test('the tail has a bound in bytes: the oldest go', async () => {
  const drive = await filled(2, 3 * EACH)
  drive.kept.moved(move(5))
  await drive.answer(pageOf(2, 5))
  assert.equal(drive.tail, 'e1 3..5 open')
  const tiny = await filled(2, EACH - 1)
  assert.equal(tiny.tail, 'e1 3..2 open')
})

test('a closed log is shown as closed when all of it is there, not before', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(4, { status: 'closed' }))
  assert.equal(drive.tail, 'e1 1..2 open')
  await drive.answer(pageOf(2, 3, { top: 4, status: 'closed' }))
  assert.equal(drive.tail, 'e1 1..3 open')
  await drive.answer(pageOf(3, 4, { status: 'closed' }))
  assert.equal(drive.tail, 'e1 1..4 closed')
})

test('closing and deleting are told at once where the tail has everything', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(2, { status: 'closed' }))
  drive.kept.moved(move(2, { status: 'deleted', floor: 3 }))
  assert.deepEqual(drive.seen, ['e1 1..2 closed', 'e1 3..2 deleted'])
  assert.equal(drive.asked, 0)
})

test('a status never goes back, whatever order the moves come in', async () => {
  const ranks: LogStatus[] = ['open', 'closed', 'deleted']
  for (const last of ranks) {
    for (const late of ranks.slice(0, ranks.indexOf(last) + 1)) {
      const drive = await filled(2)
      drive.kept.moved(move(2, { status: last }))
      drive.kept.moved(move(1, { status: late }))
      assert.equal(drive.kept.tail?.status, last)
    }
  }
})

test('a page that was read before the log closed does not open it again', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(9, { epoch: 'e0' }))
  drive.kept.moved(move(2, { status: 'closed' }))
  await drive.answer(pageOf(2, 2))
  assert.equal(drive.kept.tail?.status, 'closed')
})

test('a deletion may be met by reading, and the next life begins its own tail', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(3, { status: 'deleted' }))
  await drive.answer({ kind: 'missing', code: 'deleted' })
  assert.deepEqual(drive.seen, ['-1 1..0 open'], 'readers ask: another life may have come and gone')
  drive.kept.moved(move(1, { epoch: 'e2' }))
  assert.equal(await drive.answer(pageOf(0, 1, { epoch: 'e2' })), 'now')
  assert.equal(drive.tail, 'e2 1..1 open')
  drive.kept.moved(move(3, { status: 'deleted' }))
  assert.deepEqual(await drive.answer(pageOf(1, 1, { epoch: 'e2' })), { epoch: 'e2', offset: 1 })
  assert.equal(drive.tail, 'e2 1..1 open', 'a late move of the life before does not delete this one')
})

test('the same offsets in another life are not the same log', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(3, { epoch: 'e2' }))
  await drive.answer(pageOf(2, 3, { epoch: 'e2' }))
  assert.equal(drive.tail, 'e2 3..3 open')
})

test('where there is no log the tail is of no life, another one each time: readers ask what became of theirs', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(3))
  await drive.answer({ kind: 'missing', code: 'not_found' })
  assert.deepEqual(drive.seen, ['-1 1..0 open'])
  drive.kept.moved(move(1, { epoch: 'e2' }))
  assert.equal(await drive.answer({ kind: 'missing', code: 'deleted' }), 'now')
  drive.kept.moved(move(1, { epoch: 'e2' }))
  assert.equal(await drive.answer(pageOf(1, 1, { epoch: 'e2' })), 'now')
  assert.deepEqual(drive.seen.slice(1), ['-2 1..0 open', 'e2 2..1 open'])
  const fresh = new Drive()
  fresh.kept.fill()
  await fresh.answer({ kind: 'missing', code: 'deleted' })
  assert.deepEqual(fresh.seen, ['-1 1..0 open'])
})

test('a read that failed is made again by the next move, or when asked to', async () => {
  const drive = await filled(2)
  drive.kept.retry()
  assert.equal(drive.asked, 0, 'nothing has failed')
  drive.kept.moved(move(3))
  await drive.fail()
  assert.equal(drive.reads.length, 0)
  drive.kept.retry()
  await drive.fail()
  drive.kept.moved(move(4))
  drive.kept.retry()
  assert.equal(drive.reads.length, 1)
  await drive.answer(pageOf(2, 4))
  assert.equal(drive.tail, 'e1 1..4 open')
  drive.kept.retry()
  assert.equal(drive.reads.length, 0)
})

test('a move during a read that fails is not forgotten', async () => {
  const drive = await filled(2)
  drive.kept.moved(move(3))
  drive.kept.moved(move(4))
  await drive.fail()
  drive.kept.retry()
  await drive.answer(pageOf(2, 4))
  assert.equal(drive.tail, 'e1 1..4 open')
})
