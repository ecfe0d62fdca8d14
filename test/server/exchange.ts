/**
 * Plays the example exchanges of PROTOCOL.md against a node whose clock and chance stand still, so that what it
 * says is the same each time; only what a node draws for itself, a session and its own clock, is blotted out.
 */
import { type HoldfastServer, MemoryBroker } from 'holdfast/server'
import { clientFrame, openSocket, readFrames } from './frames.ts'
import { eventually, type NodeUnderTest, startNode } from './node-under-test.ts'

export interface Exchange {
  readonly transport: string
  readonly lines: readonly string[]
}

/** The blocks of a document that are marked as exchanges. */
export const exchangesOf = (document: string): Exchange[] =>
  Array.from(document.matchAll(/```exchange ([\w-]+)\n([\s\S]*?)```/g), ([, transport = '', block = '']) => ({
    transport,
    lines: block.trimEnd().split('\n'),
  }))

/** The same lines, with what a node really answered in place of each that begins with `<`. */
export const play = async ({ transport, lines }: Exchange): Promise<string[]> => {
  const broker = new MemoryBroker({ now: () => 1_767_225_600_000, random: () => 0.5 })
  const node = await startNode({ broker })
  try {
    await node.server.publish('chat/lobby', { text: 'hello' })
    const talk =
      transport === 'websocket'
        ? await overSocket(node)
        : transport === 'sse'
          ? overSse(node)
          : overPolls(node)
    const said: string[] = []
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('> ')) await talk.send(line.slice(2))
      else if (line.startsWith('! ')) await publish(node.server, line.slice(2), talk)
      said.push(line.startsWith('< ') ? `< ${blotted(await talk.hear(index))}` : line)
    }
    await talk.end()
    return said
  } finally {
    await node.stop()
  }
}

interface Talk {
  send(text: string): Promise<void>
  hear(index: number): Promise<string>
  /** Whether the node is ready to be told what somebody else says. */
  ready(): Promise<void>
  end(): Promise<void>
}

const publish = async (server: HoldfastServer, line: string, talk: Talk): Promise<void> => {
  const space = line.indexOf(' ')
  await talk.ready()
  await server.publish(line.slice(0, space), JSON.parse(line.slice(space + 1)))
}

const blotted = (text: string): string =>
  text
    .replace(/"session":"[^"]*"/, '"session":"…"')
    .replace(/"member":"[^"]*"/, '"member":"…"')
    .replace(/"now":\d+/, '"now":1767225600000')

const overSocket = async (node: NodeUnderTest): Promise<Talk> => {
  const connection = await openSocket(node)
  return {
    send: async (text) => void connection.send(clientFrame(0x81, Buffer.from(text))),
    hear: async () => JSON.stringify((await readFrames(connection, (all) => all.length === 1)).events[0]),
    ready: async () => undefined,
    end: async () => connection.destroy(),
  }
}

const overPolls = (node: NodeUnderTest): Talk => {
  let cursor = ''
  let answer: Promise<string> = Promise.resolve('')
  let answered = true
  return {
    send: async (text) => {
      answered = false
      answer = node.post(text.replace('$cursor', cursor)).then(({ status, body }) => {
        answered = true
        cursor = body.cursors?.['chat/lobby'] ?? cursor
        return status === 200 ? JSON.stringify(body) : `${status} ${JSON.stringify(body)}`
      })
    },
    hear: () => answer,
    ready: async () => {
      // A poll that is held hears of it; one that was answered has been.
      await eventually(() => answered || node.server.stats().held === 1, 'it is held, or answered')
    },
    end: async () => undefined,
  }
}

const overSse = (node: NodeUnderTest): Talk => {
  const abort = new AbortController()
  let pieces: AsyncGenerator<string>
  return {
    send: async (text) => {
      const response = await fetch(`${node.url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
        signal: abort.signal,
      })
      pieces = linesOf(response)
    },
    hear: async () => (await pieces.next()).value as string,
    ready: async () => undefined,
    end: async () => abort.abort(),
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
}
