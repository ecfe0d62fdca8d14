/** A node that goes away: everyone is told, nobody is served any more, and nothing of it is left. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createServer } from 'holdfast/server'
import { PollFollower } from '../transports/poll-follower.ts'
import { SseFollower } from '../transports/sse-follower.ts'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { eventually, SCHEMES, startNode } from './node-under-test.ts'

for (const scheme of SCHEMES) {
  test(`RF8, RF62: closing, a node says bye on each transport, and answers what is held (${scheme})`, async () => {
    const node = await startNode({}, scheme)
    const socket = new WebSocketFollower(node)
    const sse = new SseFollower(node, {})
    const poll = new PollFollower(node, 'long-poll')
    for (const follower of [socket, sse, poll]) await follower.follow({ a: {} })
    await Promise.all([socket.hears('subscribed', 'a'), sse.hears('subscribed', 'a')])
    await eventually(() => node.server.stats().held === 1, 'a poll is held')
    const connection = await node.connect()
    await connection.send('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n').answer()
    const body = JSON.stringify({
      subscribe: { a: { from: poll.answers[0]?.cursors['a'] } },
      live: 'long-poll',
    })
    const keptAlive = await node.connect()
    keptAlive.send(
      `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await eventually(() => node.server.stats().held === 2, 'both are held')
    const began = performance.now()
    const closing = node.server.close()
    for (const bye of [await socket.said(), await sse.said()]) {
      assert.deepEqual([bye['code'], bye['retry']], ['draining', 'backoff'])
    }
    assert.equal(await socket.closed(), 4001)
    await poll.until(() => poll.answers.length === 2, 'the held poll is answered')
    await closing
    // Idle connections, kept alive, are not waited for.
    assert.ok(performance.now() - began < 900)
    assert.equal((await keptAlive.answer()).status, 200)
    await Promise.all([connection.end(), keptAlive.end()])
    await eventually(() => node.server.stats().connections === 0, 'the last connection is counted off')
    assert.deepEqual(node.server.stats(), {
      connections: 0,
      streams: 0,
      carriers: 0,
      held: 0,
      channels: 0,
      waiters: 0,
    })
    await poll.close()
    await sse.close()
    await node.server.close()
  })

  test(`RF62: a request that still reaches a closing node is 503, draining, with Retry-After (${scheme})`, async () => {
    const node = await startNode({}, scheme)
    let release: () => void = () => undefined
    node.server.handle('slow', () => new Promise<void>((resolve) => (release = resolve)))
    const connection = await node.connect()
    const body = '{"commands":[{"type":"call","id":1,"method":"slow"}]}'
    connection.send(
      `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await eventually(() => node.server.stats().carriers === 1, 'a call is under way')
    const closing = node.server.close()
    connection.send('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    release()
    assert.equal((await connection.answer()).status, 200)
    const refused = await connection.answer()
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1'])
    assert.equal((JSON.parse(refused.body) as { error: { code: string } }).error.code, 'draining')
    await closing
  })

  test(`RF62: connections that do not go are cut after the grace (${scheme})`, async () => {
    const node = await startNode({}, scheme)
    node.server.handle('never', () => new Promise(() => undefined))
    const answer = node.post({ commands: [{ type: 'call', id: 1, method: 'never' }] }).catch(() => 'cut')
    await eventually(() => node.server.stats().carriers === 1, 'a call is under way')
    await node.server.close({ graceMs: 50 })
    assert.equal(await answer, 'cut')
  })
}

test('HT8: a node listens once, and a closed one leaves a process that can end', async () => {
  const server = createServer()
  await server.listen()
  await assert.rejects(server.listen(), /listens once/)
  await server.close()
  const script = `
    import { createServer } from 'holdfast/server'
    const server = createServer()
    const { url } = await server.listen()
    const socket = new WebSocket(url.replace('http', 'ws') + '/ws', 'holdfast.v1.json')
    await new Promise((resolve) => (socket.onopen = resolve))
    socket.send('{"type":"hello","id":0,"version":1}')
    await new Promise((resolve) => (socket.onmessage = resolve))
    await fetch(url + '/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"subscribe":{"a":{}}}' })
    await server.close()
    console.log('closed')
  `
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions', 'holdfast-source', '--input-type=module', '--eval', script],
    { timeout: 10_000 },
  )
  assert.equal(stdout, 'closed\n')
})
