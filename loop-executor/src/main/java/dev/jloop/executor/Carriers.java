package dev.jloop.executor;

import jdk.management.VirtualThreadSchedulerMXBean;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;

/// The threads that carry the virtual threads of this JVM.
interface Carriers {
    /// Changes how many there may be, and sees to it that those are started that are needed.
    ///
    /// @param difference how many more, or fewer if it is negative
    /// @return whether that could be done
    boolean change(int difference);

    /// {@return how many virtual threads could go on, and wait for a carrier}
    int waiting();

    /// {@return those of the JDK's scheduler} It is looked up when it is first asked for something,
    /// which loads many classes and must not hold up a body that only blocks.
    static Carriers ofJdk() {
        return new OfJdk();
    }

    /// The carriers of the JDK's own scheduler.
    final class OfJdk implements Carriers {
        private static final int QUEUES_TRIED = 4;

        private @Nullable VirtualThreadSchedulerMXBean scheduler;

        private OfJdk() {}

        private @Nullable VirtualThreadSchedulerMXBean scheduler() {
            if (scheduler == null) {
                scheduler = ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
            }
            return scheduler;
        }

        @Override
        public boolean change(int difference) {
            var current = scheduler();
            if (current == null) { // a JVM that does not show its scheduler
                return false;
            }
            try {
                if (difference != 0) {
                    current.setParallelism(current.getParallelism() + difference);
                }
            } catch (IllegalArgumentException | UnsupportedOperationException _) {
                return false; // beyond the limit that the JVM was started with
            }
            if (difference >= 0) {
                wake();
            }
            return true;
        }

        /// The scheduler sends for a carrier when something comes to an *empty* queue of its own.
        /// While there was none to send for, something may have come to each queue in use, and
        /// would lie there. Each new thread has a queue by its own random number, so that one of a
        /// few finds an empty one.
        private static void wake() {
            for (var i = 0; i < QUEUES_TRIED; i++) {
                Thread.ofPlatform()
                        .daemon()
                        .name("jloop-carrier-watch-wake")
                        .start(() -> Thread.startVirtualThread(() -> {}));
            }
        }

        @Override
        public int waiting() {
            var current = scheduler();
            return current == null ? 0 : (int) Math.max(0, current.getQueuedVirtualThreadCount());
        }
    }
}
