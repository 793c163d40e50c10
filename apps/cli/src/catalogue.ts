import type { Command } from 'commander';
import type { Context } from './context.js';

/** Adds a command's options, arguments and action. */
export type Define = (command: Command, context: Context) => void;

interface Entry {
  name: string;
  summary: string;
  load: () => Promise<{ define: Define }>;
}

/** Every command of `skep`, in the order of its help. A command's file is loaded only when that command was asked for. */
export const CATALOGUE: readonly Entry[] = [
  { name: 'up', summary: 'Create and start what the files ask for', load: () => import('./commands/up.js') },
  { name: 'down', summary: 'Stop and remove containers and networks', load: () => import('./commands/down.js') },
  { name: 'ps', summary: 'List containers', load: () => import('./commands/ps.js') },
  { name: 'logs', summary: 'Show what containers wrote', load: () => import('./commands/logs.js') },
  { name: 'exec', summary: 'Run a command in a running container', load: () => import('./commands/exec.js') },
  { name: 'config', summary: 'Check the files and print the model', load: () => import('./commands/config.js') },
  { name: 'ls', summary: 'List projects', load: () => import('./commands/ls.js') },
  { name: 'network', summary: 'List, show and remove networks', load: () => import('./commands/network.js') },
  { name: 'import', summary: 'Make an image of a root file system', load: () => import('./commands/import.js') },
  { name: 'dns', summary: 'Ask what a container would be answered', load: () => import('./commands/dns.js') },
  { name: 'trace', summary: 'Say why a container reaches something or not', load: () => import('./commands/trace.js') },
  { name: 'stack', summary: 'Run Compose files on a swarm', load: () => import('./commands/stack.js') },
  { name: 'service', summary: 'List and show services of a swarm', load: () => import('./commands/service.js') },
  { name: 'node', summary: 'Manage the nodes of a swarm', load: () => import('./commands/node.js') },
  {
    name: 'cluster',
    summary: 'Run a swarm of test hosts on this machine',
    load: () => import('./commands/cluster.js'),
  },
  {
    name: 'backup',
    summary: "Write the node's and the swarm's state to a file",
    load: () => import('./commands/backup.js'),
  },
  {
    name: 'restore',
    summary: 'Put the state of a backup into a data root',
    load: () => import('./commands/restore.js'),
  },
  { name: 'doctor', summary: 'Check what this machine can do', load: () => import('./commands/doctor.js') },
  { name: 'daemon', summary: 'Run the node', load: () => import('./commands/daemon.js') },
  { name: 'version', summary: 'Show the versions', load: () => import('./commands/version.js') },
];
