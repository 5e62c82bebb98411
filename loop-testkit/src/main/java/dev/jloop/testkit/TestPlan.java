package dev.jloop.testkit;

import dev.jloop.testkit.RunSchedule.Watch;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// Under which schedules a test runs, and for how long.
///
/// @param declared the kind of schedule that the test asks for
/// @param test how Maven's option `-Dtest` names it
/// @param schedules one for each seed; the one that is first in, first out where there is no seed
/// @param settings of each run
/// @param strays what comes from earlier tests of the class, and takes what comes after a run
/// @param checksDeterminism whether each seed runs twice, and both runs have to be the same
/// @param mostFollowUps how many runs may follow a failure, to see whether it comes again and what
///   is needed for it
/// @param expectedHash that of the run which is to come again; empty where none is named, or that
///   of another invocation of the test
/// @param invocation its numbers if the test is an invocation of a template, as a trace names them;
///   empty if it is none
record TestPlan(
        Schedule declared,
        String test,
        List<RunSchedule> schedules,
        RunSettings settings,
        Strays strays,
        boolean checksDeterminism,
        int mostFollowUps,
        OptionalLong expectedHash,
        String invocation) {
    /// Of time beyond what the test says.
    static final Duration NO_LIMIT = Duration.ofNanos(Long.MAX_VALUE);

    private static final String LINE = System.lineSeparator();
    private static final String SEED_PROPERTY = "jloop.seed";
    private static final String SCHEDULE_PROPERTY = "jloop.schedule";
    private static final String TRACE_PROPERTY = "jloop.trace";
    private static final String DETERMINISM_PROPERTY = "jloop.checkDeterminism";
    private static final String SHRINK_PROPERTY = "jloop.shrink";
    private static final String TRACE_WANTED =
            "a trace hash of 16 hexadecimal digits, with @ and its number if the test is one"
                    + " invocation of several, as a failure names it";

    /// A hash, and which invocation of a template it is of.
    private static final Pattern TRACE_OF_ONE = Pattern.compile("(\\p{XDigit}+)((?:@[0-9]+)+)?");

    private static final String DEFAULT_FOLLOW_UPS = "200";

    static TestPlan of(ExtensionContext context) {
        var method = context.getRequiredTestMethod();
        var settings = method.getAnnotation(LoopTest.class);
        if (settings == null) {
            throw new ExtensionConfigurationException(
                    "the extension of @LoopTest works on methods with this annotation only, and is"
                            + " on "
                            + method);
        }
        check(settings, method);
        var checksAll = checksAllForDeterminism(context); // which refuses nonsense in any case
        var checksDeterminism = settings.checkDeterminism() || checksAll;
        var schedules = schedules(settings, context);
        return new TestPlan(
                settings.schedule(),
                context.getRequiredTestClass().getName() + "#" + method.getName(),
                checksDeterminism
                        ? schedules.stream().map(RunSchedule::watchedClosely).toList()
                        : schedules,
                RunSettings.of(settings, context),
                Strays.of(context),
                checksDeterminism,
                mostFollowUps(context),
                expectedHash(context, schedules.size()),
                invocation(context));
    }

    private static boolean checksAllForDeterminism(ExtensionContext context) {
        var text = property(DETERMINISM_PROPERTY, context, "false");
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw malformed(DETERMINISM_PROPERTY, "true or false", text, null);
        };
    }

    private static int mostFollowUps(ExtensionContext context) {
        var text = property(SHRINK_PROPERTY, context, DEFAULT_FOLLOW_UPS);
        var count = number(SHRINK_PROPERTY, text);
        if (count < 0 || count > Integer.MAX_VALUE) {
            throw malformed(
                    SHRINK_PROPERTY, "a number of runs from 0 to " + Integer.MAX_VALUE, text, null);
        }
        return (int) count;
    }

    private static OptionalLong expectedHash(ExtensionContext context, int schedules) {
        var text = property(TRACE_PROPERTY, context, "");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (schedules > 1) {
            throw new ExtensionConfigurationException(
                    "the property "
                            + TRACE_PROPERTY
                            + " is for one run, and this test has "
                            + schedules
                            + " seeds; name one by "
                            + SEED_PROPERTY);
        }
        var named = TRACE_OF_ONE.matcher(text);
        if (!named.matches()) {
            throw malformed(TRACE_PROPERTY, TRACE_WANTED, text, null);
        }
        try {
            var hash = Long.parseUnsignedLong(named.group(1), 16);
            var isOfThisOne = named.group(2) == null || named.group(2).equals(invocation(context));
            return isOfThisOne ? OptionalLong.of(hash) : OptionalLong.empty();
        } catch (NumberFormatException malformed) {
            throw malformed(TRACE_PROPERTY, TRACE_WANTED, text, malformed);
        }
    }

    /// Of templates within templates the numbers of each, the outermost first.
    private static String invocation(ExtensionContext context) {
        return RunNotes.invocations(context).stream()
                .map(number -> "@" + number)
                .collect(Collectors.joining());
    }

    private static void check(LoopTest settings, Method method) {
        if (settings.seeds() < 1
                || settings.timeoutMillis() < 1
                || settings.depth() < 1
                || settings.depth() > RunSchedule.LARGEST_DEPTH) {
            throw new ExtensionConfigurationException(
                    "@LoopTest needs at least 1 seed and 1 ms, and a depth from 1 to "
                            + RunSchedule.LARGEST_DEPTH
                            + ", and has seeds = "
                            + settings.seeds()
                            + ", timeoutMillis = "
                            + settings.timeoutMillis()
                            + ", depth = "
                            + settings.depth()
                            + " on "
                            + method);
        }
    }

    private static List<RunSchedule> schedules(LoopTest settings, ExtensionContext context) {
        var replayed = property(SEED_PROPERTY, context, "");
        var text = property(SCHEDULE_PROPERTY, context, "");
        var seeds =
                replayed.isEmpty()
                        ? seeds(settings.seeds())
                        : List.of(OptionalLong.of(number(SEED_PROPERTY, replayed)));
        return seeds.stream().map(seed -> schedule(seed, settings, text)).toList();
    }

    private static List<OptionalLong> seeds(int count) {
        return count == 1
                ? List.of(OptionalLong.empty())
                : LongStream.rangeClosed(1, count).mapToObj(OptionalLong::of).toList();
    }

    private static RunSchedule schedule(OptionalLong seed, LoopTest settings, String text) {
        var own =
                new RunSchedule(
                        seed, settings.schedule(), settings.depth(), 0, null, Watch.LIGHTLY);
        try {
            return text.isEmpty() ? own : own.as(text).seededIfNeeded();
        } catch (IllegalArgumentException malformed) {
            throw malformed(
                    SCHEDULE_PROPERTY,
                    "random, pct, pct:3 with a depth, pct:3:120 with a length too, fifo, or a list"
                            + " of choices such as 3:1,17:2, as a failure names it",
                    text,
                    malformed);
        }
    }

    private static String property(String name, ExtensionContext context, String otherwise) {
        return context.getConfigurationParameter(name)
                .orElseGet(() -> System.getProperty(name, otherwise));
    }

    private static long number(String property, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException malformed) {
            throw malformed(property, "a whole number", text, malformed);
        }
    }

    private static ExtensionConfigurationException malformed(
            String property, String wanted, String text, @Nullable Exception cause) {
        return new ExtensionConfigurationException(
                "the property " + property + " must be " + wanted + "; was '" + text + "'", cause);
    }

    /// {@return whether it takes more than one run}
    boolean isRepeated() {
        return schedules.size() > 1 || checksDeterminism;
    }

    LoopRun firstRun() {
        return runUnder(schedules.getFirst(), NO_LIMIT);
    }

    /// @param most how long it may take in real time, if that is less than the test says; a run
    ///   with such a limit looks into the failure of another
    LoopRun runUnder(RunSchedule schedule, Duration most) {
        var name = test + (schedule.isPlain() ? "" : " under the schedule of " + schedule.name());
        var run = new LoopRun(schedule, settings.within(most), name, strays);
        if (!most.equals(NO_LIMIT)) {
            run.leaveStrays();
        }
        return run;
    }

    /// {@return what to throw for a failure of `run`: a message that says how to see it again}
    Throwable explain(Throwable failure, LoopRun run) {
        return explain(failure, run, "");
    }

    /// @param findings what runs after it have shown; empty, or lines
    Throwable explain(Throwable failure, LoopRun run, String findings) {
        var schedule = run.schedule();
        var otherRun = otherThanExpected(run);
        if ((schedule.isPlain() && findings.isEmpty() && otherRun.isEmpty())
                || failure instanceof TestAbortedException
                || failure instanceof StrayFailure) {
            return failure;
        }
        return new AssertionError(
                "failed under the schedule of "
                        + schedule.name()
                        + (schedules.size() > 1 ? " of " + schedules.size() : "")
                        + "; run it alone with "
                        + command(run)
                        + " (trace hash "
                        + Trace.inHex(run.hash())
                        + "): "
                        + failure
                        + otherRun
                        + findings
                        + run.lastEvents(),
                failure);
    }

    /// Fails a test that has passed, if its run is not the one that was to come again: then it has
    /// proved nothing.
    void checkTrace(LoopRun run) {
        var otherRun = otherThanExpected(run);
        if (!otherRun.isEmpty()) {
            throw new AssertionError(
                    "the test passed under the schedule of "
                            + run.schedule().name()
                            + ", but in another run:"
                            + otherRun);
        }
    }

    /// {@return what it means that a run is not the one that was to come again, in lines with a
    /// break before each; empty if it is, or any run is welcome}
    private String otherThanExpected(LoopRun run) {
        if (expectedHash.isEmpty()
                || !run.hasRunBody()
                || expectedHash.getAsLong() == run.hashOfBody()) {
            return "";
        }
        return LINE
                + "This is not the run that was asked for: its trace hash is "
                + Trace.inHex(run.hashOfBody())
                + ", and "
                + traceOption(expectedHash.getAsLong())
                + " names another."
                + LINE
                + "Either the test, the program or a library has changed since, or it depends on"
                + " more than its seed, which "
                + option(DETERMINISM_PROPERTY, "true")
                + " looks into. Whatever this run shows, it says nothing about that one; without "
                + TRACE_PROPERTY
                + " nothing is compared.";
    }

    /// The other invocations of a template run with the same options, and are not compared.
    private String traceOption(long hash) {
        return option(TRACE_PROPERTY, Trace.inHex(hash) + invocation);
    }

    private static String option(String property, String value) {
        return "-D" + property + "=" + value;
    }

    /// {@return the options of Maven, and of the JVM, that make a run of this test happen again and
    /// compare it with `run`}
    private String command(LoopRun run) {
        var schedule = run.schedule();
        var order =
                schedule.isWhatItsSeedGives(declared)
                        ? seedOption(schedule)
                        : replayOptions(schedule);
        // Up to the end of the body, which is compared before anything else can fail.
        var trace = run.hasRunBody() ? " " + traceOption(run.hashOfBody()) : "";
        return "-Dtest='" + test + "' " + order + trace;
    }

    /// {@return the options of the JVM that make a run happen again}
    static String replayOptions(RunSchedule schedule) {
        var order = schedule.isPlain() ? "" : option(SCHEDULE_PROPERTY, schedule.order());
        return (seedOption(schedule) + " " + order).strip();
    }

    private static String seedOption(RunSchedule schedule) {
        return schedule.seed().isPresent()
                ? option(SEED_PROPERTY, Long.toString(schedule.seed().getAsLong()))
                : "";
    }
}
