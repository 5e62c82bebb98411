package dev.jloop.transports;

import java.time.Duration;

/// Settings for [Resolver#system(dev.jloop.core.EventLoop, ResolverOptions)]. Immutable; start from
/// [#DEFAULTS].
///
/// @since 0.1
public final class ResolverOptions {
    private static final int DEFAULT_THREADS = 32;

    /// A deadline of 10 seconds, 32 threads; answers are remembered for 5 seconds, and that a name
    /// is unknown for 1 second.
    public static final ResolverOptions DEFAULTS =
            new ResolverOptions(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    DEFAULT_THREADS);

    private final Duration deadline;
    private final Duration cacheTime;
    private final Duration negativeCacheTime;
    private final int threads;

    private ResolverOptions(
            Duration deadline, Duration cacheTime, Duration negativeCacheTime, int threads) {
        this.deadline = deadline;
        this.cacheTime = cacheTime;
        this.negativeCacheTime = negativeCacheTime;
        this.threads = threads;
    }

    /// {@return these settings with another deadline for each lookup} It counts from the call, so
    /// it includes the time in which no thread is free.
    ///
    /// @param deadline more than zero; 10 seconds by default
    /// @throws IllegalArgumentException if it is not
    public ResolverOptions withDeadline(Duration deadline) {
        if (!deadline.isPositive()) {
            throw new IllegalArgumentException(
                    "the deadline of a lookup must be more than zero, was " + deadline);
        }
        return new ResolverOptions(deadline, cacheTime, negativeCacheTime, threads);
    }

    /// {@return these settings with another time for which answers are remembered} At most 1000
    /// answers are, and the oldest is dropped for a new one. The JDK remembers them too, for 30
    /// seconds unless its security property `networkaddress.cache.ttl` says otherwise.
    ///
    /// @param time by the clock of the loop; zero remembers nothing; 5 seconds by default
    /// @throws IllegalArgumentException if it is negative
    public ResolverOptions withCacheTime(Duration time) {
        return new ResolverOptions(deadline, notNegative(time), negativeCacheTime, threads);
    }

    /// {@return these settings with another time for which it is remembered that there is no
    /// answer} A lookup that was not answered in time is not remembered. The JDK remembers it too,
    /// for 10 seconds unless its security property `networkaddress.cache.negative.ttl` says
    /// otherwise.
    ///
    /// @param time by the clock of the loop; zero remembers nothing; 1 second by default
    /// @throws IllegalArgumentException if it is negative
    public ResolverOptions withNegativeCacheTime(Duration time) {
        return new ResolverOptions(deadline, cacheTime, notNegative(time), threads);
    }

    /// {@return these settings with another number of queries at once} Those that take longer than
    /// a second do not count, up to four times as many. Threads are started when they are needed,
    /// and end after ten seconds without work.
    ///
    /// @param threads at least 1; 32 by default
    /// @throws IllegalArgumentException if it is less
    public ResolverOptions withThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "a resolver needs at least 1 thread, was given " + threads);
        }
        return new ResolverOptions(deadline, cacheTime, negativeCacheTime, threads);
    }

    private static Duration notNegative(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(
                    "the time for which answers are remembered is negative: " + time);
        }
        return time;
    }

    Duration deadline() {
        return deadline;
    }

    Duration cacheTime() {
        return cacheTime;
    }

    Duration negativeCacheTime() {
        return negativeCacheTime;
    }

    int threads() {
        return threads;
    }
}
