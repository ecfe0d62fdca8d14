/** The README's examples do what the README says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docExamples, readDocument, runExample as run } from './doc-examples.ts'

const readme = readDocument('README.md')
const examples = docExamples('README.md')

test('the ten lines print what the README says they print', async () => {
  const [ten] = examples
  assert.ok(ten !== undefined && readme.includes('It prints `#1 hello (by websocket)`'))
  assert.equal(await run(ten), '#1 hello (by websocket)\n')
})

test('beside a server of your own, both are served', async () => {
  const [, beside] = examples
  assert.ok(beside !== undefined)
  const check = `
    import { connect } from 'holdfast'
    import { once } from 'node:events'
    await once(http, 'listening')
    const origin = \`http://127.0.0.1:\${(http.address() as { port: number }).port}\`
    console.log(await (await fetch(origin)).text())
    const client = connect(origin + '/realtime', { token: 'secret' })
    await client.channel('chat/lobby').publish('in')
    await client.channel('chat/other').publish('out').catch((error: { code: string }) => console.log(error.code))
    client.close()
    await holdfast.close()
    http.close()
  `
  assert.equal(await run(beside + check), 'yours\nforbidden\n')
})
