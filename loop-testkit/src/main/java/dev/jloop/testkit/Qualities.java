package dev.jloop.testkit;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// How a network carries what no rule decides on: how long it takes, and what chance does to it.
final class Qualities {
    /// No piece of a stream is larger, so that a narrow way is shared.
    private static final int LARGEST_PIECE = 16 * 1024;

    private static final Duration MOST = Duration.ofDays(36_500);

    /// Tells this source of chance from the others that come from the same seed.
    private static final long SALT = 0x6e6574776f726bL;

    private final VirtualTimeLoop loop;
    private final Random random;
    private Duration latency = Duration.ofMillis(1);
    private Duration jitter = Duration.ZERO;
    private Duration giveUpTime = Duration.ofMinutes(1);
    private long bytesPerSecond = Long.MAX_VALUE;
    private int window = 64 * 1024;
    private boolean chunking;
    private double datagramLoss;
    private double datagramDuplication;
    private double datagramReordering;
    private Duration reorderingDelay = Duration.ZERO;

    Qualities(VirtualTimeLoop loop) {
        this.loop = loop;
        random = Seeds.random(loop.seed().orElse(0) ^ SALT);
        chunking = loop.seed().isPresent();
    }

    // ---- settings, checked

    void latency(Duration oneWay) {
        latency = checked("latency", oneWay);
    }

    void latency(Path path, Duration oneWay) {
        path.latency(checked("latency", oneWay));
    }

    void jitter(Duration atMost) {
        jitter = checked("jitter", atMost);
    }

    static Duration checked(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("the " + what + " is negative: " + value);
        }
        if (value.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "the "
                            + what
                            + " may be "
                            + MOST.toDays()
                            + " days at most, or the clock of a loop could not count it, was "
                            + value);
        }
        return value;
    }

    void bandwidth(long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "the bandwidth must be at least 1 byte per second, was " + value);
        }
        bytesPerSecond = value;
    }

    void window(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("the window must be at least 1 byte, was " + bytes);
        }
        window = bytes;
    }

    void datagramLoss(double probability) {
        datagramLoss = checked("loss", probability);
    }

    void datagramDuplication(double probability) {
        datagramDuplication = checked("duplication", probability);
    }

    void datagramReordering(double probability, Duration delay) {
        datagramReordering = checked("reordering", probability);
        reorderingDelay = checked("delay of reordered datagrams", delay);
    }

    private static double checked(String what, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "the probability of " + what + " must be between 0 and 1, was " + probability);
        }
        return probability;
    }

    void chunking(boolean on) {
        chunking = on;
    }

    void giveUpTime(Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException("the time to give up must be positive: " + time);
        }
        giveUpTime = checked("time to give up", time);
    }

    // ---- what they mean for a packet

    Duration giveUpTime() {
        return giveUpTime;
    }

    int window() {
        return window;
    }

    boolean cutsPieces() {
        return chunking;
    }

    /// {@return how many of so many bytes travel together} Small pieces are as likely as large
    /// ones.
    int pieceOf(int bytes) {
        var most = Math.min(bytes, LARGEST_PIECE);
        return chunking ? 1 + random.nextInt(Math.min(most, 1 << random.nextInt(15))) : most;
    }

    boolean losesDatagram(Path path) {
        return happens(datagramLoss, path);
    }

    boolean repeatsDatagram(Path path) {
        return happens(datagramDuplication, path);
    }

    /// {@return by how much a datagram is late, so that others overtake it}
    Duration reorderingOf(Path path) {
        return happens(datagramReordering, path) ? reorderingDelay : Duration.ZERO;
    }

    /// Chance is asked only where it decides something.
    private boolean happens(double probability, Path path) {
        return probability > 0 && !path.isLocal() && random.nextDouble() < probability;
    }

    /// {@return how long a packet is under way}
    Duration delayOf(Path path) {
        var base = path.latencyOr(latency);
        return path.isLocal() || jitter.isZero()
                ? base
                : base.plusNanos(random.nextLong(jitter.toNanos() + 1));
    }

    /// {@return how long it takes until so many bytes have left, behind those that wait already}
    Duration turnOf(Path path, int bytes) {
        if (bytesPerSecond == Long.MAX_VALUE || path.isLocal() || bytes == 0) {
            return Duration.ZERO;
        }
        var takes = Math.ceilDiv(bytes * TimeUnit.SECONDS.toNanos(1), bytesPerSecond);
        return path.queue(loop.time(), takes);
    }
}
