// `holdfast echo`, run as a user runs it.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { dial, DialError, type SocketHandler } from 'holdfast/websocket'
import { makeCertificate } from './servers.ts'

const main = fileURLToPath(import.meta.resolve('../../src/cli/main.ts'))
const command = ['--conditions', 'holdfast-source', main, 'echo']

test('it prints one line, echoes within its limits, and ends on SIGTERM with 0', async (context) => {
  const args = ['--port', '0', '--path', '/echo', '--max-payload', '10']
  const child = spawn(process.execPath, [...command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = /^listening on (ws:\/\/127\.0\.0\.1:\d+\/echo)$/.exec(line)?.[1]
  assert(url !== undefined, line)
  const heard = await new Promise((resolve, reject) => {
    const events: unknown[] = []
    const handler: SocketHandler = {
      message: (socket, data) => {
        events.push(data)
        socket.send('longer than ten')
      },
      close: (_socket, code) => resolve([...events, code]),
    }
    dial(`${url}?x`, { handler }).then((connection) => connection.send('hello'), reject)
  })
  assert.deepEqual(heard, ['hello', 1009])
  await assert.rejects(dial(new URL('/other', url), { handler: { message() {}, close() {} } }), (error) => {
    return error instanceof DialError && error.status === 404
  })
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})

for (const secure of [false, true]) {
  test(`--http2 ${secure ? 'with --tls-cert and --tls-key' : 'in cleartext'}: both versions on one port`, async (context) => {
    const certificate = makeCertificate()
    context.after(() => certificate.remove())
    const files = ['--tls-cert', certificate.certPath, '--tls-key', certificate.keyPath]
    const args = ['--port', '0', '--path', '/echo', '--http2', ...(secure ? files : [])]
    const child = spawn(process.execPath, [...command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    context.after(() => child.kill('SIGKILL'))
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const url = line.replace('listening on ', '')
    assert.match(url, secure ? /^wss:/ : /^ws:/)
    const tls = { ca: certificate.cert }
    for (const http2 of [false, true]) {
      const connection = await dial(url, { http2, tls })
      connection.send('hello')
      for await (const message of connection) {
        assert.equal(message, 'hello')
        connection.close(1000)
      }
      await assert.rejects(dial(new URL('/other', url), { http2, tls }), (error) => {
        return error instanceof DialError && error.status === 404
      })
    }
    const session = connect(url.replace('ws', 'http'), tls)
    const fields = { ':path': '/echo', 'sec-websocket-key': 'x' }
    assert.equal((await once(session.request(fields), 'response'))[0][':status'], 404)
    const plain = session.request({ ':method': 'CONNECT', ':authority': 'a:80' })
    assert.equal((await once(plain, 'response'))[0][':status'], 405)
    session.destroy()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  })
}

test('arguments that make no sense: 2, and the usage', () => {
  for (const args of [
    ['--port', 'x'],
    ['--nonsense'],
    ['--tls-key', 'a'],
    ['--connect', 'http://a'],
    ['--connect', 'ws://a', '--times', 'x'],
    ['--max-payload', '-1'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [...command, ...args], {
      encoding: 'utf8',
      timeout: 10_000,
    })
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, /Usage: holdfast echo/)
  }
})
