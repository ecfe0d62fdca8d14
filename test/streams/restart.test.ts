/** Streams outlive the process where logs are kept on disk: offsets, types, producers, what is closed. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SqliteBroker } from 'holdfast/server'
import { JSON_TYPE, nextOf, onNode, type StreamsUnderTest, TEXT_TYPE } from './stream-under-test.ts'

const PRODUCER = { 'producer-id': 'p', 'producer-epoch': '0' }

test('what a stream was is what it is after a restart', { timeout: 30_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-restart-'))
  t.after(() => rm(directory, { recursive: true }))
  const run = async (act: (streams: StreamsUnderTest) => Promise<void>): Promise<void> => {
    const broker = new SqliteBroker({ directory })
    await onNode(act, { broker })()
    await broker.dispose()
  }
  let middle = ''
  let end = ''
  await run(async (streams) => {
    await streams.put('json', { ...JSON_TYPE, 'stream-expires-at': '2099-01-02T03:04:05Z' })
    const first = await streams.post('json', '[1,2]', { ...JSON_TYPE, ...PRODUCER, 'producer-seq': '0' })
    middle = nextOf(first)
    end = nextOf(await streams.post('json', '3', { ...JSON_TYPE, 'stream-seq': 'b' }))
    await streams.put('text', { ...TEXT_TYPE, 'stream-closed': 'true' }, 'all of it')
  })
  await run(async (streams) => {
    const head = await streams.head('json')
    assert.deepEqual(
      [nextOf(head), head.headers.get('content-type'), head.headers.get('stream-expires-at')],
      [end, 'application/json', '2099-01-02T03:04:05.000Z'],
    )
    assert.equal((await streams.get(`json?offset=${middle}`)).text, '[3]')
    const again = await streams.post('json', '[1,2]', { ...JSON_TYPE, ...PRODUCER, 'producer-seq': '0' })
    assert.deepEqual([again.status, again.headers.get('producer-seq'), nextOf(again)], [204, '0', end])
    const behind = await streams.post('json', '4', { ...JSON_TYPE, 'stream-seq': 'a' })
    assert.deepEqual([behind.status, behind.code], [409, 'sequence_behind'])
    const next = await streams.post('json', '4', { ...JSON_TYPE, ...PRODUCER, 'producer-seq': '1' })
    assert.ok(nextOf(next) > end)
    assert.equal((await streams.get('json')).text, '[1,2,3,4]')
    const text = await streams.get('text')
    assert.deepEqual([text.text, text.headers.get('stream-closed')], ['all of it', 'true'])
    assert.equal((await streams.put('text', { ...TEXT_TYPE, 'stream-closed': 'true' })).status, 200)
    assert.equal((await streams.post('text', 'more', TEXT_TYPE)).status, 409)
  })
})
