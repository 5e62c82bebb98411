package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

class FlightEventsTest {
    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    @TempDir Path folder;

    private List<RecordedEvent> record(Consumer<Recording> settings, AsyncRunnable body)
            throws IOException {
        var file = folder.resolve("events.jfr");
        try (var recording = new Recording()) {
            settings.accept(recording);
            recording.start();
            kit.run(body);
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("jloop."))
                .filter(event -> event.hasField("loop"))
                .filter(event -> kit.loop().name().equals(event.getString("loop")))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime)) // threads have buffers
                .toList();
    }

    private static List<RecordedEvent> ofTask(
            List<RecordedEvent> events, String type, String task) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(type))
                .filter(event -> task.equals(event.getString("task")))
                .toList();
    }

    @Test
    void theLifeOfATaskIsRecorded() throws Exception {
        var events =
                record(
                        _ -> {},
                        () -> {
                            Async.createTask(() -> {}, "one").await();
                            var failing =
                                    Async.createTask(
                                            () -> {
                                                throw new IllegalStateException("planted");
                                            },
                                            "two");
                            Async.gatherSettled(List.of(failing)).await();
                        });

        var start = ofTask(events, "jloop.TaskStart", "one");
        var end = ofTask(events, "jloop.TaskEnd", "one");
        assertThat(start).hasSize(1);
        assertThat(end).hasSize(1);
        assertThat(start.getFirst().getLong("taskId")).isEqualTo(end.getFirst().getLong("taskId"));
        assertThat(end.getFirst().getString("outcome")).isEqualTo("finished");
        assertThat(ofTask(events, "jloop.TaskEnd", "two"))
                .singleElement()
                .satisfies(failed -> assertThat(failed.getString("outcome")).isEqualTo("failed"));
    }

    @Test
    void aCancellationIsRecordedWithWhoAsksForItAndWhere() throws Exception {
        var events = record(_ -> {}, this::cancelInHere);

        assertThat(ofTask(events, "jloop.TaskCancel", "sleeper"))
                .singleElement()
                .satisfies(cancel -> {
                    assertThat(cancel.getString("reason")).isEqualTo("enough");
                    assertThat(cancel.getString("source")).isEqualTo("EXPLICIT");
                    assertThat(cancel.getString("requestedBy")).isEqualTo("Task-1");
                    assertThat(cancel.getStackTrace().getFrames())
                            .anyMatch(frame -> frame.getMethod().getName().equals("cancelInHere"));
                });
        assertThat(ofTask(events, "jloop.TaskEnd", "sleeper"))
                .singleElement()
                .satisfies(end -> assertThat(end.getString("outcome")).isEqualTo("cancelled"));
    }

    private void cancelInHere() {
        var sleeper = Async.createTask(() -> Async.sleep(Duration.ofHours(1)), "sleeper");
        Async.yieldNow();
        sleeper.cancel("enough");
        Async.gatherSettled(List.of(sleeper)).await();
    }

    /// Each event of a coroutine makes the JDK drop the next one of the loop's thread.
    @Test
    void noEventIsLostWhereTheThreadsAlternate() throws Exception {
        var events =
                record(
                        recording ->
                                recording.enable("jloop.Turn").withThreshold(Duration.ofNanos(1)),
                        () -> {
                            for (var i = 0; i < 20; i++) {
                                var started = Async.createTask(() -> Async.sleep(DAY), "started");
                                Async.yieldNow();
                                started.cancel();
                                Async.createTask(() -> Async.sleep(DAY), "unstarted").cancel();
                                Async.yieldNow();
                            }
                        });

        assertThat(ofTask(events, "jloop.TaskStart", "started")).hasSize(20);
        assertThat(ofTask(events, "jloop.TaskEnd", "started")).hasSize(20);
        assertThat(ofTask(events, "jloop.TaskStart", "unstarted")).isEmpty();
        assertThat(ofTask(events, "jloop.TaskEnd", "unstarted"))
                .hasSize(20)
                .allSatisfy(end -> assertThat(end.getString("outcome")).isEqualTo("cancelled"));
        assertThat(ofTask(events, "jloop.TaskCancel", "started")).hasSize(20);
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("jloop.Turn"))
                .hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void aTurnIsRecordedWithItsCallbacksIfItIsLongEnough() throws Exception {
        var events =
                record(
                        recording ->
                                recording.enable("jloop.Turn").withThreshold(Duration.ofNanos(1)),
                        Async::yieldNow);

        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("jloop.Turn"))
                .isNotEmpty()
                .allSatisfy(turn -> {
                    assertThat(turn.getInt("callbacks")).isBetween(0, 2);
                    assertThat(turn.getDuration()).isPositive();
                })
                .anySatisfy(turn -> assertThat(turn.getInt("callbacks")).isOne());
    }

    /// A recorder that loses events on the thread that carries a coroutine must not lose these.
    @Test
    void whatTheLoopTellsAfterACoroutineHasToldSomethingIsRecorded() throws Exception {
        var events =
                record(
                        recording ->
                                recording.enable("jloop.Turn").withThreshold(Duration.ofNanos(1)),
                        () -> {
                            var sleeper =
                                    Async.createTask(
                                            () -> Async.sleep(Duration.ofHours(1)), "sleeper");
                            var other = Async.createTask(() -> {}, "other");
                            other.cancel(); // tells something, and the turn ends
                            kit.loop().callSoon(() -> sleeper.cancel("by a callback"));
                            Async.gatherSettled(List.of(sleeper, other)).await();
                        });

        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("jloop.Turn"))
                .extracting(event -> event.getInt("callbacks"))
                .startsWith(1, 3);
        assertThat(ofTask(events, "jloop.TaskCancel", "sleeper")).hasSize(1);
        assertThat(ofTask(events, "jloop.TaskEnd", "other")).hasSize(1);
        assertThat(ofTask(events, "jloop.TaskEnd", "sleeper")).hasSize(1);
    }

    @Test
    void aShortTurnIsNot() throws Exception {
        var events =
                record(
                        recording ->
                                recording.enable("jloop.Turn").withThreshold(Duration.ofHours(1)),
                        Async::yieldNow);

        assertThat(events).noneMatch(event -> event.getEventType().getName().equals("jloop.Turn"));
    }

    @Test
    void aStallIsRecordedWithItsCulprit() throws Exception {
        var stack = new StackTraceElement[] {new StackTraceElement("A", "a", "A.java", 1)};
        var events =
                record(
                        _ -> {},
                        () -> FlightEvents.stalled(kit.loop(), "the culprit", 5_000_000, stack));

        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("jloop.Stall"))
                .singleElement()
                .satisfies(stall -> {
                    assertThat(stall.getString("callback")).isEqualTo("the culprit");
                    assertThat(stall.getDuration("busyFor")).isEqualTo(Duration.ofMillis(5));
                    assertThat(stall.getString("busyStack")).isEqualTo("A.a(A.java:1)");
                });
    }
}
