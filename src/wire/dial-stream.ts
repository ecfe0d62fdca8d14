// Dialling over HTTP/2: an extended CONNECT on a stream of a session, its own or a shared one, and the judgement of its
// answer (RFC 8441 §4 and §5). It asks only a server that has said that it understands the question.

import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connectHeaders, readConnectAnswer } from '../websocket/index.ts'
import type { Attempt } from './attempt.ts'
import { cutOff } from './carrier.ts'
import { judged, type Dialled, type Dialling } from './dialling.ts'
import { DialError } from './errors.ts'
import { basicAuthorization } from './proxy.ts'
import { nameOf, reach } from './reach.ts'

/**
 * What may be under way to a client on its own session, as a kernel's receive buffer would hold it. With the default
 * of 64 KiB a server far away could send no more than that per round trip.
 */
const WINDOW_BYTES = 1_048_576

const NOTHING = new Uint8Array(0)

/** Rejects with a DialError. */
export async function dialStream(dialling: Dialling, http2: true | ClientHttp2Session): Promise<Dialled> {
  if (http2 !== true) return openStream(dialling, http2)
  const socket = await reachHttp2(dialling)
  const session = openSession(dialling.target, socket)
  try {
    const dialled = await openStream(dialling, session)
    dialled.carrier.once('close', () => endSession(session, socket, dialling.closeTimeoutMs))
    return dialled
  } catch (error) {
    session.destroy()
    throw error
  }
}

async function reachHttp2({ target, options, attempt }: Dialling): Promise<Socket> {
  const unspoken = (cause?: unknown): DialError =>
    new DialError('no-http2', `${nameOf(target)} does not speak HTTP/2`, { cause })
  const socket = await reach(target, { ...options, alpn: ['h2'] }, attempt).catch((error: unknown) => {
    // RFC 7301 §3.2: so says a server that knows ALPN and none of what was offered.
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: string }
    throw code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' ? unspoken(error) : error
  })
  if (target.protocol === 'wss:' && (socket as TLSSocket).alpnProtocol !== 'h2') {
    socket.destroy()
    throw unspoken()
  }
  return socket
}

function openSession(target: URL, socket: Socket): ClientHttp2Session {
  // RFC 8441 §5: `https` for wss: URLs and `http` for ws: URLs.
  const session = connect(`${target.protocol === 'wss:' ? 'https' : 'http'}://${target.host}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
  })
  // What ends a session ends its streams, and they say why.
  session.on('error', () => {})
  session.once('connect', () => session.setLocalWindowSize(WINDOW_BYTES))
  return session
}

/** Gracefully, and then not: a server that does not hang up must not keep a socket. */
function endSession(session: ClientHttp2Session, socket: Socket, timeoutMs: number): void {
  session.close()
  if (socket.destroyed) return
  const deadline = setTimeout(() => socket.destroy(), timeoutMs).unref()
  socket.once('close', () => clearTimeout(deadline))
}

async function openStream(dialling: Dialling, session: ClientHttp2Session): Promise<Dialled> {
  const { target, wishes, attempt } = dialling
  await extendedConnectOf(session, target, attempt)
  const stream = requestOn(session, dialling)
  const { status, headers } = await answerOf(stream, target, attempt)
  const choice = judged(stream, target, () => readConnectAnswer({ status, headers }, wishes.protocols))
  return { carrier: stream, choice, head: NOTHING }
}

/** RFC 8441 §3: the server's first SETTINGS say whether it understands an extended CONNECT. */
async function extendedConnectOf(session: ClientHttp2Session, target: URL, attempt: Attempt): Promise<void> {
  const name = nameOf(target)
  await attempt.step<void>(
    ({ resolve, reject }) => {
      settingsOf(session).then(resolve, (cause: unknown) =>
        reject(new DialError('network', `cannot reach ${name}`, { cause })),
      )
    },
    () => {},
  )
  if (session.closed || session.destroyed) throw new DialError('network', `the session to ${name} has ended`)
  if (session.remoteSettings.enableConnectProtocol !== true)
    throw new DialError('no-extended-connect', `${name} accepts no WebSockets over HTTP/2`)
}

const settings = new WeakMap<ClientHttp2Session, Promise<void>>()

/** Fulfilled when the server's SETTINGS are there. */
function settingsOf(session: ClientHttp2Session): Promise<void> {
  let known = settings.get(session)
  if (known === undefined) {
    known = session.closed || session.destroyed ? Promise.resolve() : firstSettings(session)
    settings.set(session, known)
  }
  return known
}

/** They are the server's first frame, so that no answer to a ping comes before them on a session that exists already. */
function firstSettings(session: ClientHttp2Session): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const settled = (): void => {
      session.off('error', fail).off('close', fail).off('remoteSettings', arrived).off('connect', ping)
    }
    const arrived = (): void => {
      settled()
      resolve()
    }
    const fail = (error?: Error): void => {
      settled()
      reject(error ?? new Error('the session has ended'))
    }
    const ping = (): void => {
      session.ping((error) => (error === null ? arrived() : fail(error)))
    }
    session.on('error', fail).on('close', fail).on('remoteSettings', arrived)
    if (session.connecting) session.on('connect', ping)
    else ping()
  })
}

function requestOn(session: ClientHttp2Session, { target, wishes, options }: Dialling): ClientHttp2Stream {
  const authorization = basicAuthorization(target)
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...options.headers,
    ...connectHeaders(
      {
        scheme: target.protocol === 'wss:' ? 'https' : 'http',
        authority: target.host,
        path: target.pathname + target.search,
      },
      wishes,
    ),
  }
  try {
    const stream = session.request(headers, { endStream: false })
    // After its answer nobody else listens until a connection takes it over.
    return stream.on('error', () => {})
  } catch (cause) {
    throw new DialError('network', `cannot open a stream to ${nameOf(target)}`, { cause })
  }
}

interface Answer {
  readonly status: number
  readonly headers: readonly string[]
}

function answerOf(stream: ClientHttp2Stream, target: URL, attempt: Attempt): Promise<Answer> {
  return attempt.step<Answer>(
    ({ resolve, reject }) => {
      const fail = (cause?: Error): void => {
        reject(new DialError('network', `${nameOf(target)} did not answer`, { cause }))
      }
      stream.once('error', fail).once('close', () => fail())
      stream.once('response', (fields: IncomingHttpHeaders, _flags: number, headers: string[]) => {
        const status = Number(fields[':status'])
        if (status >= 200 && status <= 299) return resolve({ status, headers })
        reject(refusedError(target, status, fields))
        cutOff(stream)
      })
    },
    () => cutOff(stream),
  )
}

function refusedError(target: URL, status: number, fields: IncomingHttpHeaders): DialError {
  const headers = Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith(':')))
  return new DialError('refused', `${nameOf(target)} answered ${status}`, { status, headers })
}
