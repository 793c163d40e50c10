import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid, notFound, SkepError, unsupported } from '#lib/common';
import type { Container } from '#lib/domain';
import { callEngine, startFailure, type Engine } from '#lib/engine';
import { Attachable } from '../../containers/attachable.js';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ContainerLogs } from '../../containers/container-logs.js';
import { bytesOf } from '../../containers/log-stream.js';
import { EventLog } from '../../events/event-log.js';
import { flag } from '#lib/http';
import { ENGINE } from '../../node/tokens.js';
import { WithheldAttaches } from '../../reconciler/withheld-attaches.js';
import { asContents, meansContents } from '../containers/archive-contents.js';
import { ExecBook } from '../exec/exec-book.js';
import { detachKeys } from './detach-keys.js';
import { inWords } from './refusals.js';
import { jsonOf, type Ask, type Call, type Route, type RouteSet } from './route.js';

/** What is passed through of one container. */
@Injectable()
export class ContainerRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/containers/:name/attach',
      hijack: () => true,
      framed: (call) => !this.of(call).spec.Tty,
      keepsInput: (call) => keepsInput(this.of(call)),
      leaving: (call) => this.leaving(call),
      ask: (call) => this.attach(call),
      // Podman makes the process ready when somebody attaches. That this fails is for the start to say.
      withheld: ({ message }, call, again, gone) =>
        startFailure(message) && this.withheld.hold(this.of(call).id, again, gone),
    },
    {
      method: 'POST',
      path: '/containers/:name/exec',
      ask: (call) => {
        keysOfExec(call);
        return this.same('exec')(call);
      },
      answer: (json, call) => this.execMade(json as { Id: string }, call),
      refusal: inWords([
        [
          / is paused/,
          (call) => conflict(`Container ${this.of(call).id} is paused, unpause the container before exec`),
        ],
        [/state improper|not running/, (call) => this.notRunning(call)],
        [/non-empty command/, () => invalid('No exec command specified')],
      ]),
    },
    {
      method: 'POST',
      path: '/containers/:name/resize',
      ask: this.same('resize'),
      opened: (call) => {
        const [height, width] = ['h', 'w'].map((name) => call.query.get(name) ?? '');
        this.events.container(this.of(call), 'resize', { height: height!, width: width! });
      },
      refusal: inWords([[/state improper/, (call) => this.notRunning(call)]]),
    },
    {
      method: 'GET',
      path: '/containers/:name/attach/ws',
      ask: () => {
        throw unsupported('attaching through a WebSocket is not there: use POST /containers/:name/attach');
      },
    },
    { method: 'GET', path: '/containers/:name/changes', ask: this.same('changes') },
    {
      method: 'GET',
      path: '/containers/:name/export',
      ask: this.same('export'),
      opened: (call) => this.events.container(this.of(call), 'export'),
      headers: (headers) => ({ ...headers, 'content-type': 'application/octet-stream' }),
    },
    ...(['GET', 'HEAD', 'PUT'] as const).map((method): Route => ({
      method,
      path: '/containers/:name/archive',
      upload: method === 'PUT' || undefined,
      ask: (call) => this.archive(call),
      opened: (call) => {
        const action = { GET: 'archive-path', PUT: 'extract-to-dir', HEAD: undefined }[method];
        if (action) this.events.container(this.of(call), action);
      },
      body: (headers, call) => {
        const stat = headers['x-docker-container-path-stat'];
        const meant = call.method === 'GET' && meansContents(call.query.get('path') ?? '');
        return meant && typeof stat === 'string' ? asContents(stat) : undefined;
      },
      refusal: inWords([
        [/no such file or directory|^could not find the file/i, noSuchFile],
        [/^error during bulk transfer .*?: (reading tar stream.*)$/s, (_call, found) => invalid(found[1]!)],
      ]),
    })),
  ];

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly attachable: Attachable,
    private readonly events: EventLog,
    private readonly withheld: WithheldAttaches,
    private readonly logs: ContainerLogs,
    private readonly execs: ExecBook,
  ) {}

  private async attach(call: Call): Promise<Ask> {
    await this.attachable.ready(call.params['name']!);
    this.leaving(call);
    this.events.container(this.of(call), 'attach');
    const { query } = call;
    const rest = withoutLogs(query);
    const said = async (gone: AbortSignal) => bytesOf((await this.logs.open(call.params['name']!, rest, gone)).log);
    return {
      ...this.same('attach')(call),
      query: rest,
      // Some clients (dockerode) say everything twice, and an engine takes a body for the container's input.
      body: null,
      before: flag(query.get('logs') ?? undefined) ? said : undefined,
      over: !flag(query.get('stream') ?? undefined),
    };
  }

  private leaving(call: Call): ReturnType<NonNullable<Route['leaving']>> {
    const container = this.of(call);
    if (!container.spec.Tty) return undefined;
    const keys = detachKeys(call.query.get('detachKeys') ?? '');
    return { keys, left: () => this.events.container(container, 'detach') };
  }

  /** A tar for a directory that is not there would make it. */
  private async archive(call: Call): Promise<Ask> {
    const path = call.query.get('path') ?? '';
    if (path === '' || path.includes('\0')) throw invalid('bad parameter: path cannot be empty, and has no NUL');
    const asked = this.same('archive')(call);
    if (call.method !== 'PUT') return asked;
    const query = new URLSearchParams(call.query);
    // What is copied becomes the container's user's. Where it names none, Docker leaves owners alone, and Podman takes root.
    if (!this.of(call).spec.User) query.delete('copyUIDGID');
    const stat = `${asked.path}?${new URLSearchParams({ path }).toString()}`;
    await callEngine(this.engine.socketPath, { method: 'HEAD', path: stat }).catch((error: unknown) => {
      throw SkepError.is(error, 'not_found') ? noSuchFile(call) : error;
    });
    return { ...asked, query };
  }

  private execMade(made: { Id: string }, call: Call): object {
    const { Cmd = [] } = jsonOf(call) as { Cmd?: string | string[] };
    this.execs.made(made.Id, this.of(call).id, [Cmd].flat(), keysOfExec(call));
    return made;
  }

  private notRunning(call: Call): SkepError {
    return conflict(`container ${this.of(call).id} is not running`);
  }

  private of({ params }: Call): Container {
    return this.directory.find(params['name']!);
  }

  /** The same endpoint of the engine's container. */
  private same(what: string): (call: Call) => Ask {
    return ({ params }) => ({ path: `/containers/${this.directory.engineId(params['name']!)}/${what}` });
  }
}

/** Docker leaves the input open for the next who attaches, unless it was to be closed with the first. */
function keepsInput({ spec }: Container): boolean {
  return spec.OpenStdin === true && spec.StdinOnce !== true && spec.Tty !== true;
}

/** What leaves its terminal; undefined: it has none. */
function keysOfExec(call: Call): number[] | undefined {
  const { DetachKeys = '', Tty } = jsonOf(call) as { DetachKeys?: string; Tty?: boolean };
  return Tty ? detachKeys(String(DetachKeys)) : undefined;
}

/** What is attached to comes as it is made; what was said before is asked for apart. */
function withoutLogs(given: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(given);
  query.delete('logs');
  query.delete('follow');
  return query;
}

function noSuchFile({ params, query }: Call): SkepError {
  return notFound(`Could not find the file ${query.get('path')} in container ${params['name']}`);
}
