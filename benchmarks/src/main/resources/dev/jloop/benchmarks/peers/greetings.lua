-- wrk: what it saw as one line of numbers, latencies in microseconds
done = function(summary, latency, requests)
    local errors = summary.errors
    print(string.format("requests %d micros %d p50 %.0f p99 %.0f p999 %.0f max %.0f errors %d",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        latency:percentile(99.9), latency.max,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
