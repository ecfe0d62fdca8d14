// `holdfast echo`: a bare WebSocket endpoint that sends every message back, for conformance suites and load generators,
// as a server or as a client. It knows no channels, no users and no origins, and it is not meant to face a network.

import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { parseArgs } from 'node:util'
import {
  attach,
  createDualServer,
  isStrippedHandshake,
  type AcceptOptions,
  type ConnectionOptions,
} from '../wire/index.ts'
import { echoTo, type EchoClientOptions } from './echo-client.ts'

export const echoUsage: string = `Usage: holdfast echo [options]

Accepts WebSockets and sends every message back as it came: an endpoint for conformance suites.

  --port <number>           port to listen on (0 picks a free one; default 9001)
  --host <address>          address to listen on (default 127.0.0.1)
  --path <path>             the path that accepts WebSockets (default /)
  --connect <url>           dials instead of listening, and echoes until the server closes
  --times <number>          with --connect: how many connections, one after the other (default 1)
  --ca <file>               with --connect: the authority to trust for wss://, PEM
  --max-payload <bytes>     largest message (default 16777216)
  --max-fragments <number>  most fragments of one message (default 1000)
  --tls-cert <file>         PEM certificate; with --tls-key, serves wss://
  --tls-key <file>          PEM private key
  --http2                   accepts WebSockets over HTTP/2 too, on the same port: over TLS by ALPN, without it with
                            prior knowledge; with --connect, dials over it
  --deflate                 permessage-deflate for messages of every size, with all parameters a peer may ask for
  --help                    shows this

Prints one line, "listening on ws://HOST:PORT/PATH", and runs until SIGINT or SIGTERM. With --connect it prints a line
for each connection, "closed CODE REASON" or "failed WHY MESSAGE", and exits with 1 if one failed.
Example: holdfast echo --port 9001`

const OPTIONS = {
  port: { type: 'string', default: '9001' },
  host: { type: 'string', default: '127.0.0.1' },
  path: { type: 'string', default: '/' },
  connect: { type: 'string' },
  times: { type: 'string', default: '1' },
  ca: { type: 'string' },
  'max-payload': { type: 'string', default: '16777216' },
  'max-fragments': { type: 'string', default: '1000' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  http2: { type: 'boolean', default: false },
  deflate: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const parseEcho = (args: string[]) => parseArgs({ args, options: OPTIONS }).values

/** The least that gets in the way: every message is compressed, and whatever the peer asks for is granted. */
const EVERY_PARAMETER = { thresholdBytes: 0, contextTakeover: true, peerContextTakeover: true }

/** Runs the command and resolves with its exit code: 0, 1 for what the network refused, 2 for wrong arguments. */
export async function echo(args: string[]): Promise<number> {
  let values: ReturnType<typeof parseEcho>
  let options: ConnectionOptions
  let target: EchoClientOptions | undefined
  try {
    values = parseEcho(args)
    options = {
      maxPayloadBytes: wholeNumber(values['max-payload'], '--max-payload'),
      maxFragments: wholeNumber(values['max-fragments'], '--max-fragments'),
      deflate: values.deflate && EVERY_PARAMETER,
    }
    wholeNumber(values.port, '--port')
    if ((values['tls-cert'] === undefined) !== (values['tls-key'] === undefined)) {
      throw new TypeError('--tls-cert and --tls-key go together')
    }
    target = values.connect === undefined ? undefined : readTarget(values.connect, values)
  } catch (error) {
    console.error(`holdfast echo: ${(error as Error).message}\n\n${echoUsage}`)
    return 2
  }
  if (values.help) {
    console.log(echoUsage)
    return 0
  }
  if (target !== undefined) return echoTo({ ...target, ...options })
  return serve(values, { ...options, handler: { message: (connection, data) => void connection.send(data) } })
}

function readTarget(text: string, { times, ca, http2 }: ReturnType<typeof parseEcho>): EchoClientOptions {
  const url = new URL(text)
  if (!['ws:', 'wss:'].includes(url.protocol)) throw new TypeError('--connect takes a ws:// or wss:// URL')
  const tls = ca === undefined ? {} : { tls: { ca: readFileSync(ca) } }
  return { url, times: wholeNumber(times, '--times'), http2, ...tls }
}

async function serve(values: ReturnType<typeof parseEcho>, options: AcceptOptions): Promise<number> {
  const { host, path } = values
  const secure = values['tls-cert'] !== undefined
  const server = openServer(values)
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
  attach(server, { ...options, path })
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

function openServer({ 'tls-cert': cert, 'tls-key': key, http2 }: ReturnType<typeof parseEcho>): Server {
  const tls =
    cert === undefined || key === undefined ? undefined : { cert: readFileSync(cert), key: readFileSync(key) }
  if (http2) return createDualServer(tls && { tls })
  return tls === undefined ? createHttpServer() : createHttpsServer(tls)
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
