package dev.jloop.executor;

import jdk.management.VirtualThreadSchedulerMXBean;

import java.lang.management.ManagementFactory;

/// The threads that carry the virtual threads of this JVM.
interface Carriers {
    /// Changes how many there are.
    ///
    /// @param difference how many more, or fewer if it is negative
    /// @return whether that could be done
    boolean change(int difference);

    /// {@return how many virtual threads could go on, and wait for a carrier}
    int waiting();

    /// {@return those of the JDK's scheduler}
    static Carriers ofJdk() {
        return new OfJdk(ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class));
    }

    /// The carriers of the JDK's own scheduler.
    ///
    /// @param scheduler what the JDK shows of it
    record OfJdk(VirtualThreadSchedulerMXBean scheduler) implements Carriers {
        @Override
        public boolean change(int difference) {
            try {
                scheduler.setParallelism(scheduler.getParallelism() + difference);
            } catch (IllegalArgumentException | UnsupportedOperationException _) {
                return false; // beyond the limit that the JVM was started with
            }
            if (difference > 0) {
                // The scheduler starts carriers when it is given something to carry.
                Thread.startVirtualThread(() -> {});
            }
            return true;
        }

        @Override
        public int waiting() {
            return (int) Math.max(0, scheduler.getQueuedVirtualThreadCount());
        }
    }
}
