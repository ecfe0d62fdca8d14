/** nginx and HAProxy as they are, before a node, each with the configuration under test. They live in a folder of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RealProxy {
  readonly url: string
  stop(): Promise<void>
}

/** @param location what stands in the location of the node, beside where it is passed to. */
export const startNginx = async (nodePort: number, location: string): Promise<RealProxy> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-nginx-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ')
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; pid ${join(folder, 'pid')}; error_log stderr emerg; events {}
     http { access_log off; ${temporary}
       server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${nodePort}; ${location} } } }`,
  )
  return started(spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: 'inherit' }), port, folder)
}

/** @param backend lines of the section that listens and passes on. */
export const startHaproxy = async (nodePort: number, backend: string): Promise<RealProxy> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-haproxy-'))
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(
    file,
    `listen proxy
  bind 127.0.0.1:${port}
  mode http
  ${backend}
  server node 127.0.0.1:${nodePort}
`,
  )
  return started(spawn('haproxy', ['-q', '-f', file], { stdio: 'inherit' }), port, folder)
}

const started = async (child: ChildProcess, port: number, folder: string): Promise<RealProxy> => {
  const exited = once(child, 'exit')
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with status ${child.exitCode}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Asked again in a later turn, when the kernel has had its time.
    return new Promise((resolve) => setImmediate(() => resolve(false)))
  } finally {
    socket.destroy()
  }
}

/** They choose no port themselves: one that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
