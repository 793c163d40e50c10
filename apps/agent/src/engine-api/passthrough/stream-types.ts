/** Bytes as a terminal shows them. */
export const RAW_STREAM = 'application/vnd.docker.raw-stream';
/** Standard output and error in frames, since API 1.42; older clients know it by the container. */
export const MULTIPLEXED_STREAM = 'application/vnd.docker.multiplexed-stream';
