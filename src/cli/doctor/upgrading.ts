/** WebSocket over HTTP/1.1 and over HTTP/2: the handshake, and whether frames pass both ways behind it. */
import { SUBPROTOCOL } from '../../protocol/index.ts'
import {
  dial,
  DialError,
  type DialOptions,
  type SocketHandler,
  type WebSocketConnection,
} from '../../wire/index.ts'
import { type Path, socketUrl } from './exchange.ts'
import { type Finding, type Open, span } from './finding.ts'
import { type Middlebox, nameOf, recognise, remedyFor } from './middlebox.ts'

export interface Upgraded {
  readonly finding: Finding
  /** Open, for who wants to see how long it lasts. */
  readonly open?: Open<WebSocketConnection> | undefined
}

const PATIENCE_MS = 5_000

const optionsOf = ({ options }: Path): DialOptions => ({
  ...options,
  protocols: [SUBPROTOCOL],
  handshakeTimeoutMs: PATIENCE_MS,
})

export const lookAtUpgrade = async (path: Path, middlebox: Middlebox | undefined): Promise<Upgraded> => {
  const subject = 'WebSocket (HTTP/1.1)'
  const begunMs = performance.now()
  try {
    const greeting = new Greeting()
    const connection = await dial(socketUrl(path, '/ws'), { ...optionsOf(path), handler: greeting })
    const reply = await greeting.exchange(connection, path)
    if (reply === undefined) {
      connection.destroy()
      const text = `${nameOf(middlebox)} lets the handshake through, but no frame comes back`
      return { finding: { subject, verdict: 'bad', text, remedy: remedyFor('upgrade', middlebox) } }
    }
    const text = `101 and ${reply} in ${span(performance.now() - begunMs)}`
    return {
      finding: { subject, verdict: 'good', text },
      open: { what: connection, quietSinceMs: performance.now() },
    }
  } catch (error) {
    return { finding: { subject, verdict: 'bad', ...whyNoUpgrade(error, middlebox) } }
  }
}

/** Says `hello`, and hears what the node says to it; whatever comes later is read and forgotten. */
class Greeting implements SocketHandler {
  readonly #first = Promise.withResolvers<string | undefined>()

  message(_connection: WebSocketConnection, data: string | Uint8Array): void {
    this.#first.resolve(String(data).includes('"ok"') ? 'hello answered' : 'hello refused by the node')
  }

  close(): void {
    this.#first.resolve(undefined)
  }

  /** Undefined when nothing comes back. */
  async exchange(connection: WebSocketConnection, { token }: Path): Promise<string | undefined> {
    const hello = { type: 'hello', id: 0, version: 1, ...(token === undefined ? {} : { token }) }
    connection.send(JSON.stringify(hello))
    const patience = setTimeout(() => this.#first.resolve(undefined), PATIENCE_MS)
    const reply = await this.#first.promise
    clearTimeout(patience)
    return reply
  }
}

const whyNoUpgrade = (error: unknown, middlebox: Middlebox | undefined): Pick<Finding, 'text' | 'remedy'> => {
  const remedy = remedyFor('upgrade', middlebox)
  if (!(error instanceof DialError)) return { text: (error as Error).message, remedy }
  const culprit = nameOf(recognise({ headers: error.headers, body: '' }) ?? middlebox)
  switch (error.code) {
    case 'refused':
      return error.status === 426
        ? { text: `${culprit} takes the upgrade headers away: the node saw none (426)`, remedy }
        : { text: `refused with ${error.status} by ${culprit}`, remedy }
    case 'timeout':
      return { text: `${culprit} swallows the handshake: no answer within 5 s`, remedy }
    case 'proxy-refused':
      return {
        text: `the proxy that the environment names opens no tunnel (${error.status})`,
        remedy: ['See HTTPS_PROXY, HTTP_PROXY and NO_PROXY.'],
      }
    default:
      return { text: `${culprit}: ${error.message}`, remedy }
  }
}

export const lookAtHttp2 = async (path: Path): Promise<Finding> => {
  const subject = 'WebSocket (HTTP/2)'
  try {
    const connection = await dial(socketUrl(path, '/ws'), { ...optionsOf(path), http2: true })
    connection.destroy()
    return { subject, verdict: 'good', text: 'extended CONNECT is answered (RFC 8441)' }
  } catch (error) {
    const code = error instanceof DialError ? error.code : undefined
    if (code === 'no-extended-connect')
      return {
        subject,
        verdict: 'limited',
        text: 'HTTP/2 is spoken, but takes no WebSockets; browsers then open them over HTTP/1.1',
      }
    return {
      subject,
      verdict: 'skipped',
      text: 'HTTP/2 is not spoken here; nothing depends on it',
    }
  }
}
