package dev.jloop.examples.kv;

/// What a node is in its current term.
///
/// ```
/// FOLLOWER -no leader heard of-> CANDIDATE -a majority votes for it-> LEADER
/// CANDIDATE -nobody wins-> CANDIDATE, in the next term
/// CANDIDATE -another one leads-> FOLLOWER
/// CANDIDATE, LEADER -a later term heard of-> FOLLOWER
/// ```
enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
}
