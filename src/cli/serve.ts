/** `holdfast serve`: one node, its page, and one URL on the terminal. */
import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { parseArgs } from 'node:util'
import {
  type AdminOptions,
  createServer,
  type HoldfastConfig,
  type HoldfastServer,
  type TlsCertificate,
} from '../server/index.ts'
import { CertificateFiles } from './certificate-files.ts'
import { loadConfig } from './config.ts'
import { servePage } from './console-page.ts'
import { Lab } from '../lab/node.ts'
import { type LogStoreFlags, openLogStore } from './log-store.ts'
import { loadUseCases } from './use-cases.ts'
import { numberOption, UsageError } from './usage-error.ts'

const DEFAULT_PORT = 4_000

export const serveUsage: string = `holdfast serve: run a node.

Usage: holdfast serve [options]

  --port P            port to listen on; 0 takes a free one (default ${DEFAULT_PORT})
  --host H            address to listen on (default 127.0.0.1)
  --data DIR          where logs are kept (default ./holdfast-data); made if it is missing
  --memory            keep logs in this process's memory only: a restart loses them
  --hold S            how long a long poll is held, in seconds (default 25)
  --config F          config file (default ./holdfast.config.ts, if it is there)
  --tls-cert F        certificate, PEM; with --tls-key the node speaks https:// and wss://
  --tls-key F         its private key, PEM; both are read again when they change, and on SIGHUP
  --no-http2          speak HTTP/1.1 only
  --deflate           compress WebSocket messages from 1 KiB on, with clients that ask for it
  --no-examples       do not run the use cases and the transport lab of the page
  --admin-secret-file F  file with the secret, of 16 characters at least, that opens the admin pages; or set
                      HOLDFAST_ADMIN_SECRET. Without one they are open on this machine alone, and off elsewhere
  --origin O          a page's origin that may connect, beside the node's own; may be repeated
  --allow-anonymous   listen beyond this machine without authentication

What is acknowledged is synced to disk. A channel keeps its latest 100,000 publications unless a rule says
otherwise; in memory 1,000 or one hour. Ephemeral channels and presence are always in memory.
Without an authenticate hook the node listens only on this machine, and runs the use cases that its page shows
(channels under chat/, game/, ticker/, editor/, scores/ and auction/) and its transport lab, which starts processes
when asked to; they cost nothing while nobody looks.

A config file:
  import { defineConfig } from 'holdfast/server'
  export default defineConfig({
    authenticate: ({ token }) => (token === 'secret' ? { user: 'ada' } : null),
    authorize: ({ action, channel, identity }) => channel?.startsWith('chat/') ?? false,
    rules: [{ pattern: 'chat/*', retention: { count: 10_000 } }],
  })
`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  memory: { type: 'boolean' },
  hold: { type: 'string' },
  config: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'no-http2': { type: 'boolean' },
  deflate: { type: 'boolean' },
  'no-examples': { type: 'boolean' },
  'admin-secret-file': { type: 'string' },
  origin: { type: 'string', multiple: true },
  'allow-anonymous': { type: 'boolean' },
} as const

interface Settings {
  readonly config: HoldfastConfig
  readonly store: LogStoreFlags
  readonly port: number
  readonly host: string
  readonly certificate: CertificateFiles | undefined
  readonly http2: boolean
  readonly examples: boolean
}

export const serve = async (args: string[]): Promise<number> => {
  const settings = await readSettings(args)
  const store = await openLogStore(settings.store, settings.config.broker)
  const { examples, config } = settings
  const useCases = await loadUseCases(examples)
  const lab = examples ? new Lab() : undefined
  const server = createServer({
    ...config,
    rules: [...(config.rules ?? []), ...useCases.rules],
    broker: store.broker,
    fallback: servePage({
      examples,
      lab: lab !== undefined,
      admin: config.admin === undefined ? 'off' : config.admin === 'open' ? 'open' : 'secret',
    }),
  })
  lab?.attach(server)
  const url = await listen(server, settings).catch(async (error: unknown) => {
    await lab?.close()
    await store.close()
    throw error
  })
  process.stderr.write(`${store.note}\n`)
  const endUseCases = useCases.start(server)
  const forget = followCertificate(server, settings.certificate)
  // Whoever reads the URL may stop the node at once.
  const stopped = stopSignal()
  process.stdout.write(`${url}\n`)
  await stopped
  process.stderr.write('stopping …\n')
  forget()
  endUseCases()
  await lab?.close()
  await server.close()
  await store.close()
  return 0
}

const readSettings = async (args: string[]): Promise<Settings> => {
  const { values } = parseArgs({ args, options: OPTIONS })
  const config = await loadConfig(values.config)
  const holdSeconds = numberOption('hold', values.hold, 1, 3_600)
  const host = values.host ?? config.host ?? '127.0.0.1'
  const origins = [...(config.origins ?? []), ...(values.origin ?? [])]
  refuseOpenNode(host, config, values['allow-anonymous'] === true)
  const development = isLoopback(host) && config.authenticate === undefined
  const admin = config.admin ?? adminOf(readAdminSecret(values['admin-secret-file']), development)
  return {
    config: {
      ...config,
      origins,
      ...(admin === undefined ? {} : { admin }),
      ...(values.deflate === true ? { deflate: config.deflate || true } : {}),
      ...(config.hosts === undefined && isLoopback(host) ? { hosts: LOOPBACK_NAMES } : {}),
      ...(holdSeconds === undefined ? {} : { limits: { ...config.limits, holdMs: holdSeconds * 1_000 } }),
    },
    store: { data: values.data, memory: values.memory === true },
    port: numberOption('port', values.port, 0, 65_535) ?? config.port ?? DEFAULT_PORT,
    host,
    certificate: openCertificate(values['tls-cert'], values['tls-key']),
    http2: values['no-http2'] !== true,
    examples: development && values['no-examples'] !== true,
  }
}

/** From the file, or from the environment. Never from a flag: everybody on a machine can read those. */
const readAdminSecret = (file: string | undefined): string | undefined => {
  const secret = file === undefined ? process.env['HOLDFAST_ADMIN_SECRET'] : readSecretFile(file)
  if (secret === undefined || secret === '') return undefined
  if (secret.length < 16) throw new UsageError('the secret for the admin pages has at least 16 characters')
  return secret
}

const readSecretFile = (file: string): string => {
  let secret: string
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
  if (secret === '') throw new UsageError(`${file} is empty`)
  return secret
}

/** Without a secret only a node for development is open, and only to its own machine. */
const adminOf = (secret: string | undefined, development: boolean): AdminOptions | undefined =>
  secret !== undefined ? { secret } : development ? 'open' : undefined

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** A node that anyone can reach and nobody has to sign in to has to be asked for by name. */
const refuseOpenNode = (host: string, config: HoldfastConfig, allowed: boolean): void => {
  if (isLoopback(host) || config.authenticate !== undefined || allowed) return
  throw new UsageError(
    `listening on ${host} would let anyone who can reach it read and publish.\n` +
      'Configure `authenticate` in holdfast.config.ts, or say --allow-anonymous if that is what you want.',
  )
}

const openCertificate = (cert: string | undefined, key: string | undefined): Settings['certificate'] => {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) throw new UsageError('--tls-cert and --tls-key go together')
  return new CertificateFiles({ cert, key }, (line) => process.stderr.write(`${line}\n`))
}

/** Shows every new certificate; returns what ends that. Without TLS a SIGHUP ends the process as ever. */
const followCertificate = (
  server: HoldfastServer,
  certificate: CertificateFiles | undefined,
): (() => void) => {
  if (certificate === undefined) return () => undefined
  const use = (tls: TlsCertificate): void => server.setCertificate(tls)
  const reload = (): void => certificate.reload(use)
  certificate.follow(use)
  process.on('SIGHUP', reload)
  return () => {
    process.off('SIGHUP', reload)
    certificate.close()
  }
}

const listen = async (server: HoldfastServer, settings: Settings): Promise<string> => {
  const { port, host, http2, certificate } = settings
  try {
    const { url } = await server.listen({
      port,
      host,
      http2,
      ...(certificate && { tls: certificate.current }),
    })
    return url
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new UsageError(`port ${port} is in use; choose another with --port`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new UsageError(`${host} is no address of this machine`)
    if (code === 'EACCES')
      throw new UsageError(`port ${port} needs privileges; choose one above 1023 with --port`)
    throw error
  }
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
