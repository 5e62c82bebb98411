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
