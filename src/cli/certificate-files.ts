/**
 * The certificate that `holdfast serve` shows, from two files, and from them again whenever they change. Whoever renews
 * certificates replaces files, links or whole folders of links, so it is the folders that are watched; what a node
 * could not use never replaces what it uses.
 */
import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { checkCertificate, type TlsCertificate } from '../server/index.ts'
import { UsageError } from './usage-error.ts'

/** The two files are written one after the other. */
const SETTLED_MS = 500
const DAY_MS = 86_400_000
/** Whoever renews by machine does so long before. */
const SOON_DAYS = 14

export interface CertificatePaths {
  readonly cert: string
  readonly key: string
}

export class CertificateFiles {
  readonly #paths: CertificatePaths
  readonly #say: (line: string) => void
  #watchers: FSWatcher[] = []
  #settling: NodeJS.Timeout | undefined
  #current: TlsCertificate

  /** @throws UsageError when they cannot be read or used. */
  constructor(paths: CertificatePaths, say: (line: string) => void) {
    this.#paths = paths
    this.#say = say
    this.#current = { cert: readPem('tls-cert', paths.cert), key: readPem('tls-key', paths.key) }
    try {
      this.#tellExpiry(this.#current)
    } catch (error) {
      throw new UsageError(`--tls-cert, --tls-key: ${(error as Error).message}`)
    }
  }

  get current(): TlsCertificate {
    return this.#current
  }

  /** Calls `use` with each new pair that can be used. */
  follow(use: (tls: TlsCertificate) => void): void {
    const folders = new Set([dirname(this.#paths.cert), dirname(this.#paths.key)])
    for (const folder of folders) {
      const watcher = watch(folder, { persistent: false }, () => {
        clearTimeout(this.#settling)
        this.#settling = setTimeout(() => this.reload(use), SETTLED_MS).unref()
      })
      watcher.on('error', (error) =>
        this.#say(`${folder} cannot be watched any more (${error.message}); SIGHUP reads the files again`),
      )
      this.#watchers.push(watcher)
    }
  }

  /** Reads both again. */
  reload(use: (tls: TlsCertificate) => void): void {
    try {
      const { cert, key } = this.#paths
      const read = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
      if (read.cert === this.#current.cert && read.key === this.#current.key) return
      checkCertificate(read)
      use(read)
      this.#current = read
      this.#say('the new certificate is in use')
      this.#tellExpiry(read)
    } catch (error) {
      this.#say(
        `the new certificate is not used: ${(error as Error).message}\n` +
          `The old one stays. Put a certificate and its key in ${this.#paths.cert} and ${this.#paths.key}; ` +
          'they are read again when they change, and on SIGHUP.',
      )
    }
  }

  close(): void {
    clearTimeout(this.#settling)
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }

  #tellExpiry(tls: TlsCertificate): void {
    const { validToDate } = checkCertificate(tls)
    const leftMs = validToDate.getTime() - Date.now()
    const day = validToDate.toISOString().slice(0, 10)
    if (leftMs <= 0) this.#say(`the certificate ran out on ${day}: clients will refuse it; renew it`)
    else if (leftMs < SOON_DAYS * DAY_MS) {
      this.#say(`the certificate runs out on ${day}, in ${Math.floor(leftMs / DAY_MS)} days: renew it`)
    }
  }
}

const readPem = (option: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--${option}: cannot read ${path}: ${(error as Error).message}`)
  }
}
