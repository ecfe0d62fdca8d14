/** What items are called on the page, in a few words. */
import type { FrameItem, Exchange, MarkItem, Purpose } from './items.ts'

export const PURPOSES: Readonly<Record<Purpose, string>> = {
  handshake: 'Opening handshake',
  preflight: 'Preflight',
  hold: 'Long poll',
  stream: 'Event stream',
  poll: 'Poll',
  send: 'Send',
  other: 'Request',
}

export const PURPOSE_SENTENCES: Readonly<Record<Purpose, string>> = {
  handshake: 'An HTTP request that asks to go on in another protocol, over the same TCP connection.',
  preflight:
    'The browser asks first, because the page comes from another port than the one it asks. It does so once in two hours.',
  hold: 'The request waits at the node until there is something to say, or until its hold runs out. Then it is asked again.',
  stream: 'One request whose answer goes on: each event is a piece of its body.',
  poll: 'A request that is answered at once, whether there is something new or not.',
  send: 'What the page itself has to say: without a WebSocket it takes a request of its own.',
  other: 'A request that the inspector does not know.',
}

export const MARKS: Readonly<Record<MarkItem['what'], string>> = {
  opened: 'TCP connection opened',
  ended: 'TCP connection closed',
  cut: 'TCP connection cut by the network',
  idle: 'TCP connection closed: idle',
  reset: 'TCP connection reset',
  missed: 'Too much at once: the rest of this connection cannot be shown',
}

export const bytesText = (count: number): string =>
  `${count.toLocaleString('en')} ${count === 1 ? 'byte' : 'bytes'}`

export const secondsText = (ms: number): string => `${(ms / 1000).toFixed(3)} s`

/** Long enough to be told from nothing, short enough for a row. */
export const spanText = (ms: number): string =>
  ms < 1_000 ? `${Math.max(0, ms).toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`

const shown = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300)

export const frameText = ({ frame }: FrameItem): string => {
  if (frame.close) {
    const { code, name, reason } = frame.close
    return code === 1005 ? 'no code' : `${code} ${name}${reason === '' ? '' : `, “${reason}”`}`
  }
  if (frame.text !== undefined) return shown(frame.text)
  return frame.payloadLength === 0
    ? ''
    : shown(String.fromCodePoint(...frame.payload.subarray(0, 60)).replaceAll(/[^\x20-\x7e]/g, '·'))
}

/** What an exchange is doing, or has done. */
export const progressText = (exchange: Exchange, nowMs: number): string => {
  const { answerMs, endMs, requestEndMs, broken, purpose, timeMs } = exchange
  if (broken) return `broken off after ${spanText((endMs ?? nowMs) - timeMs)}`
  if (answerMs === undefined) {
    if (requestEndMs === undefined) return 'being sent'
    return purpose === 'hold' ? `held for ${spanText(nowMs - requestEndMs)} …` : 'waits for its answer …'
  }
  if (exchange.status === 101) return `upgraded after ${spanText(answerMs - timeMs)}`
  if (endMs === undefined) return `open for ${spanText(nowMs - answerMs)} …`
  if (purpose === 'hold') return `held for ${spanText(answerMs - (requestEndMs ?? timeMs))}`
  return `answered after ${spanText(answerMs - timeMs)}`
}
