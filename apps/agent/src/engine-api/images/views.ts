import { givenLabels } from '#lib/domain';
import { familiarName } from '#lib/engine';

/** Of the engine's GET /images/json. */
export interface ListedImage {
  Id: string;
  ParentId?: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  /** seconds since the epoch */
  Created: number;
  Size: number;
  Labels?: Record<string, string> | null;
  /** of Podman alone: neither tag nor child */
  Dangling?: boolean;
}

/** Of the engine's GET /images/:name/json; what is not named here stays as it is. */
export interface InspectedImage extends Record<string, unknown> {
  Id: string;
  Parent?: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Size: number;
  Config?: object | null;
  ContainerConfig?: object;
  RootFS?: { Type?: string; Layers?: string[] | null };
  GraphDriver?: { Data?: unknown; Name?: string };
}

/** Of the engine's GET /images/:name/history: the newest first. */
export interface HistoryEntry {
  Id: string;
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

/** Not counted: Docker's mark of a figure that nobody asked for. */
const NOT_COUNTED = -1;

/** An entry of GET /images/json as Docker has it. */
export function listedImage(image: ListedImage) {
  return {
    Containers: NOT_COUNTED,
    Created: image.Created,
    Id: imageId(image.Id),
    Labels: image.Labels ? givenLabels(image.Labels) : null,
    ParentId: imageId(image.ParentId),
    RepoDigests: namesOf(image.RepoDigests),
    RepoTags: namesOf(image.RepoTags),
    SharedSize: NOT_COUNTED,
    Size: image.Size,
    VirtualSize: image.Size,
  };
}

/** An image as clients before API 1.43 know it: without a name it has this one, and they pass over one that has none. */
export function withNone<T extends Pick<ReturnType<typeof listedImage>, 'RepoTags' | 'RepoDigests'>>(image: T): T {
  if (image.RepoTags.length + image.RepoDigests.length > 0) return image;
  return { ...image, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };
}

/** GET /images/:name/json as Docker has it. Older clients (docker-compose 1) need ContainerConfig, newer engines leave it out. */
export function inspectedImage(image: InspectedImage, healthcheck?: object) {
  return {
    ...image,
    Id: imageId(image.Id),
    Parent: imageId(image.Parent),
    RepoTags: namesOf(image.RepoTags),
    RepoDigests: namesOf(image.RepoDigests),
    Config: withGivenLabels(image.Config && healthcheck ? { ...image.Config, Healthcheck: healthcheck } : image.Config),
    ContainerConfig: withGivenLabels(image.ContainerConfig ?? image.Config ?? {}),
  };
}

/** GET /images/:name/history as Docker has it of images that came from a registry: the ids of what is below are unknown. */
export function imageHistory(entries: readonly HistoryEntry[], image: InspectedImage) {
  return entries.map((entry, index) => ({
    ...entry,
    Id: index === 0 ? imageId(image.Id) : '<missing>',
    Tags: index === 0 ? namesOf(image.RepoTags) : null,
  }));
}

/** Engines leave the algorithm out in places. */
export function imageId(id = ''): string {
  return id === '' || id.includes(':') ? id : `sha256:${id}`;
}

function namesOf(names: readonly string[] | null | undefined): string[] {
  return (names ?? []).filter((name) => !name.startsWith('<none>')).map(familiarName);
}

/** Of a committed container the image has skep's own labels, too. */
function withGivenLabels<T extends object | null | undefined>(config: T): T {
  const labels = (config as { Labels?: Record<string, string> | null } | null | undefined)?.Labels;
  return labels ? { ...config, Labels: givenLabels(labels) } : config;
}
