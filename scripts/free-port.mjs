/** A port of this machine that nobody listens on, for a server that cannot be told to take a free one itself. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
