/** The examples of docs/yjs.md do what the page says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docExamples, runExample } from './doc-examples.ts'

const examples = docExamples('docs/yjs.md')
const URL_TEXT = "'http://127.0.0.1:4000'"

const containing = (part: string): string => {
  const example = examples.find((candidate) => candidate.includes(part))
  assert.ok(example !== undefined, part)
  return example
}

/** Runs the page's node on a port that is free, then a client of the page against it, then `after`. */
const run = (client: string, after: string): Promise<string> => {
  const imports = [...new Set(`${containing('createServer')}${client}`.match(/^import .*$/gm))]
  const body = (code: string): string => code.replace(/^import .*$/gm, '')
  return runExample(`
    ${imports.join('\n')}
    ${body(containing('createServer')).replace('port: 4000', 'port: 0')}
    ${body(client).replace(URL_TEXT, 'url')}
    ${after}
    client.close()
    await server.close()
  `)
}

const settled = `await new Promise<void>((resolve) => {
  const check = (): void => { if (binding.state.unsent === 0) resolve() }
  binding.on('state', check)
  check()
})`

test('a document is bound, changed, and found by the next', async () => {
  const output = await run(
    containing("text.insert(0, 'Hello')"),
    `${settled}
     const late = new Doc()
     await bindDocument(client, 'notes/today', late).synced
     console.log('late:', late.getText('text').toString())`,
  )
  assert.equal(output, 'Hello\nlate: Hello\n')
})

test('what is unsent is kept, and forgotten when it is sent', async () => {
  const output = await run(
    containing('const kept'),
    `binding.doc.getText('text').insert(0, 'x')
     await Promise.resolve()
     console.log(kept.size)
     ${settled}
     await Promise.resolve()
     console.log(kept.size)`,
  )
  assert.equal(output, '1\n0\n')
})

test('the log is shortened when that is asked for', async () => {
  const output = await run(
    containing('binding.compact()').replace(
      'await binding.compact()',
      `for (const word of ['a', 'b', 'c']) {
         binding.doc.getText('text').insert(0, word)
         ${settled}
       }
       await binding.compact()`,
    ),
    `const { floor, top } = (await server.describe('notes/today'))!
     console.log(floor, top)`,
  )
  assert.equal(output, '4 4\n')
})
