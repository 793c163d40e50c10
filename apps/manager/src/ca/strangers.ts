import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';

/** A join is two calls of a few milliseconds each. */
const AT_ONCE = 32;
const PATIENCE_MS = 10_000;

/**
 * Bounds what callers without a certificate of the cluster can hold, who may be anybody: gRPC gathers a whole message
 * before it is known whether the call is allowed, and waits for it for ever. So many of their calls go on at once, each
 * for so long; others are told to come again.
 * @param patienceMs milliseconds
 */
export function boundedStrangers(atOnce = AT_ONCE, patienceMs = PATIENCE_MS): ServerInterceptor {
  let going = 0;
  return (_method, call) => {
    let end = () => {};
    const begin = () => {
      const late = setTimeout(() => {
        call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'the request did not come in time' });
        end();
      }, patienceMs);
      going += 1;
      end = () => {
        clearTimeout(late);
        going -= 1;
        end = () => {};
      };
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, forward) => {
            if (call.getAuthContext().sslPeerCertificate) return forward(metadata);
            if (going >= atOnce) {
              call.sendStatus({ code: status.UNAVAILABLE, details: 'too many are joining: try again' });
              return;
            }
            begin();
            forward(metadata);
          },
          onCancel: () => end(),
        }),
      sendStatus: (sent, next) => {
        end();
        next(sent);
      },
    });
  };
}
