/** nginx with nchan, where it is installed: a channel that keeps messages, followed by long polling, SSE or WebSocket. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, settings } from './control.mjs'

const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/local/nginx/modules']
const found = MODULES.map((directory) => join(directory, 'ngx_nchan_module.so')).find(existsSync)
if (found === undefined) throw new Error('nginx with nchan is not installed (Debian: libnginx-mod-nchan)')

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

const { keeps = 10_000 } = settings
const port = await freePort()
const directory = mkdtempSync(join(tmpdir(), 'holdfast-nchan-'))
writeFileSync(
  join(directory, 'nginx.conf'),
  `load_module ${found};
daemon off; worker_processes 1; user root; error_log stderr emerg; pid ${directory}/pid;
events { worker_connections 24000; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600; client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi; tcp_nodelay on; nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/follow/(.+)$ {
      nchan_subscriber websocket eventsource longpoll; nchan_channel_id $1; nchan_channel_id_split_delimiter ',';
      nchan_subscriber_first_message oldest;
    }
    location ~ ^/publish/(.+)$ { nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length ${keeps}; }
  }
}
`,
)
const nginx = spawn(
  execFileSync('which', ['nginx']).toString().trim(),
  ['-c', join(directory, 'nginx.conf')],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
  },
)
process.once('exit', () => {
  nginx.kill()
  rmSync(directory, { recursive: true, force: true })
})

const answers = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() !== undefined)).once('error', () => resolve(false))
  })
for (let attempt = 0; attempt < 100 && !(await answers()); attempt++) {
  await new Promise((resolve) => setTimeout(resolve, 50))
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const publish = (text, channel) =>
  new Promise((resolve) => {
    const path = `/publish/${channel === 0 ? 'bench' : `bench/${channel}`}`
    const headers = { 'content-length': text.length }
    request({ port, path, method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', resolve)
    }).end(text)
  })
await publish('"first"', 0)
// What is measured is nginx's one worker; what publishes to it is not.
const [pid] = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'latin1').split(' ')
process.stdout.write(`${JSON.stringify({ kind: 'measured', pid: Number(pid) })}\n`)
serve(port, publish)
