import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Covering, Log, type Move, type Page, type Position, type Watch } from '../channel/index.ts'
import { ActiveChannel, type ChannelName, type Framing } from './active-channel.ts'

const turns = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await null
}

const keyed = (log: Log, key: string): void =>
  log.append({
    offset: log.top + 1,
    time: 0,
    data: '0',
    key,
    removed: false,
    producer: undefined,
    stamp: undefined,
  })

class Counting implements Framing<string> {
  calls = 0

  encode({ channel, epoch }: ChannelName, entries: readonly Covering[]): string {
    this.calls++
    return `${channel} ${epoch} ${entries.map(({ from, publication }) => `${from}-${publication.offset}`).join(' ')}`
  }
}

/** An active channel over surroundings that are played by hand. */
class Drive {
  readonly opening: PromiseWithResolvers<Watch> = Promise.withResolvers()
  readonly reads: { from: Position; answer: PromiseWithResolvers<Page> }[] = []
  hint: (move: Move) => void = () => assert.fail('not watched')
  moves = 0
  failures = 0
  releases = 0
  readonly channel: ActiveChannel

  constructor() {
    this.channel = new ActiveChannel('c', {
      tailBytes: 1_000,
      watch: (moved) => {
        this.hint = moved
        return this.opening.promise
      },
      read: (_, from) => {
        const answer = Promise.withResolvers<Page>()
        this.reads.push({ from, answer })
        return answer.promise
      },
      moved: () => this.moves++,
      failed: () => this.failures++,
    })
  }

  open(borrow?: () => Log | undefined): Promise<void> {
    this.opening.resolve({ borrow, release: () => void this.releases++ })
    return this.channel.ready
  }
}

const MOVE: Move = { epoch: 'e', floor: 1, top: 0, status: 'open' }
const emptyPage = (top: number): Page => ({
  kind: 'page',
  epoch: 'e',
  floor: top + 1,
  top,
  status: 'open',
  contentType: 'json',
  conflated: false,
  gap: undefined,
  skippedFrom: undefined,
  after: top,
  upTo: top,
  entries: [],
})

test('a log in this process is borrowed: the tail is the log, as soon as there is one', async () => {
  const drive = new Drive()
  let log: Log | undefined
  assert.equal(drive.channel.tail, undefined)
  await drive.open(() => log)
  assert.equal(drive.channel.tail, undefined)
  log = new Log('e')
  assert.equal(drive.channel.tail, log)
  drive.hint(MOVE)
  assert.deepEqual([drive.moves, drive.reads.length], [1, 0])
})

test('of a log elsewhere the end is kept, and moves reach it', async () => {
  const drive = new Drive()
  const top = (): number | undefined => drive.channel.tail?.top
  await drive.open()
  assert.equal(top(), undefined)
  drive.reads[0]?.answer.resolve(emptyPage(5))
  await turns()
  assert.deepEqual([top(), drive.moves], [5, 1])
  drive.hint({ ...MOVE, top: 6 })
  assert.deepEqual(drive.reads[1]?.from, { epoch: 'e', offset: 5 })
})

test('a move before the watch stands is passed on', async () => {
  const drive = new Drive()
  drive.hint(MOVE)
  assert.equal(drive.moves, 1)
  await drive.open()
})

test('a sweep forgets batches, and tries again to fill a tail that could not be filled', async () => {
  const drive = new Drive()
  drive.channel.sweep()
  await drive.open()
  drive.reads[0]?.answer.reject(new Error('away'))
  await turns()
  drive.channel.sweep()
  assert.equal(drive.reads.length, 2)
})

test('a page that was asked for before a move is shared with nobody who asks after it', async () => {
  const drive = new Drive()
  await drive.open()
  const { channel } = drive
  const early = Promise.resolve(emptyPage(0))
  channel.reads.set('key', early)
  drive.reads[0]?.answer.resolve(emptyPage(5))
  await turns()
  assert.equal(channel.reads.size, 0, 'the tail has moved on')
  channel.reads.set('key', early)
  drive.hint({ ...MOVE, top: 6 })
  assert.equal(channel.reads.size, 0, 'a move was announced')
})

test('a channel that is let go of before its watch stands releases it all the same', async () => {
  const drive = new Drive()
  drive.channel.release()
  await drive.open()
  assert.deepEqual([drive.releases, drive.reads.length, drive.channel.tail], [1, 0, undefined])
  const open = new Drive()
  await open.open()
  open.channel.release()
  open.channel.release()
  assert.equal(open.releases, 1)
})

test('a watch that cannot be made is reported, and to those who wait for it', async () => {
  const drive = new Drive()
  drive.opening.reject(new Error('away'))
  await assert.rejects(drive.channel.ready, /away/)
  await turns()
  assert.equal(drive.failures, 1)
})

test('a run is written once for everyone at the same cursor, and for each framing', () => {
  const { channel } = new Drive()
  const [one, other] = [new Counting(), new Counting()]
  const log = new Log('e')
  for (const key of 'abab') keyed(log, key)
  const range = { after: 0, upTo: 4, conflate: false }
  assert.equal(channel.batch(one, log, range), 'c e 0-1 1-2 2-3 3-4')
  assert.equal(channel.batch(one, log, { ...range }), 'c e 0-1 1-2 2-3 3-4')
  assert.equal(one.calls, 1)
  channel.batch(other, log, range)
  assert.deepEqual([one.calls, other.calls], [1, 1])
  assert.equal(channel.batch(one, log, { ...range, conflate: true }), 'c e 0-3 3-4')
  assert.equal(channel.batch(one, log, { ...range, after: 2 }), 'c e 2-3 3-4')
})

test('a run of another life, another start or another end is another run', () => {
  const { channel } = new Drive()
  const framing = new Counting()
  const [first, second] = [new Log('e1'), new Log('e2')]
  for (const log of [first, second]) for (const key of 'ab') keyed(log, key)
  const range = { after: 0, upTo: 2, conflate: false }
  assert.equal(channel.batch(framing, first, range), 'c e1 0-1 1-2')
  assert.equal(channel.batch(framing, second, range), 'c e2 0-1 1-2')
  assert.equal(channel.batch(framing, second, { ...range, upTo: 1 }), 'c e2 0-1')
  assert.equal(channel.batch(framing, second, { ...range, after: 1 }), 'c e2 1-2')
})

test('only a few recent runs are kept, and none beyond a sweep', () => {
  const { channel } = new Drive()
  const framing = new Counting()
  const log = new Log('e')
  for (const key of 'abcdef') keyed(log, key)
  const range = (upTo: number) => ({ after: 0, upTo, conflate: false })
  for (let upTo = 1; upTo <= 5; upTo++) channel.batch(framing, log, range(upTo))
  channel.batch(framing, log, range(2))
  assert.equal(framing.calls, 5)
  channel.batch(framing, log, range(1))
  assert.equal(framing.calls, 6)
  channel.sweep()
  channel.batch(framing, log, range(1))
  assert.equal(framing.calls, 7)
})
