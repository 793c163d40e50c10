/** The namespace that a request is made for. */
export interface Place {
  /** Index of a link. @throws `not_found` */
  index(link: string): number;
  /** A descriptor of another namespace, by its name below /run/netns. @throws `not_found` */
  netns(name: string): number;
}

/** One rtnetlink message, as soon as it is known where. */
export type Request = (place: Place) => Buffer;
