/** The three files of docs/netcode.md are a game: a boat that is pushed gets somewhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docExamples, runExample } from './doc-examples.ts'

const example = (name: string): string => {
  const found = docExamples('docs/netcode.md').find((code) => code.startsWith(`// @${name}\n`))
  assert.ok(found !== undefined, name)
  return found
}

test('a boat gets where its player pushes it, by the server’s word too', async () => {
  const files = ['game.ts', 'server.ts', 'client.ts'].map(example)
  const whole = files.join('\n').replaceAll(/^export /gm, '')
  const imports = [...new Set(whole.match(/^import (?!.*'\.\/).*$/gm))]
  const output = await runExample(`
    ${imports.join('\n')}
    const { promise, resolve: finish } = Promise.withResolvers<number>()
    ${whole
      .replaceAll(/^import .*$/gm, '')
      .replace('port: 4000', 'port: 0')
      .replace("'http://127.0.0.1:4000'", 'url')}
    const there = await promise
    while ((player.newest?.state[0]?.x ?? 0) < there) await new Promise<void>((resolve) => {
      const stop = player.on(() => { stop(); resolve() })
    })
    const { errors, heard } = player.measures
    console.log(there > 100, Math.max(...errors.slice(5)) < 50, heard.seq > 0, heard.missed)
    clearInterval(frames)
    player.close()
    client.close()
    stop()
    await server.close()
  `)
  assert.equal(output, 'true true true 0\n')
})
