import { Injectable } from '@nestjs/common';
import { conflict, invalid, notFound, type SkepError } from '#lib/common';
import { inWords } from '../passthrough/refusals.js';
import { jsonOf, type Call, type Route, type RouteSet } from '../passthrough/route.js';
import { ExecBook, mustBeExecId } from './exec-book.js';
import { execFailure, execOutput, message } from './exec-failure.js';

/** Commands in containers: all but their making, which is the container's, and their inspection. */
@Injectable()
export class ExecRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/exec/:id/start',
      ask: ({ params }) => ({ path: `/exec/${mustBeExecId(params['id']!)}/start` }),
      hijack: (call) => !asked(call).Detach,
      framed: (call) => !asked(call).Tty,
      leaving: ({ params }) => this.book.leaving(params['id']!),
      opened: ({ params }) => this.book.started(params['id']!),
      output: ({ params }) => execOutput(() => this.book.refused(params['id']!)),
      said: (refusal, call) => this.said(refusal, call),
      ended: (call) => this.book.follow(call.params['id']!, asked(call).Detach === true),
      refusal: inWords([
        [/no such exec session/i, missing],
        [/state is "running"/, ({ params }) => conflict(`Error: Exec command ${params['id']} is already running`)],
        [/state is "stopped"/, ({ params }) => conflict(`Error: Exec command ${params['id']} has already run`)],
        [/^(runc|crun): /, (call, { input }) => this.failed(call, input)],
        [/unable to find user/, (_call, { input }) => invalid(input)],
      ]),
    },
    {
      method: 'POST',
      path: '/exec/:id/resize',
      ask: ({ params }) => ({ path: `/exec/${mustBeExecId(params['id']!)}/resize` }),
      refusal: inWords([
        [/no such exec session/i, missing],
        [/not running|has stopped/, ({ params }) => conflict(`exec ${params['id']} is not running`)],
      ]),
    },
  ];

  constructor(private readonly book: ExecBook) {}

  /** Docker begins the stream first, and says on it who is not there. */
  private said({ message: words }: SkepError, call: Call): Buffer | undefined {
    if (!words.startsWith(NO_USER)) return undefined;
    this.book.failed(call.params['id']!, CANNOT_RUN);
    return message(words, !asked(call).Tty);
  }

  private failed(call: Call, words: string) {
    const failure = execFailure(words);
    if (failure) this.book.failed(call.params['id']!, failure.exitCode);
    return invalid(failure?.message ?? words);
  }
}

const NO_USER = 'unable to find user';
/** The exit code of a command that is there and cannot be run. */
const CANNOT_RUN = 126;

const missing = ({ params }: Call) => notFound(`No such exec instance: ${params['id']}`);

const asked = (call: Call) => jsonOf(call) as { Detach?: unknown; Tty?: unknown };
