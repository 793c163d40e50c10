import { conflict, shortId } from '#lib/common';
import { familiarName } from '#lib/engine';
import { imageId, type InspectedImage } from './views.js';

/** A container that was made of the image. */
export interface User {
  id: string;
  running: boolean;
}

/**
 * What Docker has against the removal of an image; it throws that. Pure.
 * @param name as it was asked for
 * @returns whether the image itself has to stay because stopped containers use it: then only its names go
 */
export function checkRemoval(name: string, image: InspectedImage, users: readonly User[], force: boolean): boolean {
  const tags = (image.RepoTags ?? []).map(familiarName);
  const digits = imageId(image.Id).replace('sha256:', '');
  const byId =
    digits.startsWith(name.replace('sha256:', '')) && !tags.includes(name) && !tags.includes(`${name}:latest`);
  const [user] = users;
  if (!byId) {
    if (tags.length > 1 || !user) return false;
    if (force) return true;
    throw conflict(
      `conflict: unable to remove repository reference "${name}" (must force) - ` +
        `container ${shortId(user.id)} is using its referenced image ${shortId(digits)}`,
    );
  }
  const unable = `conflict: unable to delete ${shortId(digits)}`;
  const running = users.find((each) => each.running);
  if (running) {
    throw conflict(`${unable} (cannot be forced) - image is being used by running container ${shortId(running.id)}`);
  }
  if (force) return user !== undefined;
  if (tags.length > 1) throw conflict(`${unable} (must be forced) - image is referenced in multiple repositories`);
  if (user) throw conflict(`${unable} (must be forced) - image is being used by stopped container ${shortId(user.id)}`);
  return false;
}

export interface Removed {
  Untagged?: string;
  Deleted?: string;
}

/** The answer as Docker has it: names first, then what was deleted. */
export function removedImages(removed: readonly Removed[]): Removed[] {
  return [
    ...removed.flatMap(({ Untagged }) => (Untagged ? [{ Untagged: familiarName(Untagged) }] : [])),
    ...removed.flatMap(({ Deleted }) => (Deleted ? [{ Deleted: imageId(Deleted) }] : [])),
  ];
}
