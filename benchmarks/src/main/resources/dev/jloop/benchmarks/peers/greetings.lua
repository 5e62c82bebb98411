-- wrk: what it saw as one line of numbers, times in nanoseconds
done = function(summary, latency, requests)
    local errors = summary.errors
    print(string.format("requests %d nanos %.0f p50 %.0f p99 %.0f p999 %.0f max %.0f errors %d",
        summary.requests, summary.duration * 1000, latency:percentile(50) * 1000, latency:percentile(99) * 1000,
        latency:percentile(99.9) * 1000, latency.max * 1000,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
