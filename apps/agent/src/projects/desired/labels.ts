import type { Project } from '#lib/compose';

/** Version of Docker Compose whose labels and names these are. */
const COMPOSE_VERSION = '2.29.0';

export const PROJECT_LABEL = 'com.docker.compose.project';

export function networkLabels(project: Project, key: string): Record<string, string> {
  return {
    [PROJECT_LABEL]: project.name,
    'com.docker.compose.network': key,
    'com.docker.compose.version': COMPOSE_VERSION,
  };
}

export function volumeLabels(project: Project, key: string): Record<string, string> {
  return {
    [PROJECT_LABEL]: project.name,
    'com.docker.compose.volume': key,
    'com.docker.compose.version': COMPOSE_VERSION,
  };
}

export interface ContainerLabelSource {
  project: Project;
  service: string;
  number: number;
  dependsOn: { service: string; condition: string; restart: boolean }[];
  workingDir: string;
  configFiles: string[];
}

export function containerLabels(from: ContainerLabelSource): Record<string, string> {
  return {
    [PROJECT_LABEL]: from.project.name,
    'com.docker.compose.service': from.service,
    'com.docker.compose.container-number': String(from.number),
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.depends_on': from.dependsOn
      .map((each) => `${each.service}:${each.condition}:${String(each.restart)}`)
      .join(','),
    'com.docker.compose.project.working_dir': from.workingDir,
    'com.docker.compose.project.config_files': from.configFiles.join(','),
    'com.docker.compose.version': COMPOSE_VERSION,
  };
}
