package dev.jloop.examples.cpu;

import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.executor.Offload;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Counts primes on all processors, a piece for each task, while the loop is free for others.
public final class PrimeCount {
    /// Some milliseconds of work: little enough to end soon when it is cancelled.
    private static final int NUMBERS_IN_PIECE = 1_000_000;

    private static final int FIRST_PRIME = 2;

    private PrimeCount() {}

    /// {@return how many pieces the numbers below a limit are counted in}
    ///
    /// @param limit at least 2
    public static int pieces(long limit) {
        return (int) ((limit - FIRST_PRIME + NUMBERS_IN_PIECE - 1) / NUMBERS_IN_PIECE);
    }

    /// {@return how many primes there are below a limit} Suspends.
    ///
    /// @param limit at least 2
    /// @param pieceDone is told, on the loop, how many pieces are done
    public static long below(long limit, IntConsumer pieceDone) {
        var primes = new Primes(limit);
        var counts = new ArrayList<Task<Integer>>();
        var done = new int[1];
        var group = new TaskGroup();
        group.run(() -> {
            for (var from = (long) FIRST_PRIME; from < limit; from += NUMBERS_IN_PIECE) {
                var first = from;
                counts.add(
                        group.createTask(() -> {
                            var count =
                                    Offload.compute(() -> primes.countIn(first, NUMBERS_IN_PIECE));
                            pieceDone.accept(++done[0]);
                            return count;
                        }));
            }
        });
        return sum(counts);
    }

    private static long sum(List<Task<Integer>> counts) {
        return counts.stream().mapToLong(Task::result).sum();
    }
}
