// wss:// with certificates made for the test: who is trusted, and whether bytes stay what they are and a slow peer
// stays bounded when every write passes through the cipher.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  dial,
  DialError,
  encodeMessage,
  type SocketHandler,
  type WebSocketConnection,
} from 'holdfast/websocket'
import { makeCertificate, startEcho, type EchoServer } from './servers.ts'

class Collector implements SocketHandler {
  readonly heard: string[] = []
  private wake: () => void = () => {}

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    this.heard.push(Buffer.from(data as string).toString('latin1'))
    this.wake()
  }

  close(_socket: WebSocketConnection, code: number): void {
    this.heard.push(`closed ${code}`)
    this.wake()
  }

  async take(count: number): Promise<string[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.heard.splice(0, count)
  }
}

describe('wss', () => {
  const certificate = makeCertificate()
  const stranger = makeCertificate()
  let server: EchoServer
  before(async () => (server = await startEcho({ certificate })))
  after(async () => {
    await server.stop()
    certificate.remove()
    stranger.remove()
  })

  test('a server whose certificate is not trusted is not spoken to', async () => {
    for (const tls of [{}, { ca: stranger.cert }]) {
      await assert.rejects(dial(server.url, { handler: new Collector(), tls }), (error) => {
        assert(error instanceof DialError)
        assert.equal(error.code, 'network')
        assert.equal((error.cause as { code?: string }).code, 'DEPTH_ZERO_SELF_SIGNED_CERT')
        return true
      })
    }
  })

  test('a server that is trusted, or that need not be', async () => {
    for (const tls of [{ ca: certificate.cert }, { rejectUnauthorized: false }]) {
      const collector = new Collector()
      const connection = await dial(server.url, { handler: collector, tls })
      connection.send('secret')
      assert.deepEqual(await collector.take(1), ['secret'])
      connection.close(1000)
      assert.deepEqual(await collector.take(1), ['closed 1000'])
      assert.equal(await server.echo.nextCode(), 1000)
    }
  })

  test('bytes of many connections in many turns stay apart', async () => {
    const tls = { ca: certificate.cert }
    const collectors = Array.from({ length: 5 }, () => new Collector())
    const connections = await Promise.all(collectors.map((handler) => dial(server.url, { handler, tls })))
    const expected: string[][] = collectors.map(() => [])
    for (let round = 0; round < 60; round++) {
      for (const [index, connection] of connections.entries()) {
        for (const size of [1, 700, round === 30 ? 200_000 : 3000]) {
          const text = `${index}:${round}:`.padEnd(size, String((index + round) % 10))
          connection.send(text)
          expected[index]!.push(text)
        }
      }
      if (round % 3 === 0) await new Promise(setImmediate)
    }
    for (const [index, collector] of collectors.entries()) {
      const heard = await collector.take(expected[index]!.length)
      assert(
        heard.every((text, at) => text === expected[index]![at]),
        `connection ${index} heard other bytes`,
      )
      connections[index]!.destroy()
      assert.equal(await server.echo.nextCode(), 1006)
    }
  })

  test('a peer that does not read is a slow consumer: 4008', async () => {
    const slow = await startEcho({ certificate, stallTimeoutMs: 200 })
    const shared = encodeMessage(Buffer.alloc(1_000_000))
    slow.echo.message = (socket) => {
      for (let n = 0; n < 20; n++) socket.sendEncoded(shared)
    }
    const connection = await dial(slow.url, { handler: new Collector(), tls: { ca: certificate.cert } })
    connection.send('go')
    connection.pause()
    assert.equal(await slow.echo.nextCode(), 4008)
    connection.destroy()
    await slow.stop()
  })
})
