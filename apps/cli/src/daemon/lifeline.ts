/**
 * Loaded into every child (`node --import`) before its own code: when the supervisor ends, however it ends, the IPC
 * channel closes; the child then shuts down as on SIGTERM, and is killed if it does not manage to.
 */
const GRACE_MS = 8_000;

// Closed before this ran: no event will tell. Nothing of the child's own has begun, so there is nothing to shut down.
if (!process.connected) process.exit(1);

process.once('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// Listening for `disconnect` would keep the child running; its own work shall decide that.
process.channel?.unref();
