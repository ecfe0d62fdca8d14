/** A node serves alike with Node's handles and without them (src/wire/node-handle.ts). */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

for (const [how, flags, areSockets] of [
  ['gives its handles', [], false],
  ['does not give them', ['--import', 'data:text/javascript,process.binding=undefined'], true],
  ['gives others', ['--import', 'data:text/javascript,process.binding=()=>({})'], true],
  ['would throw for asking', ['--pending-deprecation', '--throw-deprecation'], true],
  ['allows nobody to have them', ['--permission', '--allow-fs-read=*'], true],
] as const) {
  test(`where Node ${how}, a node ${areSockets ? 'has Sockets, and ' : ''}serves as ever`, async () => {
    const script = `
      import { once } from 'node:events'
      import { subscribe } from 'node:diagnostics_channel'
      import { Socket } from 'node:net'
      import { createServer } from 'holdfast/server'
      import { connect } from 'holdfast'
      const kinds = []
      subscribe('net.server.socket', ({ socket }) => kinds.push(socket instanceof Socket))
      const server = createServer()
      const { url } = await server.listen({ port: 0, host: '127.0.0.1' })
      const client = connect(url)
      const heard = new Promise((resolve) => client.channel('a').subscribe(resolve))
      await client.channel('a').publish('hello')
      console.log((await heard).data, kinds.length > 0 && kinds.every((kind) => kind))
      client.close()
      await server.close()
    `
    const { stdout } = await run(
      process.execPath,
      ['--conditions', 'holdfast-source', ...flags, '--input-type=module', '--eval', script],
      { timeout: 30_000, cwd: import.meta.dirname },
    )
    assert.equal(stdout, `hello ${areSockets}\n`)
  })
}
