import { Inject, Injectable, Logger } from '@nestjs/common';
import { concatMap, Subject, Subscription, type Observable } from 'rxjs';
import { messageOf, SkepError } from '#lib/common';
import type { FromNode, ToNodeInput } from '#lib/contracts';
import { heartbeatOf, type NodeDescription, type RefusedAttachment } from '#lib/domain';
import type { ClusterStore } from '#lib/store';
import type { Caller } from '../ca/caller.js';
import { inUse } from '../ca/in-use.js';
import { trustedRoots } from '../ca/roots.js';
import { rpcError } from '../ca/rpc-error.js';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { assignedTo } from './assigned-set.js';
import { afterAttachments } from './attachments.js';
import { parseDescription } from './description.js';
import { Liveness } from './liveness.js';
import { afterHello, afterReport } from './reports.js';
import { Session } from './session.js';
import { parseWanted } from './wanted.js';
import { Withdrawals } from './withdrawals.js';

/** What a certificate costs a manager, with room for its other work. Milliseconds. */
const RENEWAL = 20;

/** The sessions of all nodes: one a node, the latest; each is told of what concerns it after every commit. */
@Injectable()
export class Dispatcher {
  private readonly log = new Logger('dispatcher');
  private readonly sessions = new Map<string, { session: Session; end: (error: SkepError) => void }>();
  private readonly withdrawals: Withdrawals;
  private scheduled = false;

  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(KEY) private readonly key: ClusterKey,
    private readonly liveness: Liveness,
  ) {
    this.withdrawals = new Withdrawals(store, (task) =>
      [...this.sessions].some(([nodeId, { session }]) => nodeId !== task.nodeId && session.mayUse(task)),
    );
    store.feed(() => this.soon());
  }

  open(caller: Caller, peer: string, messages: Observable<FromNode>): Observable<ToNodeInput> {
    const { nodeId } = caller;
    const out = new Subject<ToNodeInput>();
    const taking = new Subscription();
    const heartbeat = () => heartbeatOf(clusterOf(this.store).spec);
    const session = new Session({
      nodeId,
      heartbeat,
      send: (message) => out.next(message),
      wanted: () =>
        assignedTo(
          nodeId,
          this.store,
          (sealed) => this.key.unseal(sealed),
          (text) => this.key.derive(text),
        ),
      hello: (description) => this.hello(caller, peer, parseDescription(description)),
      report: (tasks) => this.report(nodeId, tasks),
      attach: (wanted) => this.attach(nodeId, wanted),
      alive: () => this.liveness.heard(nodeId, heartbeat()),
      leave: async () => {
        await this.liveness.left(nodeId);
        end('the node has left');
      },
      paced: () => this.liveness.paced(nodeId, heartbeat()),
      confirmed: () => this.withdrawals.consider(),
      trust: () => ({
        roots: trustedRoots(clusterOf(this.store)),
        withinMs: this.store.list('node').length * RENEWAL,
      }),
      node: () => JSON.stringify(this.store.get('node', nodeId)?.value ?? null),
    });
    this.sessions.get(nodeId)?.end(new SkepError('conflict', `node ${nodeId} opened another session`));
    /** What the node still sends is not taken any more: it would count as a word of the node's. */
    const end = (why: string, error?: unknown) => {
      if (this.sessions.get(nodeId) === own) this.sessions.delete(nodeId);
      this.log.log(`the session of node ${nodeId} is over: ${why}`);
      taking.unsubscribe();
      if (error === undefined) out.complete();
      else out.error(rpcError(error));
    };
    const own = { session, end: (error: SkepError) => end(error.message, error) };
    this.sessions.set(nodeId, own);
    this.log.log(`node ${nodeId} (${peer}) opened a session`);
    const taken = messages.pipe(concatMap((message) => session.receive(message))).subscribe({
      error: (error: unknown) => end(messageOf(error), error),
      complete: () => end('the node closed it'),
    });
    taking.add(taken);
    return out;
  }

  /** Tells a node something that is no assignment. False: it has no session. */
  ask(nodeId: string, message: ToNodeInput): boolean {
    return this.sessions.get(nodeId)?.session.ask(message) ?? false;
  }

  /** By which it can be told whether the node has begun anew; undefined: it has none. */
  sessionOf(nodeId: string): object | undefined {
    return this.sessions.get(nodeId)?.session;
  }

  /** A node that was removed has no session any more. */
  private endStrangers(): void {
    for (const [nodeId, { end }] of this.sessions) {
      if (this.store.get('node', nodeId)) continue;
      end(new SkepError('unauthorized', `node ${nodeId} was removed from the cluster`));
    }
  }

  private soon(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.endStrangers();
      for (const { session } of this.sessions.values()) session.update();
      this.withdrawals.consider();
    });
  }

  private async hello(caller: Caller, peer: string, description: NodeDescription): Promise<void> {
    await this.store.transact((view) => {
      const node = view.get('node', caller.nodeId)?.value;
      if (!node) throw new SkepError('unauthorized', `node ${caller.nodeId} is not of this cluster any more`);
      const value = afterHello(inUse(node, caller), description, addressOf(peer), new Date().toISOString());
      return { changes: [{ op: 'put', kind: 'node', value }], result: undefined };
    });
  }

  private attach(nodeId: string, text: string): Promise<RefusedAttachment[]> {
    const wanted = parseWanted(text);
    return this.store.transact((view) => {
      const { changes, refused } = afterAttachments(nodeId, wanted, view, Date.now());
      return { changes, result: refused };
    });
  }

  private async report(nodeId: string, tasks: { taskId: string; status: string }[]): Promise<void> {
    await this.store.transact((view) => ({
      changes: afterReport(nodeId, tasks, view, new Date().toISOString()),
      result: undefined,
    }));
  }
}

/** gRPC's name of a peer: `ipv4:10.0.0.1:40000`, `10.0.0.1:40000`, `[fd00::1]:40000`. */
function addressOf(peer: string): string {
  return peer
    .replace(/^ipv[46]:/, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
}
