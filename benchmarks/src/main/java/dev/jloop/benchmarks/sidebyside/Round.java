package dev.jloop.benchmarks.sidebyside;

import com.fasterxml.jackson.annotation.JsonProperty;

import org.jspecify.annotations.Nullable;

/// What was seen of one server in one round.
///
/// @param requestsPerSecond how many were answered
/// @param p50Micros the median latency
/// @param p99Micros the latency that one in a hundred exceeds
/// @param p999Micros the latency that one in a thousand exceeds
/// @param cpuNanos the processor time of the server's process for each request, with that of the
///   kernel on its behalf
/// @param allocatedBytes what the server's JVM allocated for each request; null for other servers
public record Round(
        double requestsPerSecond,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double cpuNanos,
        @Nullable Double allocatedBytes) {
    /// {@return the share of a processor that the server had}
    @JsonProperty
    public double busy() {
        return cpuNanos * requestsPerSecond / 1e9;
    }
}
