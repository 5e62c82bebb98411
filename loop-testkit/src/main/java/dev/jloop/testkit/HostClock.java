package dev.jloop.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The wall clock of a host, which may be wrong and go wrong.
///
/// **Threading:** set on the loop's thread, read on any.
final class HostClock implements InstantSource {
    private static final double PARTS = 1_000_000;

    private final VirtualClock time;
    private volatile Setting setting = new Setting(0, VirtualTimeLoop.EPOCH, 0);

    /// @param sinceNanos when the clock was set, in virtual time
    /// @param shown what it showed then
    /// @param drift by how many millionths it has been too fast since
    private record Setting(long sinceNanos, Instant shown, double drift) {
        Instant at(long nanos) {
            var passed = nanos - sinceNanos;
            var gained = drift == 0 ? 0 : Math.round(passed * (drift / PARTS));
            return shown.plusNanos(passed).plusNanos(gained);
        }
    }

    HostClock(VirtualClock time) {
        this.time = time;
    }

    @Override
    public Instant instant() {
        return setting.at(time.nanos());
    }

    /// {@return by how much it is ahead of the true time}
    Duration offset() {
        var nanos = time.nanos();
        return Duration.between(VirtualTimeLoop.EPOCH.plusNanos(nanos), setting.at(nanos));
    }

    void jump(Duration by) {
        setting = new Setting(time.nanos(), instant().plus(by), setting.drift);
    }

    void drift(double partsPerMillion) {
        if (!(partsPerMillion > -PARTS && partsPerMillion <= PARTS)) {
            throw new IllegalArgumentException(
                    "the drift must be more than -1,000,000 parts per million, where a clock stands"
                            + " still, and at most 1,000,000, was "
                            + partsPerMillion);
        }
        setting = new Setting(time.nanos(), instant(), partsPerMillion);
    }
}
