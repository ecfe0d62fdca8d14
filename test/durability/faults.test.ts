/**
 * What the world does to a store: a process killed at any moment, a disk that is full, a sync that fails. What was
 * acknowledged is there; after a failure nothing is acknowledged that is not, and reading goes on.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SqliteBroker } from 'holdfast/server'
import { directory, PLAIN, readAll, withBroker } from './on-disk.ts'
import { type Line, WritingProcess } from './writing-process.ts'

const CHANNELS = ['channel 0', 'channel 1', 'channel 2']

/** Every publication of a store, by what it says of itself, with where it is. */
const inventory = (path: string): Promise<Map<string, string[]>> =>
  withBroker(path, async (broker) => {
    const found = new Map<string, string[]>()
    for (const channel of CHANNELS) {
      if ((await broker.describe(channel)) === undefined) continue
      for (const [index, value] of (await readAll(broker, channel)).entries()) {
        const [pid, publisher, seq] = String(value).split(' ')
        const name = `${pid} ${publisher} ${seq}`
        found.set(name, [...(found.get(name) ?? []), `${channel}@${index + 1}`])
      }
    }
    return found
  })

const nameOf = ({ id, seq }: Line): string => `${id} ${seq}`

/** Each acknowledged publication is there once, where it was said to be; whatever else is there was sent. */
const expectAcknowledged = (found: Map<string, string[]>, writer: WritingProcess): void => {
  for (const line of writer.appended) {
    assert.deepEqual(found.get(nameOf(line)), [`${line.channel}@${line.offset}`], JSON.stringify(line))
  }
}

test('after kill -9 every acknowledged publication is there once; a retry of any has its first result', async () => {
  const path = directory()
  for (const acknowledged of [1, 40, 200]) {
    const writer = new WritingProcess({ directory: path, publishers: 10 })
    let count = 0
    await writer.said(({ kind }) => kind === 'appended' && ++count === acknowledged)
    await writer.kill()
    const found = await inventory(path)
    expectAcknowledged(found, writer)
    await withBroker(path, async (broker) => {
      const latest = new Map(writer.appended.map((line) => [line.id as string, line]))
      for (const [id, { seq, channel, offset }] of latest) {
        const again = async (seq: number) =>
          broker.append({
            channel: channel as string,
            entries: [{ data: JSON.stringify(`${id} ${seq}`) }],
            producer: { id, epoch: 0, seq, again: true },
            create: PLAIN,
          })
        const known = await again(seq as number)
        assert.ok(known.kind === 'duplicate')
        assert.equal(known.last, offset)
        // The one that was under way: committed or not, it is there once after its retry.
        const underWay = await again((seq as number) + 1)
        assert.equal(underWay.kind, found.has(`${id} ${(seq as number) + 1}`) ? 'duplicate' : 'appended')
      }
    })
    for (const places of (await inventory(path)).values()) assert.equal(places.length, 1)
  }
})

const root = process.getuid?.() === 0

test(
  'a full disk: nothing more is acknowledged, reading goes on, and so does writing once there is room',
  {
    skip: root ? false : 'mounting a small disk takes root',
  },
  async () => {
    const path = directory()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path])
    assert.equal(mounted.status, 0, String(mounted.stderr))
    const broker = new SqliteBroker({ directory: join(path, 'store') })
    try {
      const ballast = join(path, 'ballast')
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1024', 'count=512'])
      const acknowledged: number[] = []
      const publish = async (n: number): Promise<string> => {
        const data = JSON.stringify(`${n} ${'x'.repeat(10_000)}`)
        const results = await Promise.allSettled(
          ['c', 'd'].map((channel) => broker.append({ channel, entries: [{ data }], create: PLAIN })),
        )
        for (const result of results) if (result.status === 'rejected') throw result.reason
        acknowledged.push(n)
        return data
      }
      let refusal: unknown
      for (let n = 0; refusal === undefined && n < 1_000; n++) {
        await publish(n).catch((error: unknown) => (refusal = error))
      }
      assert.match(String(refusal), /holdfast\.db: the disk is full; nothing was stored/)
      assert.equal((refusal as { code?: string }).code, 'broker_unavailable')
      assert.ok(acknowledged.length > 10)
      await assert.rejects(publish(-1), /the disk is full/)
      const seen = await readAll(broker, 'c')
      assert.deepEqual(
        seen.map((value) => Number(String(value).split(' ')[0])),
        acknowledged,
      )
      await broker.sweep()
      rmSync(ballast)
      await publish(1_000)
      assert.equal((await readAll(broker, 'd')).length, acknowledged.length)
      await broker.dispose()
      await withBroker(join(path, 'store'), async (again) => {
        const values = await readAll(again, 'c')
        assert.deepEqual(
          values.map((value) => Number(String(value).split(' ')[0])),
          acknowledged,
        )
      })
    } finally {
      await broker.dispose()
      spawnSync('umount', [path])
    }
  },
)

const strace = spawnSync('strace', ['-V']).status === 0

for (const [what, when] of [
  ['from the 30th on', '30+'],
  ['once', '30'],
] as const) {
  test(
    `a sync that fails ${what}: from then on nothing is acknowledged, and reading goes on`,
    {
      skip: strace ? false : 'failing syncs are made by strace',
    },
    async () => {
      const path = directory()
      const inject = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync']
      const writer = new WritingProcess({ directory: path, publishers: 6 }, [
        ...inject,
        '-e',
        `inject=fsync,fdatasync:error=EIO:when=${when}`,
      ])
      after(() => writer.kill())
      await writer.ended()
      assert.equal(writer.failed.length, 6, 'every publisher was told')
      for (const { message } of writer.failed) {
        assert.match(String(message), /holdfast\.db: writing failed .*in doubt/)
      }
      const afterwards = writer.lines.find(({ kind }) => kind === 'afterwards')
      assert.match(
        String(afterwards?.afterwards),
        /nothing more is acknowledged until the file is opened again/,
      )
      const counts = new Map<string, number>()
      for (const { channel } of writer.appended)
        counts.set(channel as string, (counts.get(channel as string) ?? 0) + 1)
      const reads = writer.lines.filter(({ kind }) => kind === 'read')
      assert.equal(reads.length, 3)
      for (const { channel, top } of reads) assert.equal(top, counts.get(channel as string) ?? -1, channel)
      assert.ok(writer.appended.length > 0)
      const found = await inventory(path)
      expectAcknowledged(found, writer)
      // What failed may be found after all: in doubt is what it was said to be. Nothing is there twice.
      const sent = new Set([...writer.appended, ...writer.failed].map(nameOf))
      for (const [name, places] of found) {
        assert.ok(sent.has(name), name)
        assert.equal(places.length, 1)
      }
    },
  )
}
