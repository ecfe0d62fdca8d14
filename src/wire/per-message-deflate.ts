// Compressing and inflating messages as permessage-deflate asks (RFC 7692 §7.2), with node:zlib, one call per message.
// A message ends at a byte boundary, so all that it can share with the next is the window of bytes before it: handed to
// zlib as a dictionary, it makes a context that lives for one call. Without context takeover a connection therefore
// keeps nothing, with it at most a window per direction; zlib's own state (some 300 KB) exists once, not per connection.
// It negotiates nothing and decides nothing about frames.

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { FrameError, type DeflateAgreement, type DeflateTerms } from '../websocket/index.ts'

export interface DeflateOptions {
  /** Shorter messages are sent as they are, in bytes; 1,024. */
  readonly thresholdBytes?: number
  /** Longer ones too, since compressing takes this thread's time; 1 MiB. */
  readonly maxBytes?: number
  /** zlib's, from 1 (fast) to 9 (small); 3. */
  readonly level?: number
  /** Whether this side's messages may refer to earlier ones: smaller, but a window to keep and to read; false. */
  readonly contextTakeover?: boolean
  /** Whether the peer's may; false. */
  readonly peerContextTakeover?: boolean
  /** The base-2 logarithm of this side's window, 8 to 15; 15. */
  readonly windowBits?: number
  /** The same of the peer's, if it lets itself be told; 15. */
  readonly peerWindowBits?: number
}

export type DeflateSettings = Required<DeflateOptions>

const DEFAULTS: DeflateSettings = {
  thresholdBytes: 1024,
  maxBytes: 1_048_576,
  level: 3,
  contextTakeover: false,
  peerContextTakeover: false,
  windowBits: 15,
  peerWindowBits: 15,
}

/** The defaults, and what is set beside them. Throws a RangeError for what zlib or the RFC does not know. */
export function resolveDeflate(options: DeflateOptions): DeflateSettings {
  const settings = { ...DEFAULTS, ...options }
  checkRange('level', settings.level, 1, 9)
  checkRange('windowBits', settings.windowBits, 8, 15)
  checkRange('peerWindowBits', settings.peerWindowBits, 8, 15)
  checkRange('thresholdBytes', settings.thresholdBytes, 0, Number.MAX_SAFE_INTEGER)
  checkRange('maxBytes', settings.maxBytes, 0, Number.MAX_SAFE_INTEGER)
  return settings
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`deflate.${name} must be a whole number from ${least} to ${most}, not ${value}`)
  }
}

/** §7.2.1: what a flush ends with; it is not sent. */
const TAIL_LENGTH = 4
/** What is put back, and an empty final block behind it: only data that is complete ends there (RFC 1951 §3.2.4). */
const ENDING: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff)
/** A message may hold final blocks of its own (§7.2.3.4), but not to make us begin anew for every other byte. */
const MAX_FINAL_BLOCKS = 8
const NOTHING: Uint8Array = new Uint8Array(0)

/** One connection's compression; connections without context takeover share one, see `deflateFor`. */
export class PerMessageDeflate {
  /** Whether any connection with this object may be sent the same compressed bytes. */
  readonly shared: boolean
  private readonly settings: DeflateSettings
  private readonly outgoing: DeflateTerms
  private readonly incoming: DeflateTerms
  private readonly maxPayloadBytes: number
  /** The last bytes of what was sent and of what was received: what the next message may refer to. */
  private sentWindow: Uint8Array = NOTHING
  private receivedWindow: Uint8Array = NOTHING

  constructor(settings: DeflateSettings, agreement: DeflateAgreement, maxPayloadBytes: number) {
    this.settings = settings
    this.outgoing = agreement.outgoing
    this.incoming = agreement.incoming
    this.maxPayloadBytes = maxPayloadBytes
    this.shared = !agreement.outgoing.contextTakeover && !agreement.incoming.contextTakeover
  }

  /** Whether a message of this size is worth compressing. */
  suits(length: number): boolean {
    return length > 0 && length >= this.settings.thresholdBytes && length <= this.settings.maxBytes
  }

  /** The payload compressed, or undefined if that would save nothing: then it must be sent as it is. */
  deflate(payload: Uint8Array): Uint8Array | undefined {
    const { contextTakeover, windowBits } = this.outgoing
    const bits = contextTakeover ? windowBits : Math.min(windowBits, bitsFor(payload.length))
    const flushed = deflateRawSync(payload, {
      level: this.settings.level,
      windowBits: Math.max(bits, 9),
      memLevel: Math.max(1, bits - 7),
      // zlib cannot have a window of 256 bytes (8 bits); repeating only the byte before keeps within any.
      strategy: windowBits === 8 ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: Math.max(constants.Z_MIN_CHUNK, payload.length),
      ...(this.sentWindow.length > 0 && { dictionary: this.sentWindow }),
    })
    const length = flushed.length - TAIL_LENGTH
    if (length >= payload.length) return undefined
    if (contextTakeover) this.sentWindow = slide(this.sentWindow, payload, windowBits)
    return flushed.subarray(0, length)
  }

  /** The payload as it was, never more than the largest message of it at any time. Throws a FrameError. */
  inflate(compressed: Uint8Array): Uint8Array {
    const { contextTakeover, windowBits } = this.incoming
    let input = join(compressed, ENDING)
    let output: Uint8Array = NOTHING
    for (let blocks = 0; input.length > 0; blocks++) {
      if (blocks > MAX_FINAL_BLOCKS) throw invalid('too many final blocks')
      const window =
        output.length === 0 ? this.receivedWindow : slide(this.receivedWindow, output, windowBits)
      const room = this.maxPayloadBytes - output.length
      const { buffer, engine } = inflateRaw(input, { window, windowBits, room })
      output = output.length === 0 ? buffer : join(output, buffer)
      input = input.subarray(engine.bytesWritten)
    }
    if (contextTakeover) this.receivedWindow = slide(this.receivedWindow, output, windowBits)
    return output
  }
}

interface InflateTerms {
  readonly window: Uint8Array
  readonly windowBits: number
  /** How many bytes may come of it. */
  readonly room: number
}

/** What zlib says beside the data: how much of the input it took. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** Up to the first final block. */
function inflateRaw(input: Uint8Array, { window, windowBits, room }: InflateTerms): Inflated {
  try {
    const inflated = inflateRawSync(input, {
      windowBits,
      maxOutputLength: Math.max(1, room),
      chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(room, 4 * input.length)),
      info: true,
      ...(window.length > 0 && { dictionary: window }),
    }) as unknown as Inflated
    if (inflated.buffer.length > room) throw tooLarge()
    return inflated
  } catch (error) {
    if (error instanceof FrameError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw invalid((error as Error).message)
  }
}

const tooLarge = (): FrameError =>
  new FrameError('too-large', 'a message that is too large when it is inflated')

const invalid = (why: string): FrameError =>
  new FrameError('invalid-deflate', `a message that cannot be inflated: ${why}`)

/** A window, and with it tables, no larger than such a payload can use: they cost more than small messages do. */
function bitsFor(length: number): number {
  return Math.max(9, 33 - Math.clz32(length))
}

/** The last bytes of the two, as many as the window holds, in memory of their own. */
function slide(window: Uint8Array, added: Uint8Array, windowBits: number): Uint8Array {
  const size = 1 << windowBits
  if (added.length >= size) return added.slice(added.length - size)
  return join(window.subarray(Math.max(0, window.length + added.length - size)), added)
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = Buffer.allocUnsafeSlow(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}

const groups = new WeakMap<DeflateSettings, Map<string, PerMessageDeflate>>()

/** The compression for a connection: one for all that agreed on the same terms without context takeover. */
export function deflateFor(
  settings: DeflateSettings,
  agreement: DeflateAgreement,
  maxPayloadBytes: number,
): PerMessageDeflate {
  const { outgoing, incoming } = agreement
  if (outgoing.contextTakeover || incoming.contextTakeover) {
    return new PerMessageDeflate(settings, agreement, maxPayloadBytes)
  }
  let group = groups.get(settings)
  if (group === undefined) groups.set(settings, (group = new Map()))
  const terms = `${outgoing.windowBits} ${incoming.windowBits} ${maxPayloadBytes}`
  let deflate = group.get(terms)
  if (deflate === undefined)
    group.set(terms, (deflate = new PerMessageDeflate(settings, agreement, maxPayloadBytes)))
  return deflate
}
