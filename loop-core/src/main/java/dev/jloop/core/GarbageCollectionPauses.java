package dev.jloop.core;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/// How long garbage collection has stopped the whole JVM so far.
final class GarbageCollectionPauses {
    /// Concurrent collectors count their cycles too, during which the program runs.
    private static final List<GarbageCollectorMXBean> COLLECTORS =
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(collector -> !collector.getName().endsWith("Cycles"))
                    .toList();

    private GarbageCollectionPauses() {}

    static long totalMillis() {
        var total = 0L;
        for (var collector : COLLECTORS) {
            total += Math.max(0, collector.getCollectionTime()); // -1 where it is not known
        }
        return total;
    }
}
