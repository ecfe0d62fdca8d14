// The clients that nobody here wrote, each holding the same conversation with a server of ours.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WebSocket as UndiciWebSocket } from 'undici'
import { WebSocket as WsWebSocket } from 'ws'
import { launch } from '../browser/browser.ts'
import {
  CLOSE_ME,
  MESSAGES,
  type Mode,
  PROTOCOL,
  PYTHON,
  pythonMode,
  scriptPath,
} from './interop-conversation.ts'

/** Whether a peer's own messages are compressed: not every client does. */
export interface Client {
  readonly name: string
  readonly compresses: boolean
  /** The code with which it answers our Close frame, if it does not echo ours. */
  readonly answersWith?: number
  /** Holds the conversation, closes with 3001 "bye", connects again and asks to be closed; gives what it heard then. */
  converse(url: string, mode: Mode): Promise<string>
}

const heard = <T extends Event>(socket: WebSocket, type: string): Promise<T> =>
  new Promise((resolve) => socket.addEventListener(type, (event) => resolve(event as T), { once: true }))

const standard =
  (open: (url: string, mode: Mode) => WebSocket) =>
  async (url: string, mode: Mode): Promise<string> => {
    const client = open(url, mode)
    client.binaryType = 'arraybuffer'
    await heard(client, 'open')
    assert.equal(client.protocol, PROTOCOL)
    for (const sent of MESSAGES) {
      client.send(sent)
      const event = await heard<MessageEvent<string | ArrayBuffer>>(client, 'message')
      assert(Buffer.from(event.data as string).equals(Buffer.from(sent)), 'the echo is what was sent')
    }
    client.close(3001, 'bye')
    await heard(client, 'close')
    const again = open(url, mode)
    await heard(again, 'open')
    again.send(CLOSE_ME)
    const event = await heard<CloseEvent>(again, 'close')
    return `closed ${event.code} ${event.reason}`
  }

const python = (script: string) => async (url: string, mode: Mode) => {
  const child = spawn(PYTHON, ['-B', scriptPath(script), 'client', url, pythonMode(mode)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return line
}

export const CLIENTS: readonly Client[] = [
  {
    name: 'ws',
    compresses: true,
    converse: standard(
      (url, mode) =>
        new WsWebSocket(url, PROTOCOL, {
          perMessageDeflate: mode === 'off' ? false : { threshold: 0 },
        }) as unknown as WebSocket,
    ),
  },
  {
    name: 'undici',
    compresses: false,
    converse: standard((url) => new UndiciWebSocket(url, PROTOCOL) as unknown as WebSocket),
  },
  {
    name: 'the runtime',
    compresses: false,
    converse: standard((url) => new WebSocket(url, PROTOCOL)),
  },
  { name: 'Chromium', compresses: true, converse: inChromium },
  {
    name: 'python3-websockets',
    compresses: true,
    converse: python('interop-websockets.py'),
  },
  { name: 'python3-aiohttp', answersWith: 1000, compresses: true, converse: python('interop-aiohttp.py') },
]

async function inChromium(url: string): Promise<string> {
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const texts = MESSAGES.filter((message) => typeof message === 'string')
    return await page.evaluate(converseInPage, { url, texts, protocol: PROTOCOL, closeMe: CLOSE_ME })
  } finally {
    await browser.close()
  }
}

interface InPage {
  readonly url: string
  readonly texts: readonly string[]
  readonly protocol: string
  readonly closeMe: string
}

/** Runs in the page, and can see nothing of this file. */
async function converseInPage({ url, texts, protocol, closeMe }: InPage): Promise<string> {
  const heard = <T extends Event>(socket: WebSocket, type: string): Promise<T> =>
    new Promise((resolve) => socket.addEventListener(type, (event) => resolve(event as T), { once: true }))
  const socket = new WebSocket(url, protocol)
  socket.binaryType = 'arraybuffer'
  await heard(socket, 'open')
  for (const text of texts) {
    socket.send(text)
    if ((await heard<MessageEvent>(socket, 'message')).data !== text) return 'another text came back'
  }
  const sent = new Uint8Array(1_048_576).map((_, at) => at % 128)
  socket.send(sent)
  const { data } = await heard<MessageEvent<ArrayBuffer>>(socket, 'message')
  const back = new Uint8Array(data)
  if (back.length !== sent.length || back.some((byte, at) => byte !== sent[at]))
    return 'other bytes came back'
  socket.close(3001, 'bye')
  await heard(socket, 'close')
  const again = new WebSocket(url, protocol)
  await heard(again, 'open')
  again.send(closeMe)
  const event = await heard<CloseEvent>(again, 'close')
  return `closed ${event.code} ${event.reason}`
}
