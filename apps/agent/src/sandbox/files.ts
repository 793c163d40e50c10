import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortId, SkepError } from '#lib/common';
import { sharedContainer, type Container, type Network } from '#lib/domain';
import type { Host } from '#lib/host';
import { resolverDefaults } from '../node/resolver-defaults.js';
import { unsealBytes } from '../node/seal.js';
import type { Node } from '../node/tokens.js';
import { resolvConf } from './resolver-settings.js';

export interface Mount {
  source: string;
  target: string;
  readOnly: boolean;
}

/** Of all contents on a node. */
const CONTENTS_MB = 256;
/** Of all hosts and resolv.conf on a node. */
const NAMES_MB = 64;

/**
 * The files that skep keeps for one container below the exec root; they are written again after a reboot. Contents of
 * secrets and configs are in `secrets`, which is memory wherever the exec root is, and is there as long as a container
 * has one. What containers may write into themselves is in `containers`, apart from /run: a full one would stop the node.
 */
export class SandboxFiles {
  constructor(
    private readonly node: Node,
    private readonly host: Pick<Host, 'ensureMemoryFolder' | 'removeMemoryFolder'>,
  ) {}

  directory(container: Pick<Container, 'id'>): string {
    return join(this.containers, container.id);
  }

  private get containers(): string {
    return join(this.node.config.execRoot, 'containers');
  }

  private get secrets(): string {
    return join(this.node.config.execRoot, 'secrets');
  }

  mounts(container: Container): Mount[] {
    const inline = container.files.map((file, index) => ({
      source: join(this.secrets, container.id, `${index}`),
      target: file.target,
      readOnly: true,
    }));
    // Names are those of the network namespace: a container in another one's has that one's files.
    const owner = container.networkMode === 'bridged' ? container.id : sharedContainer(container);
    if (owner === undefined) return inline;
    const shared = this.directory({ id: owner });
    return [
      { source: join(shared, 'resolv.conf'), target: '/etc/resolv.conf', readOnly: false },
      { source: join(shared, 'hosts'), target: '/etc/hosts', readOnly: false },
      ...inline,
    ];
  }

  exist(container: Pick<Container, 'id'>): boolean {
    return existsSync(this.directory(container));
  }

  /** Same inode where the file exists: a running container has it mounted. */
  write(container: Container, networks: readonly Network[], hostGateway: string | undefined): void {
    this.writeNames(container, {
      'resolv.conf': resolvConf(container, networks, resolverDefaults(this.node.config)),
      hosts: hosts(container, hostGateway),
    });
    if (container.files.length > 0) this.writeContents(container);
  }

  private writeNames(container: Container, files: Readonly<Record<string, string>>): void {
    this.host.ensureMemoryFolder(this.containers, NAMES_MB, true);
    chmodSync(this.containers, 0o711);
    const directory = this.directory(container);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o711 });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      throw new SkepError(
        'exhausted',
        `${container.name}: ${this.containers} has no room for hosts and resolv.conf; those of all containers may have ` +
          `${NAMES_MB} MB, and some container has filled its own: du -s ${this.containers}/*`,
      );
    }
  }

  private writeContents({ id, name, files }: Container): void {
    this.host.ensureMemoryFolder(this.secrets, CONTENTS_MB);
    const directory = join(this.secrets, id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    files.forEach((file, index) => {
      const path = join(directory, `${index}`);
      try {
        writeFileSync(path, unsealBytes(file.content, this.node.config.dataRoot), { mode: 0o600 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        throw new SkepError(
          'exhausted',
          `${name}: ${this.secrets} has no room for ${file.target}; all secrets and configs of this node may have ` +
            `${CONTENTS_MB} MB of memory`,
        );
      }
      chownSync(path, file.uid, file.gid);
      chmodSync(path, file.mode);
    });
  }

  remove(container: Pick<Container, 'id'>): void {
    rmSync(this.directory(container), { recursive: true, force: true });
    rmSync(join(this.secrets, container.id), { recursive: true, force: true });
    for (const folder of [this.containers, this.secrets]) this.host.removeMemoryFolder(folder);
  }
}

/** @param hostGateway where the container reaches its node */
export function hosts(container: Container, hostGateway: string | undefined): string {
  const name = container.spec.Hostname ?? shortId(container.id);
  const qualified = container.spec.Domainname ? `${name}.${container.spec.Domainname} ${name}` : name;
  const lines = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...container.dns.extraHosts.flatMap(([host, address]) => {
      const resolved = address === 'host-gateway' ? hostGateway : address;
      return resolved ? [`${resolved}\t${host}`] : [];
    }),
    ...container.endpoints.flatMap((endpoint) =>
      [endpoint.ipv4, endpoint.ipv6].flatMap((address) => (address ? [`${address}\t${qualified}`] : [])),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
