// `holdfast echo`: a bare WebSocket endpoint that sends every message back, for conformance suites and load generators.
// It knows no channels, no users and no origins, and it is not meant to face a network.

import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { parseArgs } from 'node:util'
import { accept, HandshakeError, isStrippedHandshake, refuse, type AcceptOptions } from '../wire/index.ts'

export const echoUsage: string = `Usage: holdfast echo [options]

Accepts WebSockets and sends every message back as it came: an endpoint for conformance suites.

  --port <number>           port to listen on (0 picks a free one; default 9001)
  --host <address>          address to listen on (default 127.0.0.1)
  --path <path>             the path that accepts WebSockets (default /)
  --max-payload <bytes>     largest message (default 16777216)
  --max-fragments <number>  most fragments of one message (default 1000)
  --tls-cert <file>         PEM certificate; with --tls-key, serves wss://
  --tls-key <file>          PEM private key
  --help                    shows this

Prints one line, "listening on ws://HOST:PORT/PATH", and runs until SIGINT or SIGTERM.
Example: holdfast echo --port 9001`

const OPTIONS = {
  port: { type: 'string', default: '9001' },
  host: { type: 'string', default: '127.0.0.1' },
  path: { type: 'string', default: '/' },
  'max-payload': { type: 'string', default: '16777216' },
  'max-fragments': { type: 'string', default: '1000' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const parseEcho = (args: string[]) => parseArgs({ args, options: OPTIONS }).values

/** Runs the command and resolves with its exit code: 0, or 2 for arguments that make no sense. */
export async function echo(args: string[]): Promise<number> {
  let values: ReturnType<typeof parseEcho>
  let options: AcceptOptions
  try {
    values = parseEcho(args)
    options = {
      maxPayloadBytes: wholeNumber(values['max-payload'], '--max-payload'),
      maxFragments: wholeNumber(values['max-fragments'], '--max-fragments'),
      handler: { message: (socket, data) => socket.send(data), close: () => {} },
    }
    wholeNumber(values.port, '--port')
    if ((values['tls-cert'] === undefined) !== (values['tls-key'] === undefined)) {
      throw new TypeError('--tls-cert and --tls-key go together')
    }
  } catch (error) {
    console.error(`holdfast echo: ${(error as Error).message}\n\n${echoUsage}`)
    return 2
  }
  if (values.help) {
    console.log(echoUsage)
    return 0
  }
  return serve(values, options)
}

async function serve(values: ReturnType<typeof parseEcho>, options: AcceptOptions): Promise<number> {
  const { 'tls-cert': cert, 'tls-key': key, host, path } = values
  const secure = cert !== undefined && key !== undefined
  const server = secure
    ? createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key) })
    : createHttpServer()
  const sockets = new Set<Duplex>()
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
    if (isStrippedHandshake(request)) response.writeHead(426, headers).end()
    else response.writeHead(404).end('only WebSockets here\n')
  })
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== path) return refuse(socket, 404)
    try {
      accept(request, socket, head, options)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      refuse(socket, error.status, error)
    }
  })
  server.listen(Number(values.port), host)
  try {
    await once(server, 'listening')
  } catch (error) {
    console.error(`holdfast echo: cannot listen on ${host}:${values.port}: ${(error as Error).message}`)
    return 1
  }
  const { port } = server.address() as AddressInfo
  const shownHost = host.includes(':') ? `[${host}]` : host
  console.log(`listening on ${secure ? 'wss' : 'ws'}://${shownHost}:${port}${path}`)
  await stopSignal()
  server.close()
  for (const socket of sockets) socket.destroy()
  return 0
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve()
    process.once('SIGINT', stop).once('SIGTERM', stop)
  })
}

function wholeNumber(text: string, name: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`${name} must be a whole number, not "${text}"`)
  }
  return value
}
