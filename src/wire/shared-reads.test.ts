/** Sockets that read into one buffer: whoever reads them notices nothing, whatever they do with it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { isShared, kept, passing, shareReads } from './shared-reads.ts'

/** A server, and a client that is connected to it. */
const pair = async (t: TestContext): Promise<{ served: Socket; client: Socket }> => {
  const server: Server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [served] = (await once(server, 'connection')) as [Socket]
  t.after(() => {
    client.destroy()
    served.destroy()
    server.close()
  })
  return { served, client }
}

/** Different at every place, so that what is overwritten shows. */
const bytes = (length: number, seed = 0): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) & 255))

describe('shared reads', () => {
  it('are what this Node does', async (t) => {
    const { served } = await pair(t)
    assert.equal(shareReads(served), true)
  })

  it('are not for streams that are no sockets, nor for sockets that are not connected', () => {
    assert.equal(shareReads(new PassThrough()), false)
    assert.equal(shareReads(new Socket()), false)
  })

  it('leave alone a socket that says itself where it reads into', async (t) => {
    const { served } = await pair(t)
    const { port } = served.address() as AddressInfo
    const onread = { buffer: Buffer.alloc(10), callback: () => true }
    const client = connect({ port, host: '127.0.0.1', onread })
    t.after(() => client.destroy())
    await once(client, 'connect')
    assert.equal(shareReads(client), false)
  })

  it('as a stream: what is kept stays as it came, in pieces of any size, with pauses', async (t) => {
    const { served, client } = await pair(t)
    shareReads(served)
    const whole = Buffer.concat([1, 5_000, 3, 200_000, 4_096, 4_097, 70_000].map(bytes))
    const pieces: Buffer[] = []
    const done = Promise.withResolvers<void>()
    served.on('data', (chunk: Buffer) => {
      pieces.push(chunk)
      served.pause()
      setImmediate(() => served.resume())
    })
    served.on('end', done.resolve)
    client.end(whole)
    await done.promise
    assert.ok(pieces.every((piece) => !isShared(piece)))
    assert.deepEqual(Buffer.concat(pieces), whole)
  })

  it('in passing: a socket reads what another read before it, unless that is kept', async (t) => {
    const [one, other] = [await pair(t), await pair(t)]
    const seen: { raw: Buffer; copy: Buffer }[] = []
    const heard: (() => void)[] = []
    const reader = passing(function (chunk) {
      assert.ok(isShared(chunk))
      seen.push({ raw: chunk, copy: kept(chunk) })
      heard.shift()?.()
    })
    for (const { served, client } of [one, other]) {
      assert.equal(shareReads(served, reader), true)
      served.resume()
      const next = new Promise<void>((resolve) => heard.push(resolve))
      client.write(bytes(100, served === one.served ? 1 : 2))
      await next
    }
    assert.deepEqual(seen[0]?.copy, bytes(100, 1))
    assert.deepEqual(seen[0]?.raw, bytes(100, 2))
    assert.ok(!isShared(seen[0]?.copy ?? Buffer.alloc(0)))
  })

  it('in passing, to a stream that is paused: they wait in it, in order', async (t) => {
    const { served } = await pair(t)
    const heard: string[] = []
    const take = (chunk: Buffer): void => void heard.push(chunk.toString())
    const reader = passing(take)
    shareReads(served, reader)
    served.on('data', take)
    served.pause()
    // What TLS does: it says that something has come, though nobody reads.
    for (const _ of [1, 2]) reader.call(served, 3)
    assert.deepEqual(heard, [])
    assert.equal(served.readableLength, 6)
    served.resume()
    reader.call(served, 3)
    assert.equal(served.readableLength, 9)
    await new Promise(setImmediate)
    assert.equal(heard.join('').length, 9)
  })

  it('go from one reader to another and back to the stream, and what was given back comes first', async (t) => {
    const { served, client } = await pair(t)
    const heard: string[] = []
    const turn = (): Promise<unknown> => once(served, 'heard')
    const hearing = (name: string) =>
      passing(function (chunk) {
        heard.push(`${name} ${chunk.toString()}`)
        this.emit('heard')
      })
    shareReads(served, hearing('first'))
    served.resume()
    client.write('a')
    await turn()
    shareReads(served, hearing('second'))
    client.write('b')
    await turn()
    shareReads(served)
    served.pause()
    served.unshift(Buffer.from('c'))
    served.on('data', (chunk: Buffer) => {
      heard.push(`stream ${chunk.toString()}`)
      served.emit('heard')
    })
    const given = turn()
    served.resume()
    await given
    client.write('d')
    await turn()
    assert.deepEqual(heard, ['first a', 'second b', 'stream c', 'stream d'])
  })
})
