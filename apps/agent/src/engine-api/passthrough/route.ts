import type { Socket } from 'node:net';
import type { Duplex, Readable, Transform } from 'node:stream';
import { invalid, type SkepError } from '#lib/common';
import { parsed } from '../../http/json-body.js';

/** A request as routes see it. */
export interface Call {
  method: string;
  /** as the client has it, with its version */
  url: string;
  /** decoded: what `:name` and `*name` of the route's path stand for */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** the request's body; empty where it is streamed (`upload`) */
  body: Buffer;
}

/** What the engine is asked; what is left out stays as the client has it. */
export interface Ask {
  /** without version and query, with its segments encoded */
  path: string;
  query?: URLSearchParams;
  /** takes the body's place; becomes JSON; null: nothing is sent in its place */
  body?: unknown;
  /** of a raw stream: what the client gets before it */
  before?(gone: AbortSignal): Promise<Readable>;
  /** of a raw stream: nothing comes after that */
  over?: boolean;
}

/** The engine's answer where it is an error. */
export interface Refusal {
  status: number;
  /** in the engine's words */
  message: string;
}

/**
 * An endpoint of the Engine API that the container engine answers. The request goes there, its answer comes back as it
 * is but for what `answer`, `line` and `refusal` say.
 */
export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without version. `:name` is one segment, `*name` is one or more: `/containers/:name/top`, `/images/*name/json`. */
  path: string;
  /** The body goes to the engine as it comes, whatever its size (tars). Any other is read first, at most 1 MiB. */
  upload?: true;
  /** The connection becomes a raw stream in both directions. */
  hijack?(call: Call): boolean;
  /** Has the raw stream frames, as it has where there is no terminal? */
  framed?(call: Call): boolean;
  /** Does the end of what the client sends leave the stream's input open? */
  keepsInput?(call: Call): boolean;
  /** The keys by which a client at a terminal leaves the raw stream, which ends then, and whom to tell. */
  leaving?(call: Call): { keys: readonly number[]; left(): void } | undefined;
  /** What the raw stream's output goes through on its way to the client. */
  output?(call: Call): Transform;
  /**
   * The engine refuses a raw stream for a reason that is not this request's: the client gets one on which nothing comes
   * until this promise brings the engine's, and which ends when it brings none. Undefined: it is this request's.
   * @param again asks the engine once more
   * @param gone the client went away
   */
  withheld?(
    refusal: Error,
    call: Call,
    again: () => Promise<Socket>,
    gone: AbortSignal,
  ): Promise<Socket | undefined> | undefined;
  /** The engine refuses a raw stream, and clients are to read why on it; undefined: they get the refusal. */
  said?(refusal: SkepError, call: Call): Buffer | undefined;
  /** The engine has granted it: the raw stream begins, or the answer is about to be sent. */
  opened?(call: Call): void;
  /** The raw stream is over, or the answer was sent. */
  ended?(call: Call): void;
  /** Where the engine has it; left out: at the same path. Throws a SkepError where the request cannot be meant. */
  ask?(call: Call): Ask | Promise<Ask>;
  /** The answer's JSON as clients are to see it. */
  answer?(json: unknown, call: Call): unknown;
  /** The same, where the answer is one JSON value a line that come one by one: the values in place of one. */
  line?(json: unknown, call: Call): readonly unknown[];
  /** What the answer's body goes through where its bytes are not the client's yet; undefined: they are. */
  body?(headers: Record<string, string | string[]>, call: Call): Duplex | undefined;
  /** The answer's headers as clients are to see them. */
  headers?(headers: Record<string, string | string[]>, call: Call): Record<string, string | string[]>;
  /** What an error of the engine is in Docker's words; undefined: what `refusals.ts` makes of it. */
  refusal?(refusal: Refusal, call: Call): SkepError | undefined;
}

/** A class that has routes; it is listed in `providers.ts`. */
export interface RouteSet {
  readonly routes: readonly Route[];
}

/** A request's body as JSON; an absent one is an object without anything in it. */
export const jsonOf = ({ body }: Call): object => (body.length === 0 ? {} : parsed(body));

/** The route's path with its parameters in place. */
export function pathOf(route: Route, params: Call['params']): string {
  return route.path.replace(/[:*](\w+)/g, (_, name: string) => encoded(params[name] ?? ''));
}

/** One segment or several as part of a path. */
export function encoded(text: string): string {
  const segments = text.split('/');
  if (segments.some((segment) => ['', '.', '..'].includes(segment) || CONTROL.test(segment))) {
    throw invalid(`invalid name ${JSON.stringify(text.slice(0, 100))}`);
  }
  return segments.map(encodeURIComponent).join('/');
}

const CONTROL = /\p{Cc}/u;
