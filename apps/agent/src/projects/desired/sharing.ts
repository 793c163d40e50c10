import type { Service } from '#lib/compose';
import { invalid } from '#lib/common';
import type { Container } from '#lib/domain';

const SERVICE = 'service:';

/** Namespaces that a container can have from another one: what is asked for in a service, and who says it in a container. */
const SHARED = {
  network: { asked: ({ network_mode }: Service) => network_mode, option: undefined },
  pid: { asked: ({ pid }: Service) => pid, option: 'PidMode' },
  ipc: { asked: ({ ipc }: Service) => ipc, option: 'IpcMode' },
} as const;

type Shared = keyof typeof SHARED;
const ALL = Object.keys(SHARED) as Shared[];

/** Services in whose namespaces the containers of a service are to be. */
export type Sharing = Partial<Record<Shared, string>>;

/** `network_mode`, `pid` and `ipc` of the form `service:NAME`. */
export function sharingOf(service: Service): Sharing {
  return Object.fromEntries(
    ALL.flatMap((what) => {
      const asked = SHARED[what].asked(service);
      return asked?.startsWith(SERVICE) ? [[what, asked.slice(SERVICE.length)]] : [];
    }),
  );
}

/** Is the container in the namespaces of containers of those services? `containers`: those that there will be. */
export function sharesAsAsked(
  container: Container,
  sharing: Sharing,
  containers: readonly Pick<Container, 'id' | 'service'>[],
): boolean {
  return ALL.every((what) => {
    const service = sharing[what];
    if (service === undefined) return true;
    return containers.some((other) => other.service === service && modeOf(container, what) === `container:${other.id}`);
  });
}

/** What is asked of services, asked of their first containers. Errors: `invalid` where a service has none. */
export function shared<C extends Pick<Container, 'name' | 'networkMode' | 'spec'>>(
  container: C,
  sharing: Sharing,
  containers: readonly Pick<Container, 'id' | 'service'>[],
): C {
  return ALL.reduce((done, what) => {
    const service = sharing[what];
    if (service === undefined) return done;
    const owner = containers.find((each) => each.service === service);
    if (!owner)
      throw invalid(`${container.name}: no container of service ${service} to share a ${what} namespace with`);
    return withMode(done, what, `container:${owner.id}`);
  }, container);
}

function modeOf({ networkMode, spec }: Pick<Container, 'networkMode' | 'spec'>, what: Shared): unknown {
  const { option } = SHARED[what];
  return option === undefined ? networkMode : spec.HostConfig?.[option];
}

function withMode<C extends Pick<Container, 'networkMode' | 'spec'>>(
  container: C,
  what: Shared,
  mode: `container:${string}`,
): C {
  const { option } = SHARED[what];
  if (option === undefined) return { ...container, networkMode: mode };
  const HostConfig = { ...container.spec.HostConfig, [option]: mode };
  return { ...container, spec: { ...container.spec, HostConfig } };
}
