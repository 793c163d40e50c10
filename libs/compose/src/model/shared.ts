/** `x-` attributes of the user's own. */
export type Extensions = { [key in `x-${string}`]?: unknown };

/** A secret or config in a container. Without a target a config is mounted at `/<source>`. `mode` is `"0444"`. */
export interface FileReference extends Extensions {
  source: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: string;
}

export type Ulimit = number | { soft: number; hard: number };
