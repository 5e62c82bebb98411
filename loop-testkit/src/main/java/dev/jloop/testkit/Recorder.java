package dev.jloop.testkit;

import dev.jloop.core.Context;
import dev.jloop.core.Task;
import dev.jloop.core.TimerHandle;
import dev.jloop.core.spi.LoopObserver;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// Draws one run of a [VirtualTimeLoop] as an SVG timeline, for people to look at.
///
/// ```java
/// var recorder = Recorder.on(loop);
/// loop.runUntilComplete(...);
/// recorder.write(Path.of("target/run.svg"));
/// ```
///
/// A test marked by [LoopTest] gets it as a parameter; the picture of a run that fails is then
/// written to `target/jloop-timelines/`, and the failure names the file.
///
/// **The picture:** time runs from left to right. Each host is a lane; what belongs to none is on a
/// lane named `test`. In a lane each task is a bar from its creation to its end, whose colour says
/// how it ended, with a dark mark for each time it ran; what is between the marks it has waited.
/// Above the bars there is a line for what happens to the host: timers that fire, notes, and
/// messages, as arrows from host to host. Fault points that do something are red marks on the task
/// in which they did. Most shapes tell more when the mouse is over them. The same run gives the
/// same text.
///
/// It begins when the recorder is made, and takes the first thousand tasks, the last two thousand
/// messages and the last four thousand marks; the picture says how much was left out.
///
/// **Threading:** the thread that owns the loop.
///
/// @since 0.1
public final class Recorder {
    private final VirtualTimeLoop loop;
    private final Recording recording = new Recording();
    private final Map<Task<?>, RecordedTask> running = new HashMap<>();
    private Function<? super Context, String> lanes = HostContext::nameIn;

    private Recorder(VirtualTimeLoop loop) {
        this.loop = loop;
        loop.observeBy(new Observer());
        loop.faults().onDecision(this::decided);
    }

    /// {@return the recorder of a loop, which begins to record when it is asked for first}
    ///
    /// @param loop the loop
    public static Recorder on(VirtualTimeLoop loop) {
        return loop.recorder(() -> new Recorder(loop));
    }

    /// Says to which lane a task or a timer belongs, from now on. At first that is the host of a
    /// [SimulatedNetwork] that it is on, else `test`.
    ///
    /// @param lane gives the name of the lane for a context
    public void lanesBy(Function<? super Context, String> lane) {
        lanes = Objects.requireNonNull(lane, "lane");
    }

    /// Draws a message as an arrow. May be called before it is delivered, and after.
    ///
    /// @param from the lane it was sent from
    /// @param to the lane it was sent to, which may be the same
    /// @param sentNanos when it was sent, on the loop's clock
    /// @param deliveredNanos when it arrives there, not before that
    /// @param text what it is, in a few words
    /// @throws IllegalArgumentException if it arrives before it was sent
    public void message(String from, String to, long sentNanos, long deliveredNanos, String text) {
        if (deliveredNanos < sentNanos) {
            throw new IllegalArgumentException(
                    "a message cannot arrive at %d ns that was sent at %d ns: %s"
                            .formatted(deliveredNanos, sentNanos, text));
        }
        recording.add(new Recording.Message(from, to, sentNanos, deliveredNanos, text));
    }

    /// Draws a message that never arrives, as an arrow that ends halfway.
    ///
    /// @param from the lane it was sent from
    /// @param to the lane it was sent to
    /// @param sentNanos when it was sent, on the loop's clock
    /// @param text what it is, in a few words
    public void lostMessage(String from, String to, long sentNanos, String text) {
        recording.add(new Recording.Message(from, to, sentNanos, null, text));
    }

    /// Draws a mark, now, on the lane of the code that calls this.
    ///
    /// @param kind what it is, in a word
    /// @param text more about it
    public void note(String kind, String text) {
        mark(Recording.MarkKind.NOTE, kind + " " + text);
    }

    /// Draws a mark, now, on the lane with a name.
    void note(String lane, String kind, String text) {
        var mark = Recording.MarkKind.NOTE;
        recording.add(new Recording.Mark(mark, lane, null, loop.time(), kind + " " + text));
    }

    /// {@return the picture as an XML document}
    public String svg() {
        return svg("One run on virtual time");
    }

    /// {@return the picture as an XML document}
    ///
    /// @param title stands above it
    public String svg(String title) {
        recording.reaches(loop.time());
        return TimelinePicture.draw(title, loop.seed(), recording);
    }

    /// Writes the picture to a file, which is replaced if there is one, and makes the directories
    /// it is in.
    ///
    /// @param file where to
    /// @throws IOException if it cannot be written
    public void write(Path file) throws IOException {
        write(file, "One run on virtual time");
    }

    void write(Path file, String title) throws IOException {
        var directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.writeString(file, svg(title));
    }

    private void decided(FaultEvent event) {
        if (event.doesSomething()) {
            mark(Recording.MarkKind.FAULT, event.toString());
        }
    }

    private void mark(Recording.MarkKind kind, String text) {
        var task = currentTask();
        var lane = task == null ? lanes.apply(Context.copyCurrent()) : task.lane();
        recording.add(new Recording.Mark(kind, lane, task, loop.time(), text));
    }

    private @Nullable RecordedTask currentTask() {
        var current = loop.currentTask();
        return current == null ? null : running.get(current);
    }

    private final class Observer implements LoopObserver {
        @Override
        public void taskCreated(Object created) {
            var task = (Task<?>) created;
            var recorded = new RecordedTask(task, lanes.apply(task.context()), loop.time());
            if (recording.add(recorded)) {
                running.put(task, recorded);
            }
        }

        @Override
        public void callbackEnded(Object callback, long nanos) {
            if (callback instanceof Task<?> task) {
                // The last step has ended the task before.
                var recorded = running.get(task);
                if (recorded != null) {
                    recorded.ranAt(loop.time());
                }
            } else if (callback instanceof TimerHandle timer
                    && !timer.isCancelled()
                    && !HostContext.isOfNetwork(timer.context())) { // those are messages
                recording.add(
                        new Recording.Mark(
                                Recording.MarkKind.TIMER,
                                lanes.apply(timer.context()),
                                null,
                                loop.time(),
                                "timer"));
            }
        }

        @Override
        public void taskEnded(Object ended) {
            var recorded = running.remove((Task<?>) ended);
            if (recorded != null) {
                recorded.ranAt(loop.time());
                recorded.endedAt(loop.time());
                recording.reaches(loop.time());
            }
        }
    }
}
