/** The examples of docs/websocket.md do what the page says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docExamples, runExample } from './doc-examples.ts'

const examples = docExamples('docs/websocket.md')
const PORT = 8080

/** Runs the page's server on a port that is free, then the client's code against it. */
const serve = (server: string, client: string): Promise<string> =>
  runExample(`
    ${server.replace(`http.listen(${PORT})`, "http.listen(0, '127.0.0.1')")}
    const { dial } = await import('holdfast/websocket')
    await new Promise((resolve) => http.once('listening', resolve))
    const url = \`ws://127.0.0.1:\${(http.address() as { port: number }).port}\`
    const refused = async (options: object): Promise<unknown> =>
      dial(url, options).then(() => 'accepted', (error: { status: number }) => error.status)
    ${client}
    http.close()
  `)

/** A client of the page, against the page's echo. */
const withEcho = (client: string): Promise<string> => {
  const code = client.replace(/^import .*$/gm, '').replace(`ws://127.0.0.1:${PORT}/echo`, "' + url + '/echo")
  return serve(examples.find((example) => example.includes("path: '/echo'")) as string, code)
}

const containing = (part: string): string => {
  const example = examples.find((candidate) => candidate.includes(part))
  assert.ok(example !== undefined, part)
  return example
}

test('a client says hello to the echo and hears it', async () => {
  assert.equal(await withEcho(containing('for await (const message of socket)')), 'hello\n')
})

test('who has no business is refused before anything is accepted', async () => {
  const output = await serve(
    containing('judge:'),
    `
    console.log(await refused({}), await refused({ headers: { origin: 'https://app.example' } }))
    const socket = await dial(url + '/x', { headers: { origin: 'https://app.example', cookie: 'a=b' } })
    socket.send('hi')
    for await (const message of socket) {
      console.log(message)
      socket.close(1000)
    }
    `,
  )
  assert.equal(output, '403 401\n/x: hi\n')
})

test('a message goes to a file while it arrives', async () => {
  const output = await serve(
    containing('createWriteStream').replace("'upload.bin'", 'process.env.UPLOAD!'),
    `
    const { mkdtempSync, readFileSync, rmSync } = await import('node:fs')
    const folder = mkdtempSync((await import('node:os')).tmpdir() + '/upload-')
    process.env.UPLOAD = folder + '/upload.bin'
    const socket = await dial(url)
    await socket.sendFrom([Buffer.alloc(100_000, 'a'), Buffer.from('b')], 'binary')
    for await (const message of socket) {
      console.log(message, readFileSync(process.env.UPLOAD).length)
      socket.close(1000)
    }
    rmSync(folder, { recursive: true })
    `,
  )
  assert.equal(output, 'stored 100001\n')
})

test('sending waits for the reader, and a source is one message', async () => {
  const client = containing('sendFrom([').replace('socket.close(1000)', '')
  const output = await withEcho(
    client.replace(
      'await socket.closed',
      `let count = 0
      for await (const message of socket) {
        if (++count === 100_001) {
          console.log(message)
          socket.close(1000)
        }
      }`,
    ),
  )
  assert.equal(output, 'one message, in three fragments\n')
})

test('one message for many', async () => {
  const output = await serve(
    containing('broadcast('),
    `
    const clients = await Promise.all([dial(url), dial(url, { deflate: true }), dial(url)])
    clients[0]!.send('to all')
    for (const client of clients) {
      for await (const message of client) {
        console.log(message)
        client.close(1000)
      }
    }
    `,
  )
  assert.equal(output, 'to all\n'.repeat(3))
})
