// Original file: libs/contracts/src/swarm.proto


export interface HeartbeatInput {
}

export interface Heartbeat {
}
