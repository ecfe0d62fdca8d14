import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { reset } from './reset.ts'

const MORE_THAN_ANY_BUFFER = Buffer.alloc(32 * 1024 * 1024)

/** Both ends of a connection. */
const pair = async (t: TestContext): Promise<{ here: Socket; there: Socket }> => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const there = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [here] = (await once(server, 'connection')) as [Socket]
  for (const socket of [here, there]) socket.on('error', () => undefined)
  t.after(async () => {
    there.destroy()
    // Waits until no connection is left: one that was lost is there for ever.
    await new Promise((closed) => server.close(closed))
  })
  return { here, there }
}

test('the peer hears of a reset', async (t) => {
  const { here, there } = await pair(t)
  here.write('hello')
  await once(there, 'data')
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => there.once('error', resolve))
  reset(here)
  assert.equal((await failed).code, 'ECONNRESET')
})

test('what nobody reads does not put it off', async (t) => {
  const { here } = await pair(t)
  here.write(MORE_THAN_ANY_BUFFER)
  const closed = once(here, 'close')
  reset(here)
  await closed
})

test('a connection that is ending is closed, whatever still waits', async (t) => {
  const { here } = await pair(t)
  here.end(MORE_THAN_ANY_BUFFER)
  const closed = once(here, 'close')
  reset(here)
  await closed
})

test('so is one that is not there yet, and one that has gone is left alone', async (t) => {
  const { here, there } = await pair(t)
  const another = connect((here.address() as AddressInfo).port, '127.0.0.1')
  const closed = once(another, 'close')
  reset(another)
  await closed
  reset(another)
  there.destroy()
})
