// One open connection under the glass: the protocol core as the client, and an annotator on each direction. It sends
// what it is told to, answers as any client does, closes with a deadline, and counts. It prints nothing.

import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { PerMessageDeflate, resolveDeflate } from '../../wire/index.ts'
import {
  type AnnotatedFrame,
  CloseCode,
  closeCodeName,
  Connection,
  type ConnectionSettings,
  type CutHeader,
  type DeflateAgreement,
  encodeFrame,
  FrameAnnotator,
  type FrameError,
  type Inflater,
  Opcode,
  type Role,
  RSV1,
} from '../../websocket/index.ts'
import type { Opened } from './opening.ts'

export type Direction = 'sent' | 'received'

export interface SeenFrame {
  /** Since the connection was open, in milliseconds. */
  readonly timeMs: number
  readonly direction: Direction
  readonly frame: AnnotatedFrame | CutHeader
}

export interface Traffic {
  readonly frames: number
  readonly payloadBytes: number
  /** Headers and payloads. */
  readonly wireBytes: number
}

export interface Summary {
  readonly durationMs: number
  readonly sent: Traffic
  readonly received: Traffic
  /** The server's code, or the one that it was failed with; 1006 if no Close frame came. */
  readonly code: number
  readonly name: string
  readonly reason: string
  /** Whose Close frame was first. */
  readonly closedBy: 'client' | 'server' | 'nobody'
  /** What the server did wrong, if that ended it. */
  readonly error?: FrameError
}

export interface SessionReport {
  frame(seen: SeenFrame): void
}

/** How long the server may take to answer a Close frame, and then to end the connection. */
const CLOSE_TIMEOUT_MS = 5_000
const MAX_PAYLOAD_BYTES = 67_108_864
const MAX_PENDING_PONGS = 1_000
const PIECE_BYTES = 1_024

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const decodeText = (bytes: Uint8Array): string => lenient.decode(bytes)

const decodeStrictly = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  try {
    return strict.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

const maskKey = (): number => randomBytes(4).readInt32BE()

/** What compresses in this direction or inflates in the other; one of each, for they remember what they have seen. */
const compression = ({ outgoing, incoming }: DeflateAgreement, mirrored = false): PerMessageDeflate => {
  const terms = mirrored ? { outgoing: incoming, incoming: outgoing } : { outgoing, incoming }
  return new PerMessageDeflate(resolveDeflate({ thresholdBytes: 0 }), terms, MAX_PAYLOAD_BYTES)
}

/** Counts and annotates one direction. */
class Tap {
  readonly #annotator: FrameAnnotator
  readonly #show: (frame: AnnotatedFrame | CutHeader) => void
  #frames = 0
  #payloadBytes = 0
  #wireBytes = 0

  constructor(role: Role, inflater: Inflater | undefined, show: (frame: AnnotatedFrame | CutHeader) => void) {
    this.#annotator = new FrameAnnotator({ role, decodeText, ...(inflater !== undefined && { inflater }) })
    this.#show = show
  }

  take(bytes: Uint8Array): void {
    this.#wireBytes += bytes.length
    for (const frame of this.#annotator.annotate(bytes)) {
      if (frame.stage !== 'complete') continue
      this.#frames++
      this.#payloadBytes += frame.payloadLength
      this.#show(frame)
    }
  }

  /** Shows what the stream ended in the middle of. */
  end(): void {
    const cut = this.#annotator.end()
    if (cut === undefined) return
    if (cut.stage === 'cut') this.#payloadBytes += cut.receivedBytes
    this.#show(cut)
  }

  get traffic(): Traffic {
    return { frames: this.#frames, payloadBytes: this.#payloadBytes, wireBytes: this.#wireBytes }
  }
}

export class Session {
  /** Fulfilled when the connection is gone. */
  readonly ended: Promise<Summary>
  /** Frames of the server so far. */
  framesReceived = 0
  /** Called after each of them. */
  onReceived: () => void = () => undefined

  readonly #socket: Duplex
  readonly #startedAt = performance.now()
  readonly #core: Connection
  readonly #deflate: PerMessageDeflate | undefined
  readonly #sent: Tap
  readonly #received: Tap
  #closedBy: Summary['closedBy'] = 'nobody'
  #error: FrameError | undefined
  #deadline: NodeJS.Timeout | undefined

  /** Reads from the next turn on. */
  constructor({ socket, head, agreement }: Opened, report: SessionReport) {
    this.#socket = socket
    this.#deflate = agreement && compression(agreement)
    const settings: ConnectionSettings = {
      role: 'client',
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      maxFragments: Infinity,
      maxPendingPongs: MAX_PENDING_PONGS,
      decodeText: decodeStrictly,
      encodeText: (text) => Buffer.from(text),
      allocate: (size) => Buffer.allocUnsafe(size),
      maskKey,
    }
    this.#core = new Connection(settings, this.#deflate)
    // Messages need not be kept whole to be looked at.
    this.#core.parts = true
    const timeMs = (): number => performance.now() - this.#startedAt
    this.#sent = new Tap('server', agreement && compression(agreement, true), (frame) =>
      report.frame({ timeMs: timeMs(), direction: 'sent', frame }),
    )
    this.#received = new Tap('client', agreement && compression(agreement), (frame) => {
      report.frame({ timeMs: timeMs(), direction: 'received', frame })
      this.framesReceived++
      this.onReceived()
    })
    this.ended = this.#run()
    // Before there is a listener, so that it is read with the rest, a turn later.
    if (head.length > 0) socket.unshift(head)
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    socket.on('end', () => socket.end())
    // What went wrong with the socket shows as a connection that ends without a Close frame.
    socket.on('error', () => socket.destroy())
  }

  get isOpen(): boolean {
    return this.#core.state.name === 'open'
  }

  /** Sends one message in one frame; fulfilled when more may be sent. Ignored unless open. */
  async send(message: string | Uint8Array): Promise<void> {
    if (!this.isOpen) return
    const text = typeof message === 'string'
    const payload = text ? Buffer.from(message) : message
    const opcode = text ? Opcode.text : Opcode.binary
    const deflated = this.#deflate?.suits(payload.length) ? this.#deflate.deflate(payload) : undefined
    const rsv = deflated === undefined ? 0 : RSV1
    this.#write(encodeFrame(opcode, deflated ?? payload, { rsv, key: maskKey() }))
    if (this.#socket.writableNeedDrain) {
      await Promise.race([once(this.#socket, 'drain'), this.ended])
    }
  }

  ping(payload: Uint8Array): void {
    this.#core.ping(payload)
    this.#moveOutput()
  }

  /** Begins the closing handshake; ends the connection if it takes too long. A second call ends it at once. */
  close(code: number): void {
    if (!this.isOpen) {
      this.#socket.destroy()
      return
    }
    this.#closedBy = 'client'
    this.#core.close(code)
    this.#moveOutput()
    this.#arm()
  }

  /** Stops reading, and the server feels it, while the other promise is under way. */
  async pauseFor(other: Promise<unknown>): Promise<void> {
    this.#socket.pause()
    await other
    this.#socket.resume()
  }

  async #run(): Promise<Summary> {
    await new Promise((resolve) => this.#socket.once('close', resolve))
    clearTimeout(this.#deadline)
    this.#core.drop()
    this.#sent.end()
    this.#received.end()
    const { state } = this.#core
    const { code, reason } = state.name === 'closed' ? state : { code: CloseCode.abnormal, reason: '' }
    return {
      durationMs: performance.now() - this.#startedAt,
      sent: this.#sent.traffic,
      received: this.#received.traffic,
      code,
      name: closeCodeName(code),
      reason,
      closedBy: this.#closedBy,
      ...(this.#error !== undefined && { error: this.#error }),
    }
  }

  /** In small pieces, so that a chunk full of tiny frames never stands there as records all at once. */
  #receive(chunk: Uint8Array): void {
    const core = this.#core
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      // §5.5.1 and §7.1.7: what follows a Close frame or a violation is not looked at.
      if (core.state.name === 'closed') return
      this.#receivePiece(chunk.subarray(at, at + PIECE_BYTES))
    }
  }

  #receivePiece(piece: Uint8Array): void {
    this.#received.take(piece)
    const core = this.#core
    if (this.#socket.writableLength === 0) core.pongsWritten()
    core.receive(piece)
    for (let event = core.next(); event !== undefined; event = core.next()) {
      if (event.type !== 'close') continue
      this.#error = event.error
      if (this.#closedBy === 'nobody') this.#closedBy = event.error === undefined ? 'server' : 'client'
    }
    this.#moveOutput()
    if (core.state.name !== 'closed') return
    this.#arm()
    if (core.state.transport === 'end') this.#socket.end()
    else if (core.state.transport === 'destroy') this.#socket.destroy()
  }

  #moveOutput(): void {
    const { output } = this.#core
    this.#core.output = []
    for (const frame of output) this.#write(frame)
  }

  #write(frame: Uint8Array): void {
    this.#sent.take(frame)
    this.#socket.write(frame)
  }

  #arm(): void {
    this.#deadline ??= setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS)
  }
}
