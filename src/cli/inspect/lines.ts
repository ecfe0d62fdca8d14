// The report for people: the two heads of the handshake, a line for each frame, and what it all came to. Everything
// that a peer sent passes through `printable` on its way to the terminal.

import { styleText } from 'node:util'
import { type AnnotatedFrame, CloseCode, type CutHeader, purposeOf } from '../../websocket/index.ts'
import { adviceFor } from './answer-advice.ts'
import type { AnswerHead, RequestHead, Security } from './opening.ts'
import { drawHeader, hexDump, printable, shorten } from './printable.ts'
import type { Report } from './report.ts'
import type { Direction, SeenFrame, Summary, Traffic } from './session.ts'

export interface LinesOptions {
  readonly colour: boolean
  readonly verbose: boolean
  /** Characters in a line. */
  readonly width: number
}

type Style = Parameters<typeof styleText>[0]

const ARROW: Readonly<Record<Direction, string>> = { sent: '→', received: '←' }
const HUE: Readonly<Record<Direction, Style>> = { sent: 'cyan', received: 'green' }
/** Where the payload stands in a frame's line. */
const PAYLOAD_COLUMN = 59
const LEAST_PREVIEW = 20
/** Where a header's purpose stands. */
const PURPOSE_COLUMN = 50
const INDENT = ' '.repeat(13)

export class Lines implements Report {
  readonly #options: LinesOptions
  readonly #write: (text: string) => void
  #frames = 0

  constructor(options: LinesOptions, write: (text: string) => void) {
    this.#options = options
    this.#write = write
  }

  connected(address: string, security: Security | undefined): void {
    this.#line(`Connected to ${address}.`)
    if (security === undefined) return
    const { protocol, cipher, subject, issuer, validTo, trusted } = security
    this.#line(`${protocol}, ${printable(cipher)}`)
    const verdict = trusted ? 'trusted' : this.#paint('red', 'NOT trusted, taken because of --insecure')
    this.#line(
      `Certificate of ${printable(subject)} by ${printable(issuer)}, until ${printable(validTo)}: ${verdict}`,
    )
  }

  request({ target, headers }: RequestHead): void {
    this.#line('')
    this.#line(this.#paint(HUE.sent, `→ GET ${printable(target)} HTTP/1.1`))
    this.#headers('request', headers)
  }

  answer(answer: AnswerHead): void {
    const { status, reason, httpVersion, headers, expectedAccept, afterMs, error } = answer
    this.#line('')
    const first = `← HTTP/${printable(httpVersion)} ${status} ${printable(reason)}`
    this.#line(
      `${this.#paint(error === undefined ? HUE.received : 'red', first)}  ${this.#dim(`after ${afterMs.toFixed(1)} ms`)}`,
    )
    this.#headers('answer', headers, expectedAccept)
    if (answer.body !== undefined && answer.body !== '') {
      this.#line('')
      for (const line of answer.body.split(/\r\n|\r|\n/, 20)) this.#line(`  ${printable(line)}`)
    }
    this.#line('')
    if (error === undefined) return
    this.#line(this.#paint('red', `No WebSocket: ${printable(error.message)} (${error.code}).`))
    this.#line(adviceFor(status))
  }

  frame({ timeMs, direction, frame }: SeenFrame): void {
    if (this.#frames++ === 0) this.#legend()
    const time = `${(timeMs / 1000).toFixed(3)} s`.padStart(10)
    const arrow = this.#paint(HUE[direction], ARROW[direction])
    if (frame.stage === 'cut-header') {
      this.#line(`${this.#dim(time)} ${arrow} ${this.#paint('red', describeCutHeader(frame))}`)
      return
    }
    this.#line(`${this.#dim(time)} ${arrow} ${this.#columns(frame)}`)
    if (frame.stage === 'cut') {
      const missing = frame.lost
        ? 'no end of it can be known'
        : `${frame.payloadLength - frame.receivedBytes} bytes are missing`
      this.#line(`${INDENT}${this.#paint('red', `the connection ended inside this frame: ${missing}`)}`)
    }
    for (const { section, message, code } of frame.violations) {
      this.#line(`${INDENT}${this.#paint('red', `✗ ${printable(message)} (${code}, ${section})`)}`)
    }
    if (this.#options.verbose) this.#details(frame)
  }

  summary({ durationMs, sent, received, code, name, reason, closedBy, error }: Summary): void {
    this.#line('')
    this.#line(`Open for ${(durationMs / 1000).toFixed(3)} s.`)
    this.#line(this.#traffic('sent', sent))
    this.#line(this.#traffic('received', received))
    const why = reason === '' || error !== undefined ? '' : `, "${printable(reason)}"`
    if (error !== undefined) {
      this.#line(
        this.#paint(
          'red',
          `✗ The server broke the protocol, and was told so with ${code} (${name}): ${printable(error.message)}.`,
        ),
      )
    } else if (code === CloseCode.abnormal) {
      const lost = closedBy === 'nobody' ? 'was lost' : 'ended from here, and the server left'
      this.#line(this.#paint('red', `✗ The connection ${lost} without a Close frame: ${code} (${name}).`))
    } else {
      const who = closedBy === 'client' ? 'from here' : 'by the server'
      this.#line(`Closed ${who} with ${code} (${name})${why}.`)
    }
  }

  #headers(side: 'request' | 'answer', list: readonly string[], expectedAccept?: string): void {
    for (let at = 0; at + 1 < list.length; at += 2) {
      const name = list[at]!
      const value = list[at + 1]!
      const field = `  ${printable(name)}: ${printable(value)}`
      let purpose = purposeOf(side, name, value)
      if (name.toLowerCase() === 'sec-websocket-accept' && expectedAccept !== undefined) {
        purpose =
          value === expectedAccept
            ? 'as computed here: base64(SHA-1(key + 258EAFA5-E914-47DA-95CA-C5AB0DC85B11)) (RFC 6455 §4.2.2)'
            : `should be ${expectedAccept}, by RFC 6455 §4.2.2`
      }
      if (purpose === '') {
        this.#line(field)
      } else if (field.length < PURPOSE_COLUMN && PURPOSE_COLUMN + purpose.length <= this.#options.width) {
        this.#line(`${field.padEnd(PURPOSE_COLUMN)}${this.#dim(purpose)}`)
      } else {
        this.#line(field)
        this.#line(`      ${this.#dim(purpose)}`)
      }
    }
  }

  #legend(): void {
    const columns = `${'time'.padStart(10)}   FIN RSV ${'opcode'.padEnd(13)}${'mask'.padEnd(10)}${'header'.padStart(6)} ${'payload'.padStart(9)}`
    this.#line(this.#dim(columns))
  }

  #columns(frame: AnnotatedFrame): string {
    const { opcode, opcodeName, header, payloadLength, maskingKey } = frame
    const fin = frame.fin ? 'FIN' : ' · '
    const rsv = [frame.rsv1, frame.rsv2, frame.rsv3].map((bit, index) => (bit ? index + 1 : '·')).join('')
    const name = opcodeName === 'reserved' ? `reserved 0x${opcode.toString(16)}` : opcodeName
    const mask = maskingKey === undefined ? '·' : Buffer.from(maskingKey).toString('hex')
    const size = `${String(header.length).padStart(6)} ${String(payloadLength).padStart(9)}`
    const strong = this.#paint(frame.violations.length > 0 ? 'red' : 'bold', name.padEnd(13))
    return `${fin} ${rsv} ${strong}${this.#dim(mask.padEnd(10))}${size}  ${this.#payload(frame)}`
  }

  #payload(frame: AnnotatedFrame): string {
    const room = Math.max(this.#options.width - PAYLOAD_COLUMN, LEAST_PREVIEW)
    const text = previewOf(frame, room)
    const { message } = frame
    if (message === undefined || (message.fragment === 0 && frame.fin)) return shorten(text, room)
    const place = `part ${message.fragment + 1}${frame.fin ? ', the last,' : ''} of ${message.kind} message ${message.index + 1}: `
    return this.#dim(place) + shorten(text, Math.max(room - place.length, LEAST_PREVIEW))
  }

  #details(frame: AnnotatedFrame): void {
    for (const line of drawHeader(frame)) this.#line(`${INDENT}${this.#dim(line)}`)
    for (const line of hexDump(frame.payload)) this.#line(`${INDENT}${line}`)
    const kept = frame.payload.length
    if (kept < frame.receivedBytes) {
      this.#line(`${INDENT}${this.#dim(`… and ${frame.receivedBytes - kept} bytes more`)}`)
    }
    this.#line('')
  }

  #traffic(direction: Direction, { frames, payloadBytes, wireBytes }: Traffic): string {
    const overhead = wireBytes - payloadBytes
    const share = wireBytes === 0 ? '' : ` (${((100 * overhead) / wireBytes).toFixed(1)} %)`
    const arrow = this.#paint(HUE[direction], `${ARROW[direction]} ${direction.padEnd(8)}`)
    return `${arrow} ${plural(frames, 'frame')}: ${plural(wireBytes, 'byte')} = ${payloadBytes} of payload + ${overhead} of headers${share}`
  }

  #dim(text: string): string {
    return this.#paint('dim', text)
  }

  #paint(style: Style, text: string): string {
    return this.#options.colour ? styleText(style, text, { validateStream: false }) : text
  }

  #line(text: string): void {
    this.#write(`${text}\n`)
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const describeCutHeader = ({ header }: CutHeader): string =>
  `the connection ended inside a header: ${Buffer.from(header).toString('hex')}`

/** At least `room` characters of what can be said about the payload, or all of it. */
const previewOf = (frame: AnnotatedFrame, room: number): string => {
  const { close, text, payload, compressed, inflated, message } = frame
  if (inflated !== undefined) return `inflated to ${inflated.length}: ${contentOf(inflated, room)}`
  if (compressed) return `compressed: ${contentOf({ payload }, room)}`
  if (close !== undefined) {
    if (payload.length === 0) return 'no code'
    return `${close.code} ${close.name}${close.reason === '' ? '' : ` "${printable(close.reason)}"`}`
  }
  if (text !== undefined) return contentOf({ payload, text }, room)
  // A ping's payload is mostly text, though nothing says so.
  const ascii = message === undefined && payload.every((byte) => byte >= 0x20 && byte < 0x7f)
  return contentOf(ascii ? { payload, text: Buffer.from(payload).toString() } : { payload }, room)
}

const contentOf = ({ payload, text }: { payload: Uint8Array; text?: string }, room: number): string => {
  if (payload.length === 0) return ''
  if (text !== undefined) return `"${printable(shorten(text, room))}"`
  const digits = Buffer.from(payload.subarray(0, room)).toString('hex')
  return digits.replaceAll(/../g, '$& ').trimEnd()
}
