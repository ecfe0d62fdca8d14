// The suite's own end of a connection after its handshake: it plays a case on any byte stream and compares what it
// hears with what the case allows, frame by frame. It checks the subject's frames as strictly as it expects its own to
// be checked, and it forgives nothing.

import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import type { Case, Compressed, Heard, Piece, Step } from './case.ts'
import type { Deflate } from './deflate.ts'
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  encode,
  type Frame,
  FrameReader,
  PING,
  type ReceivedFrame,
  type Role,
  TEXT,
  Violation,
} from './frame.ts'

/** The case went otherwise than it must. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

export interface PeerOptions {
  readonly role: Role
  /** The compression in force, if any was negotiated. */
  readonly deflate?: Deflate | undefined
  /** Everything is sent in pieces of so many bytes, each in a turn of its own. */
  readonly chopBytes?: number | undefined
  /** What came with the handshake. */
  readonly head?: Buffer
  /** How long a case may take that does not say so itself, in milliseconds; 10,000. */
  readonly deadlineMs?: number | undefined
}

const DEADLINE_MS = 10_000
const CLOSE_WITH_1000 = Buffer.of(0x03, 0xe8)

export class Peer {
  /** The masking keys of the subject's frames. */
  readonly keys: number[] = []
  /** How many messages came compressed. */
  compressedHeard = 0

  private readonly stream: Duplex
  private readonly options: PeerOptions
  private readonly reader: FrameReader
  private over: 'end' | 'reset' | undefined
  private fragments: ReceivedFrame[] = []
  private wake: () => void = () => undefined

  constructor(stream: Duplex, options: PeerOptions) {
    this.stream = stream
    this.options = options
    this.reader = new FrameReader(options.role)
    if (options.head !== undefined && options.head.length > 0) this.reader.push(options.head)
    stream.on('data', (chunk: Buffer) => {
      this.reader.push(chunk)
      this.wake()
    })
    const ended = (how: 'end' | 'reset') => () => {
      this.over ??= how
      this.wake()
    }
    stream.on('end', ended('end')).on('error', ended('reset')).on('close', ended('reset'))
    stream.resume()
  }

  /** Plays a case to its end, or throws a Mismatch or Violation. A case that does not say how it ends is closed. */
  async play(each: Pick<Case, 'steps' | 'deadlineMs'>): Promise<void> {
    const deadlineMs = each.deadlineMs ?? this.options.deadlineMs ?? DEADLINE_MS
    let doing = 'nothing'
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Mismatch(`still ${doing} after ${deadlineMs} ms`)), deadlineMs)
    })
    const steps = isEnd(each.steps.at(-1)) ? each.steps : [...each.steps, ...normalEnd]
    const play = async (): Promise<void> => {
      for (const [index, step] of steps.entries()) {
        doing = `at step ${index + 1}, ${step.type}`
        await this.take(step)
      }
    }
    const playing = play()
    try {
      await Promise.race([playing, late])
    } finally {
      clearTimeout(timer)
      this.release()
      playing.catch(() => undefined)
    }
  }

  private async take(step: Step): Promise<void> {
    if (step.type === 'send') return this.send(step.pieces, step.chopBytes ?? this.options.chopBytes)
    if (step.type === 'hear') {
      for (const expected of step.heard) same(await this.next(), expected)
      return
    }
    if (step.type === 'hangsUp') {
      this.stream.end()
      return this.ends()
    }
    const heard = await this.next()
    if (heard?.opcode !== CLOSE) throw new Mismatch(`expected Close ${step.code}, heard ${show(heard)}`)
    const code = closeCode(heard.payload)
    if (code !== step.code) throw new Mismatch(`expected Close ${step.code}, heard Close ${code}`)
    // RFC 6455 §7.1.1: it is the server that ends the connection, unless the client has failed it.
    if (step.type === 'answers' && this.options.role === 'server') this.stream.end()
    await this.ends()
  }

  private async send(pieces: readonly Piece[], chopBytes: number | undefined): Promise<void> {
    const encoded: Buffer[] = []
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) encoded.push(piece)
      else if ('compressed' in piece) encoded.push(...(await this.compress(piece)))
      else encoded.push(encode(piece, this.options.role))
    }
    const all = encoded.length === 1 ? encoded[0]! : Buffer.concat(encoded)
    if (chopBytes === undefined) {
      this.write(all)
      return
    }
    for (let at = 0; at < all.length; at += chopBytes) {
      this.write(all.subarray(at, at + chopBytes))
      await new Promise(setImmediate)
    }
  }

  /** What the subject has refused by ending the connection is no longer written; what it said before is still heard. */
  private write(bytes: Buffer): void {
    if (this.over === undefined && this.stream.writable) this.stream.write(bytes)
  }

  private async compress({ compressed: frame, fragmentBytes }: Compressed): Promise<Buffer[]> {
    const { deflate, role } = this.options
    if (deflate === undefined) throw new Error('the case compresses, but nothing was negotiated')
    const payload = await deflate.compress(frame.payload)
    const size = fragmentBytes ?? payload.length
    const frames: Frame[] = []
    for (let at = 0; at < payload.length; at += size) {
      const [opcode, rsv] = at === 0 ? [frame.opcode, 4] : [CONTINUATION, 0]
      frames.push({ opcode, rsv, fin: at + size >= payload.length, payload: payload.subarray(at, at + size) })
    }
    return frames.map((each) => encode(each, role))
  }

  /** The next message or control frame, or undefined when the connection is over. */
  private async next(): Promise<Heard | undefined> {
    for (;;) {
      const frame = this.reader.next()
      if (frame !== undefined) {
        if (frame.key !== undefined) this.keys.push(frame.key)
        const heard = await this.admit(frame)
        if (heard !== undefined) return heard
      } else if (this.over === undefined) {
        await new Promise<void>((resolve) => (this.wake = resolve))
      } else {
        if (!this.reader.isEmpty) throw new Violation('the connection ended inside a frame')
        return undefined
      }
    }
  }

  /** Checks a frame, and gives what it completes. */
  private async admit(frame: ReceivedFrame): Promise<Heard | undefined> {
    const { opcode, fin, rsv, payload } = frame
    if (opcode >= CLOSE) {
      if (!fin || rsv !== 0 || payload.length > 125 || opcode > 10)
        throw new Violation(`a wrong control frame, opcode ${opcode}`)
      return { opcode, payload }
    }
    const begins = this.fragments.length === 0
    if (begins ? opcode !== TEXT && opcode !== BINARY : opcode !== CONTINUATION)
      throw new Violation(`opcode ${opcode} ${begins ? 'between' : 'inside'} messages`)
    if (rsv !== 0 && (rsv !== 4 || !begins || this.options.deflate === undefined))
      throw new Violation(`reserved bits ${rsv}`)
    this.fragments.push(frame)
    if (!fin) return undefined
    const frames = this.fragments
    this.fragments = []
    const whole = frames.length === 1 ? payload : Buffer.concat(frames.map((each) => each.payload))
    const message = { opcode: frames[0]!.opcode, payload: await this.inflate(frames[0]!.rsv, whole) }
    if (message.opcode === TEXT && !isUtf8(message.payload)) throw new Violation('a text that is not UTF-8')
    return message
  }

  private async inflate(rsv: number, payload: Buffer): Promise<Buffer> {
    if (rsv === 0) return payload
    this.compressedHeard++
    return this.options.deflate!.inflate(payload)
  }

  /** Ends our side; what does not end by itself then is cut off. Many resets would look like an attack to HTTP/2. */
  private release(): void {
    if (this.over !== 'end') this.stream.destroy()
    else this.stream.end(() => this.stream.destroy())
  }

  private async ends(): Promise<void> {
    const heard = await this.next()
    if (heard !== undefined) throw new Mismatch(`expected the end, heard ${show(heard)}`)
    if (this.over === 'reset') throw new Mismatch('expected the end, but the connection was reset')
  }
}

const isEnd = (step: Step | undefined): boolean =>
  step !== undefined && step.type !== 'send' && step.type !== 'hear'

const normalEnd: readonly Step[] = [
  { type: 'send', pieces: [{ opcode: CLOSE, payload: CLOSE_WITH_1000 }] },
  { type: 'answers', code: 1000 },
]

function same(heard: Heard | undefined, expected: Heard): void {
  if (heard?.opcode === expected.opcode && heard.payload.equals(expected.payload)) return
  throw new Mismatch(`expected ${show(expected)}, heard ${show(heard)}`)
}

/** The code of a well-formed Close frame. */
function closeCode(payload: Buffer): number | undefined {
  if (payload.length === 0) return undefined
  if (payload.length === 1 || !isUtf8(payload.subarray(2))) throw new Violation('a wrong Close frame')
  return payload.readUInt16BE(0)
}

const NAMES: Readonly<Record<number, string>> = {
  [TEXT]: 'text',
  [BINARY]: 'binary',
  [CLOSE]: 'Close',
  [PING]: 'ping',
}

function show(heard: Heard | undefined): string {
  if (heard === undefined) return 'the end'
  const { opcode, payload } = heard
  if (opcode === CLOSE && payload.length >= 2)
    return `Close ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`.trimEnd()
  const start = payload.subarray(0, 24).toString('hex')
  return `${NAMES[opcode] ?? 'pong'} of ${payload.length} bytes ${start}${payload.length > 24 ? '…' : ''}`
}
