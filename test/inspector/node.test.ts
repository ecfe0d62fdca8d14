/** The inspector's half on a node: who may write what pages are told, and that nothing outlives its end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from 'holdfast'
import { createServer, type Identity } from 'holdfast/server'
import { eventually } from '../server/node-under-test.ts'
import { rules, start } from '../../console/server/inspector/server.ts'

const CALLER: Identity = {
  session: 's.1',
  member: 's',
  user: undefined,
  claims: undefined,
  address: '127.0.0.1',
  knownSession: undefined,
  expiresAtMs: undefined,
}

test('what passes is told by the node alone: a client cannot write records of its own', async () => {
  const server = createServer({ rules })
  const end = start(server)
  const { url } = await server.listen()
  const client = connect(url)
  const { id } = (await client.call('inspector/open', { origin: url })) as { id: string }
  await assert.rejects(client.channel(`inspector/${id}`).publish(new Uint8Array(8)), { code: 'forbidden' })
  client.close()
  end()
  await server.close()
})

test('what is being opened when it ends is closed again', async (context) => {
  const server = createServer({ rules })
  const handle = context.mock.method(server, 'handle')
  const end = start(server)
  const [, open] = handle.mock.calls.find(({ arguments: [method] }) => method === 'inspector/open')!.arguments
  const opened = open({ origin: 'http://127.0.0.1' }, CALLER) as Promise<unknown>
  end()
  await assert.rejects(opened, { code: 'call_failed' })
  await eventually(() => !process.getActiveResourcesInfo().includes('TCPServerWrap'), 'nothing listens')
  await server.close()
})
