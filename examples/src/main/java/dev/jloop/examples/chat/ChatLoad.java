package dev.jloop.examples.chat;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.sync.AsyncSemaphore;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Many guests of a chat at once, most of whom talk and listen, and some of whom never read; and
/// how long it takes until what one says is heard.
///
/// Everybody says his lines when the plan says so, however slow the server is, and the time is
/// taken from there: a server that stops for a second is seen in all lines of that second.
///
/// **Threading:** loop thread only.
public final class ChatLoad {
    private static final int ENTERING_AT_A_TIME = 50;
    private static final Duration GRACE = Duration.ofSeconds(10);

    /// Who comes, and what is said. Immutable.
    ///
    /// @param guests how many come, at least 1
    /// @param silent how many of them never read, and say nothing; the others talk and listen
    /// @param rooms how many rooms they go to, one after the other
    /// @param warmUp how long is talked at first without being measured; zero or more
    /// @param length how long is talked then; positive
    /// @param pause from one line of a guest to his next one; positive
    /// @param lineBytes how long the lines are, at least 32
    public record Plan(
            int guests,
            int silent,
            int rooms,
            Duration warmUp,
            Duration length,
            Duration pause,
            int lineBytes) {
        /// Checks the values, so that no invalid instance can exist.
        public Plan {
            check(guests >= 1, "guests must be at least 1", guests);
            check(
                    silent >= 0 && silent < guests,
                    "of " + guests + " guests at least one must not be silent, silent",
                    silent);
            check(rooms >= 1, "rooms must be at least 1", rooms);
            check(!warmUp.isNegative(), "the warm-up must not be negative", warmUp);
            check(length.isPositive(), "the time must be positive", length);
            check(pause.isPositive(), "the pause must be positive", pause);
            check(lineBytes >= 32, "a line must have at least 32 bytes", lineBytes);
        }

        private static void check(boolean valid, String rule, Object value) {
            if (!valid) {
                throw new IllegalArgumentException(rule + ", was " + value);
            }
        }

        int talkers() {
            return guests - silent;
        }

        private long totalNanos() {
            return warmUp.plus(length).toNanos();
        }

        /// When a guest says his first line: all are spread over the pause.
        private long firstNanos(int guest) {
            return pause.toNanos() * guest / talkers();
        }

        private int linesOf(int guest) {
            var afterFirst = totalNanos() - firstNanos(guest) - 1;
            return (int) Math.max(0, Math.floorDiv(afterFirst, pause.toNanos()) + 1);
        }

        /// How many lines everybody in the room of a guest hears.
        private int linesInRoomOf(int guest) {
            return IntStream.range(0, talkers())
                    .filter(other -> other % rooms == guest % rooms)
                    .map(this::linesOf)
                    .sum();
        }
    }

    /// What came of it.
    ///
    /// @param expected how many lines should have been heard, by all guests together
    /// @param heard how many were heard
    /// @param median the delay, from saying to hearing, that half of the lines did not exceed
    /// @param p99 the delay that 99 of 100 lines did not exceed
    /// @param longest the longest delay
    /// @param silentCut how many of the silent ones were cut
    /// @param silentHeld how many of them were held back, and caught up when they read at last
    /// @param failures what went wrong with guests who do read
    public record Result(
            long expected,
            long heard,
            Duration median,
            Duration p99,
            Duration longest,
            int silentCut,
            int silentHeld,
            List<String> failures) {
        /// Copies the list.
        public Result {
            failures = List.copyOf(failures);
        }
    }

    private final Plan plan;
    private final String host;
    private final int port;
    private final EventLoop loop = EventLoop.current();
    private final Delays delays = new Delays();
    private final List<String> failures = new ArrayList<>();
    private long start;
    private long heard;

    private ChatLoad(String host, int port, Plan plan) {
        this.host = host;
        this.port = port;
        this.plan = plan;
    }

    /// Runs it. Suspends for as long as the plan says, and not much longer.
    ///
    /// @param host the name or address of the server
    /// @param port its port
    /// @param plan who comes
    /// @return what came of it
    /// @throws dev.jloop.core.ExceptionGroup if a guest cannot enter, with its [IOException]
    public static Result run(String host, int port, Plan plan) {
        return new ChatLoad(host, port, plan).run();
    }

    private Result run() {
        var guests = new ArrayList<LoadGuest>();
        try {
            for (var number = 0; number < plan.guests(); number++) {
                guests.add(new LoadGuest(number, plan));
            }
            enter(guests);
            start = loop.time();
            converse(guests.subList(0, plan.talkers()));
            var silent = guests.subList(plan.talkers(), guests.size());
            var fates = Async.gather(silent.stream().map(LoadGuest::wakeUp).toList()).await();
            return result(fates);
        } finally {
            guests.forEach(LoadGuest::abort);
        }
    }

    private void enter(List<LoadGuest> guests) {
        var gate = new AsyncSemaphore(ENTERING_AT_A_TIME);
        var entering = new TaskGroup();
        entering.run(() -> {
            for (var guest : guests) {
                entering.createTask(() -> gate.run(() -> guest.enter(host, port)));
            }
        });
    }

    /// Lets everybody talk, and waits until everybody has heard everything, or for too long.
    private void converse(List<LoadGuest> guests) {
        var tasks = new ArrayList<Task<?>>();
        for (var guest : guests) {
            tasks.add(Async.createTask(() -> attend(guest, () -> talk(guest))));
            tasks.add(Async.createTask(() -> attend(guest, () -> listen(guest))));
        }
        var limit = plan.warmUp().plus(plan.length()).plus(GRACE);
        try {
            var late = Async.waitAll(tasks, limit).pending().size();
            if (late > 0) {
                failures.add(late + " tasks were not done " + GRACE + " after the last line");
            }
        } finally { // this may be cancelled too
            tasks.forEach(task -> task.cancel("the time is over"));
            Async.waitAll(tasks);
        }
    }

    private void attend(LoadGuest guest, ThrowingRunnable<IOException> body) {
        try {
            body.run();
        } catch (IOException lost) {
            failures.add(guest + ": " + lost);
        }
    }

    private void talk(LoadGuest guest) throws IOException {
        var due = start + plan.firstNanos(guest.number());
        for (var line = plan.linesOf(guest.number()); line > 0; line--) {
            Async.sleep(Duration.ofNanos(due - loop.time()));
            guest.say(due);
            due += plan.pause().toNanos();
        }
    }

    private void listen(LoadGuest guest) throws IOException {
        for (var left = plan.linesInRoomOf(guest.number()); left > 0; left--) {
            var due = guest.hear();
            heard++;
            if (due - start >= plan.warmUp().toNanos()) {
                delays.add(loop.time() - due);
            }
        }
    }

    private Result result(List<LoadGuest.Fate> fates) {
        var expected = IntStream.range(0, plan.talkers()).mapToLong(plan::linesInRoomOf).sum();
        return new Result(
                expected,
                heard,
                delays.percentile(50),
                delays.percentile(99),
                delays.percentile(100),
                count(fates, LoadGuest.Fate.CUT),
                count(fates, LoadGuest.Fate.HELD_BACK),
                failures);
    }

    private static int count(List<LoadGuest.Fate> fates, LoadGuest.Fate fate) {
        return (int) fates.stream().filter(fate::equals).count();
    }
}
