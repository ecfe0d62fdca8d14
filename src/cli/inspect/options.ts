// What the command line of `inspect` asks for, checked before anything is sent.

import { readFileSync } from 'node:fs'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { parseArgs } from 'node:util'
import {
  CallerError,
  type DeflateWishes,
  handshakeHeaders,
  headerLine,
  isWireCloseCode,
} from '../../websocket/index.ts'
import { numberOption, UsageError } from '../usage-error.ts'

export interface InspectOptions {
  /** ws: or wss:, without a fragment. */
  readonly url: URL
  readonly protocols: readonly string[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly tls: TlsOptions
  /** What is asked of permessage-deflate, if it is offered. */
  readonly deflate: DeflateWishes | undefined
  /** Sent in this order once it is open: texts and bytes. */
  readonly messages: readonly (string | Uint8Array)[]
  readonly ping: boolean
  /** Whether lines of the standard input are sent. */
  readonly readInput: boolean
  /** Ends after so many frames of the server. */
  readonly count: number
  /** Ends after so long. */
  readonly durationMs: number | undefined
  readonly closeCode: number
  /** Closes as soon as everything is sent. */
  readonly closeAtOnce: boolean
  readonly verbose: boolean
  readonly json: boolean
}

const OPTIONS = {
  send: { type: 'string', short: 's', multiple: true },
  'send-binary': { type: 'string', multiple: true },
  ping: { type: 'boolean' },
  count: { type: 'string', short: 'n' },
  duration: { type: 'string', short: 'd' },
  close: { type: 'string' },
  protocol: { type: 'string', short: 'p', multiple: true },
  header: { type: 'string', short: 'H', multiple: true },
  ca: { type: 'string' },
  insecure: { type: 'boolean' },
  deflate: { type: 'boolean' },
  verbose: { type: 'boolean', short: 'v' },
  json: { type: 'boolean' },
} as const

/** Whatever the server likes. */
const WISHES: DeflateWishes = {
  contextTakeover: true,
  peerContextTakeover: true,
  windowBits: 15,
  peerWindowBits: 15,
}

const LONGEST_MESSAGE = 2 ** 30

/** @throws UsageError */
export const inspectOptions = (args: string[]): InspectOptions => {
  const { values, positionals, tokens } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
    tokens: true,
  })
  const [address, dash, ...rest] = positionals
  if (address === undefined) throw new UsageError('which URL? For example ws://127.0.0.1:4000/ws')
  if (rest.length > 0 || (dash !== undefined && dash !== '-')) {
    throw new UsageError('one URL, and - if lines of the standard input are to be sent')
  }
  const messages: (string | Uint8Array)[] = []
  // In the order in which they were given, whatever they are.
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue
    if (token.name === 'send') messages.push(token.value)
    else if (token.name === 'send-binary') messages.push(bytesOption(token.value))
  }
  const count = numberOption('count', values.count, 1, Number.MAX_SAFE_INTEGER)
  const durationMs = durationOption(values.duration)
  const closeCode = closeOption(values.close)
  return {
    url: urlOption(address),
    protocols: protocolsOption(values.protocol ?? []),
    headers: (values.header ?? []).map(headerOption),
    tls: {
      ...(values.ca !== undefined && { ca: fileOption('ca', values.ca).toString() }),
      ...(values.insecure === true && { rejectUnauthorized: false }),
    },
    deflate: values.deflate === true ? WISHES : undefined,
    messages,
    ping: values.ping === true,
    readInput: dash === '-' || process.stdin.isTTY,
    count: count ?? Infinity,
    durationMs,
    closeCode: closeCode ?? 1000,
    closeAtOnce: closeCode !== undefined && count === undefined && durationMs === undefined,
    verbose: values.verbose === true,
    json: values.json === true,
  }
}

const urlOption = (text: string): URL => {
  // `localhost:4000/ws` would be a URL of the scheme `localhost`.
  if (!/^(wss?|https?):\/\//i.test(text))
    throw new UsageError(`a URL begins with ws:// or wss://, not "${text}"`)
  let url: URL
  try {
    url = new URL(text.replace(/^http/i, 'ws'))
  } catch {
    throw new UsageError(`"${text}" is no URL`)
  }
  // RFC 6455 §3: a fragment has no meaning in these URLs.
  if (url.hash !== '') throw new UsageError('a WebSocket has no fragment: leave out what follows the #')
  if (url.username !== '' || url.password !== '') {
    throw new UsageError("a name and a password go into a header: --header 'Authorization: Basic …'")
  }
  return url
}

const protocolsOption = (given: readonly string[]): string[] => {
  const protocols = given.flatMap((text) => text.split(',')).map((text) => text.trim())
  try {
    handshakeHeaders('', { protocols, extensions: '' })
  } catch (error) {
    if (!(error instanceof CallerError)) throw error
    throw new UsageError(`--protocol takes names such as chat.v1, each once, not "${given.join(', ')}"`)
  }
  return protocols
}

const headerOption = (text: string): readonly [string, string] => {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(colon, 0))
  const value = text.slice(colon + 1).trim()
  try {
    headerLine(name, value)
  } catch (error) {
    if (!(error instanceof CallerError)) throw error
    throw new UsageError(`--header takes 'Name: value', not "${text}"`)
  }
  return [name, value]
}

const bytesOption = (text: string): Uint8Array => {
  if (text.startsWith('@')) return fileOption('send-binary', text.slice(1))
  const digits = text.replaceAll(/[\s:]/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) {
    throw new UsageError(`--send-binary takes hexadecimal digits or @file, not "${text}"`)
  }
  return Buffer.from(digits, 'hex')
}

const fileOption = (name: string, path: string): Buffer => {
  try {
    const content = readFileSync(path)
    if (content.length > LONGEST_MESSAGE) throw new Error('more than 1 GiB')
    return content
  } catch (error) {
    throw new UsageError(`--${name}: cannot read ${path}: ${(error as Error).message}`)
  }
}

const durationOption = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 86_400)) {
    throw new UsageError(`--duration takes seconds, up to a day, not "${text}"`)
  }
  return seconds * 1000
}

const closeOption = (text: string | undefined): number | undefined => {
  const code = numberOption('close', text, 1000, 4999)
  if (code !== undefined && !isWireCloseCode(code)) {
    throw new UsageError(`--close takes a code that may be sent, such as 1000 or 4000, not ${code}`)
  }
  return code
}
