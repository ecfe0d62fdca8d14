// Our server and our client with peers that nobody here wrote, without compression and with it: that it is negotiated as
// both sides may, that it is used on the wire, and that what comes out is what went in.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { dial, type SocketHandler, type WebSocketConnection } from 'holdfast/websocket'
import { WebSocketServer } from 'ws'
import { CLIENTS } from './interop-clients.ts'
import {
  checkWire,
  CLOSE_ME,
  everyMode,
  lastSizes,
  MESSAGES,
  MODES,
  type Mode,
  PROTOCOL,
  PYTHON,
  pythonMode,
  scriptPath,
  skipped,
} from './interop-conversation.ts'
import { Tap } from './interop-tap.ts'
import { startEcho } from './servers.ts'

function echoOrClose(connection: WebSocketConnection, data: string | Uint8Array): void {
  if (data === CLOSE_ME) connection.close(4001, 'over')
  else connection.send(data)
}

describe('our server', () => {
  for (const { name, compresses, answersWith = 4001, converse } of CLIENTS) {
    for (const mode of everyMode) {
      test(`with ${name}, compression: ${mode}`, skipped(name), async (context) => {
        const server = await startEcho({ protocols: [PROTOCOL], deflate: MODES[mode] })
        server.echo.message = echoOrClose
        const tap = await Tap.before(server.port)
        context.after(async () => {
          tap.close()
          await server.stop()
        })
        assert.equal(await converse(tap.url, mode), 'closed 4001 over')
        assert.equal(await server.echo.nextCode(), 3001)
        assert.equal(await server.echo.nextCode(), answersWith)
        checkWire(tap, mode, { clientCompresses: compresses })
        const [extensions = ''] = tap.extensions
        if (mode === 'without takeover') {
          assert.match(extensions, /server_no_context_takeover/)
          assert.match(extensions, /client_no_context_takeover/)
        }
        if (mode === 'windows') assert.match(extensions, /server_max_window_bits=(9|10)\b/)
        if (mode === 'deflate')
          assert(Math.max(...lastSizes(tap, 'server')) < 30, 'earlier messages are referred to')
      })
    }
  }
})

/** A server that echoes; gives its port, and how its connections ended, one after the other. */
interface Foreign {
  readonly port: number
  nextEnd(): Promise<string>
  stop(): void
}

async function startWs(mode: Mode): Promise<Foreign> {
  const windows = mode === 'windows' ? { serverMaxWindowBits: 9, clientMaxWindowBits: 9 } : {}
  const perMessageDeflate = mode === 'off' ? false : { threshold: 0, ...windows }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
  const ends: string[] = []
  let wake: () => void = () => undefined
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (!isBinary && String(data as Buffer) === CLOSE_ME) socket.close(4001, 'over')
      else socket.send(data, { binary: isBinary })
    })
    socket.on('close', (code, reason) => {
      ends.push(`closed ${code} ${String(reason)}`)
      wake()
    })
  })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async nextEnd() {
      while (ends.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return ends.shift()!
    },
    stop: () => server.close(),
  }
}

const startPython =
  (script: string) =>
  async (mode: Mode): Promise<Foreign> => {
    const child = spawn(PYTHON, ['-B', scriptPath(script), 'server', pythonMode(mode)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async (): Promise<string> => String((await lines.next()).value)
    const port = Number((await next()).replace('port ', ''))
    return { port, nextEnd: next, stop: () => child.kill() }
  }

interface ForeignServer {
  readonly name: string
  /** How it says that a connection was closed with 3002 "done": not every one tells the reason. */
  readonly ended: string
  /** What we hear of that: not every one echoes our code. */
  readonly answers: string
  start(mode: Mode): Promise<Foreign>
}

const SERVERS: readonly ForeignServer[] = [
  { name: 'ws', ended: 'closed 3002 done', answers: 'closed 3002 done', start: startWs },
  {
    name: 'python3-websockets',
    ended: 'closed 3002 done',
    answers: 'closed 3002 done',
    start: startPython('interop-websockets.py'),
  },
  {
    name: 'python3-aiohttp',
    ended: 'closed 3002 None',
    answers: 'closed 1000 ',
    start: startPython('interop-aiohttp.py'),
  },
]

/** Hears one thing after the other: messages, pongs and the end. */
class Ear implements SocketHandler {
  private readonly heard: (string | Uint8Array)[] = []
  private wake: () => void = () => undefined

  message(_: WebSocketConnection, data: string | Uint8Array): void {
    this.keep(data)
  }

  pong(_: WebSocketConnection, payload: Uint8Array): void {
    this.keep(`pong ${Buffer.from(payload).toString()}`)
  }

  close(_: WebSocketConnection, code: number, reason: string): void {
    this.keep(`closed ${code} ${reason}`)
  }

  async next(): Promise<string | Uint8Array> {
    while (this.heard.length === 0) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.heard.shift()!
  }

  private keep(each: string | Uint8Array): void {
    this.heard.push(each)
    this.wake()
  }
}

describe('our client', () => {
  for (const { name, ended, answers, start } of SERVERS) {
    for (const mode of everyMode) {
      test(`with ${name}, compression: ${mode}`, skipped(name), async (context) => {
        const server = await start(mode)
        const tap = await Tap.before(server.port)
        context.after(() => {
          tap.close()
          server.stop()
        })
        const ear = new Ear()
        const options = { handler: ear, protocols: [PROTOCOL], deflate: MODES[mode] }
        const connection = await dial(tap.url, options)
        assert.equal(connection.protocol, PROTOCOL)
        for (const sent of MESSAGES) {
          connection.send(sent)
          assert(
            Buffer.from((await ear.next()) as string).equals(Buffer.from(sent)),
            'the echo is what was sent',
          )
        }
        if (name === 'python3-websockets') {
          connection.send('fragment me')
          assert.equal(await ear.next(), 'fragmented')
          assert(
            tap.frames.some((frame) => frame.from === 'server' && !frame.fin),
            'it came in fragments',
          )
        }
        connection.ping(Buffer.from('ping'))
        assert.equal(await ear.next(), 'pong ping')
        connection.close(3002, 'done')
        assert.equal(await ear.next(), answers)
        assert.equal(await server.nextEnd(), ended)
        const again = await dial(tap.url, options)
        again.send(CLOSE_ME)
        assert.equal(await ear.next(), 'closed 4001 over')
        checkWire(tap, mode, { clientCompresses: true })
        if (mode === 'deflate')
          assert(Math.max(...lastSizes(tap, 'client')) < 30, 'earlier messages are referred to')
      })
    }
  }
})
