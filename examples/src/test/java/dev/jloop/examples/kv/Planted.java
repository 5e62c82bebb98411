package dev.jloop.examples.kv;

import java.util.List;
import java.util.random.RandomGenerator;

/// A bug that a node may have, to see that the checks find it.
enum Planted {
    NONE,
    /// The leader answers before a majority has the entry.
    LOST_ACKNOWLEDGEMENT {
        @Override
        KvNode node(
                NodeAddress self,
                List<NodeAddress> others,
                Storage storage,
                RandomGenerator random,
                KvEvents events) {
            return new KvNode(self, others, storage, Timings.DEFAULTS, random, events) {
                @Override
                boolean awaitCommitted(long index, long term) {
                    return true;
                }
            };
        }
    },
    /// Who was deposed and does not know it answers from its own state.
    STALE_READ {
        @Override
        KvNode node(
                NodeAddress self,
                List<NodeAddress> others,
                Storage storage,
                RandomGenerator random,
                KvEvents events) {
            return new KvNode(self, others, storage, Timings.DEFAULTS, random, events) {
                @Override
                void confirmLeadership(long term) {}
            };
        }
    },
    /// A command that its client has tried twice is applied twice.
    DOUBLE_APPLY {
        @Override
        KvNode node(
                NodeAddress self,
                List<NodeAddress> others,
                Storage storage,
                RandomGenerator random,
                KvEvents events) {
            var state =
                    new KvState() {
                        @Override
                        boolean isRepeated(Command command) {
                            return false;
                        }
                    };
            return new KvNode(self, others, storage, Timings.DEFAULTS, random, events, state);
        }
    },
    /// Who is started again remembers its term, and not whom it has voted for in it.
    FORGOTTEN_VOTE {
        @Override
        KvNode node(
                NodeAddress self,
                List<NodeAddress> others,
                Storage storage,
                RandomGenerator random,
                KvEvents events) {
            return super.node(self, others, new ForgetfulStorage(storage), random, events);
        }
    },
    /// The node that wins the first election dies of it.
    SUDDEN_DEATH {
        @Override
        KvNode node(
                NodeAddress self,
                List<NodeAddress> others,
                Storage storage,
                RandomGenerator random,
                KvEvents events) {
            var deadly =
                    new KvEvents() {
                        @Override
                        public void voted(String node, long term, String candidate) {
                            events.voted(node, term, candidate);
                        }

                        @Override
                        public void becameLeader(String node, long term) {
                            events.becameLeader(node, term);
                            if (term == 1) {
                                throw new IllegalStateException("planted");
                            }
                        }

                        @Override
                        public void applied(String node, long index, LogEntry entry) {
                            events.applied(node, index, entry);
                        }
                    };
            return super.node(self, others, storage, random, deadly);
        }
    };

    KvNode node(
            NodeAddress self,
            List<NodeAddress> others,
            Storage storage,
            RandomGenerator random,
            KvEvents events) {
        return new KvNode(self, others, storage, Timings.DEFAULTS, random, events);
    }
}
