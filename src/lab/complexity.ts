/**
 * What a client has to be to use a transport: the states of one connection, each with the rule of PROTOCOL.md that
 * makes it necessary. It is the list that the comparison counts; what all transports share (the gate, the outbox,
 * choosing) is not in it.
 */
import type { TransportName } from '../client/index.ts'

export interface State {
  readonly name: string
  /** What the client does there. */
  readonly what: string
  readonly rule: string
}

const over: State = { name: 'over', what: 'has ended; another attempt after a while', rule: 'CO6' }

export const STATES: Readonly<Record<TransportName, readonly State[]>> = {
  websocket: [
    { name: 'opening', what: 'waits for 101 Switching Protocols', rule: 'WS1' },
    { name: 'greeting', what: 'has sent hello, waits for its reply', rule: 'WS2' },
    { name: 'open', what: 'receives and sends frames', rule: 'WS4' },
    { name: 'pinged', what: 'has heard nothing for long, waits for a sign of life', rule: 'WS7' },
    { name: 'closing', what: 'has heard the last word, waits for the Close frame', rule: 'WS8' },
    over,
  ],
  sse: [
    { name: 'opening', what: 'has asked, waits for the stream to begin', rule: 'SS1' },
    { name: 'open', what: 'reads events', rule: 'SS2' },
    { name: 'reopening', what: 'reads events while another stream opens', rule: 'HT5' },
    { name: 'silent', what: 'has heard no comment for long, gives up', rule: 'SS4' },
    { name: 'sending', what: 'a request beside the stream carries commands', rule: 'SS3' },
    over,
  ],
  'long-polling': [
    { name: 'asking', what: 'waits for an answer that is not held', rule: 'LP2' },
    { name: 'held', what: 'waits for something to happen', rule: 'LP1' },
    { name: 'cut', what: 'a hold was cut on its way, asks again for less', rule: 'CO5' },
    { name: 'sending', what: 'a request beside the hold carries commands', rule: 'LP7' },
    over,
  ],
  polling: [
    { name: 'asking', what: 'waits for an answer', rule: 'PO1' },
    { name: 'waiting', what: 'until it is time to ask again', rule: 'PO1' },
    { name: 'sending', what: 'a request beside carries commands', rule: 'HT4' },
    over,
  ],
}
