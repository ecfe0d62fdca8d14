/** How each transport writes a run of publications. The text of a publication is the same in all of them. */
import type { Covering } from '../channel/index.ts'
import type { ChannelName, Framing } from '../hub/index.ts'
import { encodeBinaryPublication, encodePublication } from '../protocol/index.ts'
import { encodeMessage, type PerMessageDeflate } from '../wire/index.ts'

/** One WebSocket message per publication, their frames in one buffer. */
class WebSocketFraming implements Framing<Buffer> {
  readonly #deflate: PerMessageDeflate | undefined

  constructor(deflate?: PerMessageDeflate) {
    this.#deflate = deflate
  }

  encode(channel: ChannelName, entries: readonly Covering[]): Buffer {
    const frames = entries.map((covering) => {
      const { data } = covering.publication
      return typeof data === 'string'
        ? encodeMessage(encodePublication(channel, covering), this.#deflate)
        : encodeMessage(encodeBinaryPublication(channel, covering, data), this.#deflate)
    })
    return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames)
  }
}

const PLAIN = new WebSocketFraming()
const deflated = new WeakMap<PerMessageDeflate, WebSocketFraming>()

/** One for all connections that may be sent the same bytes: compressed once for those who agreed on the same terms. */
export const webSocketFraming = (deflate: PerMessageDeflate | undefined): Framing<Buffer> => {
  if (deflate?.shared !== true) return PLAIN
  let framing = deflated.get(deflate)
  if (framing === undefined) deflated.set(deflate, (framing = new WebSocketFraming(deflate)))
  return framing
}

/** One `data:` line per publication: JSON never holds a raw line break. */
export const SSE_FRAMING: Framing<Buffer> = {
  encode(channel: ChannelName, entries: readonly Covering[]): Buffer {
    let text = ''
    for (const covering of entries) text += `data: ${encodePublication(channel, covering)}\n\n`
    return Buffer.from(text)
  },
}

/** Elements of a poll answer's `events`, separated by commas. */
export const POLL_FRAMING: Framing<string> = {
  encode(channel: ChannelName, entries: readonly Covering[]): string {
    return entries.map((covering) => encodePublication(channel, covering)).join(',')
  },
}
