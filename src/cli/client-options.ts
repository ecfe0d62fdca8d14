/** The options by which `publish` and `subscribe` reach a node. */
import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import type { Client, NodeConnectOptions, TransportName } from '../client/node.ts'
import { UsageError } from './usage-error.ts'

export const DEFAULT_URL: string = 'http://127.0.0.1:4000'

export const CLIENT_OPTIONS = {
  url: { type: 'string', short: 'u' },
  token: { type: 'string' },
  transport: { type: 'string', short: 't' },
  ca: { type: 'string' },
} as const

export const CLIENT_USAGE: string = `  -u, --url U         the node (default ${DEFAULT_URL}, or HOLDFAST_URL)
  -t, --transport T   auto, websocket, sse, long-polling or polling (default auto)
      --token T       shown to the node's authenticate hook (or HOLDFAST_TOKEN)
      --ca F          a certificate authority to trust for wss:// and https://, PEM
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.`

export interface ClientValues {
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly transport?: string | undefined
  readonly ca?: string | undefined
}

/** The URL and options that `connect` takes. @throws UsageError */
export const clientOptions = (values: ClientValues): { url: string; options: NodeConnectOptions } => {
  const token = values.token ?? process.env['HOLDFAST_TOKEN']
  return {
    url: values.url ?? process.env['HOLDFAST_URL'] ?? DEFAULT_URL,
    options: {
      transport: transportOf(values.transport ?? 'auto'),
      ...(token === undefined ? {} : { token }),
      ...(values.ca === undefined ? {} : { tls: { ca: trust(values.ca) } }),
    },
  }
}

const TRANSPORTS: readonly (TransportName | 'auto')[] = [
  'auto',
  'websocket',
  'sse',
  'long-polling',
  'polling',
]

const transportOf = (name: string): TransportName | 'auto' => {
  const found = TRANSPORTS.find((transport) => transport === name)
  if (found === undefined)
    throw new UsageError(`--transport is one of ${TRANSPORTS.join(', ')}, not "${name}"`)
  return found
}

/** An authority, beside those that are trusted anyway. */
const trust = (path: string): string[] => [...getCACertificates('default'), readCa(path)]

const readCa = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--ca: cannot read ${path}: ${(error as Error).message}`)
  }
}

/** Fulfilled when the client is connected; says once what it waits for. Rejects when the node turns it away. */
export const connected = (client: Client): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = false
    const look = (): void => {
      const { status, error } = client.state
      if (status === 'connected') {
        off()
        resolve()
      } else if (status === 'closed') {
        off()
        reject(error ?? new Error('the connection was closed'))
      } else if (error !== undefined && !said) {
        said = true
        const { cause } = error
        const why = cause instanceof Error && cause.message !== error.message ? `: ${cause.message}` : ''
        process.stderr.write(`waiting for the node: ${error.message}${why}\n`)
      }
    }
    const off = client.on('state', look)
    look()
  })
