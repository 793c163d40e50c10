// Original file: libs/contracts/src/swarm.proto


/**
 * The node leaves the cluster: the last message of a session. The manager ends the session when nobody is to send the node
 * anything any more; one of an older version does not.
 */
export interface LeavingInput {
}

/**
 * The node leaves the cluster: the last message of a session. The manager ends the session when nobody is to send the node
 * anything any more; one of an older version does not.
 */
export interface Leaving {
}
