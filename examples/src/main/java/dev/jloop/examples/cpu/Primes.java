package dev.jloop.examples.cpu;

import java.util.stream.IntStream;

/// The primes below a limit, counted piece by piece with the sieve of Eratosthenes. Immutable, so
/// any number of threads may count pieces at the same time.
final class Primes {
    private final long limit;

    /// Up to the root of the limit: each composite below that has one of them as a factor.
    private final int[] factors;

    /// @param limit which is not counted itself, at least 2
    Primes(long limit) {
        this.limit = limit;
        var root = (int) Math.sqrt((double) limit) + 1;
        var composite = new boolean[root + 1];
        for (var number = 2; number <= root / number; number++) {
            for (var multiple = number * number; multiple <= root; multiple += number) {
                composite[multiple] = true;
            }
        }
        factors = IntStream.rangeClosed(2, root).filter(number -> !composite[number]).toArray();
    }

    /// {@return how many primes there are in one piece} Computes for some milliseconds.
    ///
    /// @param from the first number of the piece, at least 2
    /// @param length how many numbers it has; those from the limit on do not count
    int countIn(long from, int length) {
        var composite = new boolean[(int) Math.min(length, limit - from)];
        for (long factor : factors) {
            var first = Math.max(factor * factor, (from + factor - 1) / factor * factor);
            for (var multiple = first - from; multiple < composite.length; multiple += factor) {
                composite[(int) multiple] = true;
            }
        }
        return (int) IntStream.range(0, composite.length).filter(i -> !composite[i]).count();
    }

    @Override
    public String toString() {
        return "Primes[below " + limit + ", factors " + factors.length + "]";
    }
}
