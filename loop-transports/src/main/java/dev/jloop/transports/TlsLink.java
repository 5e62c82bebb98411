package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.function.Consumer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// A connection that is secured with TLS, over any other: what is written is encrypted, what is
/// read was decrypted. Transports with their queues, flow control and order of callbacks are the
/// same above it, and so is a second TLS link.
///
/// The link below is watched for reading while somebody reads here and nothing is left inside. What
/// is left inside, decrypted or not, runs the reader again in a later turn.
final class TlsLink implements Network.Link {
    /// ```
    /// HANDSHAKING -ended-> OPEN -sayGoodbye-> SAYING_GOODBYE
    ///      \_________________\____________________\__close, reset__> CLOSED
    /// ```
    private enum State {
        HANDSHAKING,
        OPEN,
        SAYING_GOODBYE,
        CLOSED
    }

    /// How far the end of the input has got that is not a goodbye within the data. It is told only
    /// when nothing waits to be sent any more: the reader may end the connection because of it, and
    /// a TLS 1.2 engine stops sending by itself.
    ///
    /// ```
    /// NOT_SEEN -seen-> HELD -next turn, output sent-> TOLD
    /// ```
    private enum InputEnd {
        NOT_SEEN,
        HELD,
        TOLD
    }

    /// Whoever watches, and in which context.
    private record Watcher(Runnable callback, Context context) {
        static Watcher of(Runnable callback) {
            return new Watcher(callback, Context.copyCurrent());
        }

        void run() {
            context.run(callback::run);
        }
    }

    private static final int FILE_CHUNK_BYTES = 64 * 1024;

    private final EventLoop loop;
    private final Network.Link below;
    private final TlsEngine engine;
    private final TlsTasks tasks;
    private final Duration shutdownTimeout;
    private final String peer;
    private final Context context = Context.copyCurrent();
    private State state = State.HANDSHAKING;
    private InputEnd inputEnd = InputEnd.NOT_SEEN;
    private boolean taskRunning;
    private boolean readerScheduled;
    private boolean watchingInput;
    private boolean watchingOutput;
    private @Nullable Watcher reader;
    private @Nullable Watcher writer;
    private @Nullable IOException failure;
    private @Nullable TimerHandle deadline;
    private Consumer<? super @Nullable IOException> ended = _ -> {};

    /// @param below belongs to this link from now on; without a reader and a writer
    /// @param received what was read from it already
    /// @param engine of the side of this link, not used yet
    /// @param peer whom the connection is to, for messages
    TlsLink(
            EventLoop loop,
            Network.Link below,
            Leftover received,
            SSLEngine engine,
            Duration shutdownTimeout,
            String peer) {
        this.loop = loop;
        this.below = below;
        this.engine = new TlsEngine(engine, ScratchBuffers.of(loop), received);
        tasks = TlsTasks.of(loop);
        this.shutdownTimeout = shutdownTimeout;
        this.peer = peer;
    }

    // ---- the handshake

    /// Starts the handshake.
    ///
    /// @param left the time it may take from now on
    /// @param timeout the time it had from the start, for the message
    /// @param whenEnded gets null when the handshake is complete, or why it failed; then this link
    ///   is closed already. Runs once, in this call or later, unless the link is closed before
    void startHandshake(
            Duration left, Duration timeout, Consumer<? super @Nullable IOException> whenEnded) {
        ended = whenEnded;
        deadline =
                loop.callLater(
                        left, () -> handshakeFailed(TlsFailures.handshakeTimedOut(peer, timeout)));
        try {
            engine.sslEngine().beginHandshake();
        } catch (IOException | RuntimeException refused) {
            handshakeFailed(TlsFailures.handshake(peer, refused));
            return;
        }
        shakeHands();
    }

    private void shakeHands() {
        boolean complete;
        try {
            complete = engine.shakeHands(below);
        } catch (IOException broken) {
            handshakeFailed(TlsFailures.handshake(peer, broken));
            return;
        }
        if (complete) {
            handshakeComplete();
        } else if (engine.end() == TlsEngine.End.CUT) {
            handshakeFailed(
                    new SocketException(
                            "connection reset: "
                                    + peer
                                    + " ended the connection during the TLS handshake"));
        } else {
            goOn();
        }
    }

    private void handshakeComplete() {
        cancelDeadline();
        state = State.OPEN;
        engine.holdAlerts();
        goOn();
        ended.accept(null);
    }

    private void handshakeFailed(IOException cause) {
        if (state == State.HANDSHAKING) {
            end(below::close);
            ended.accept(cause);
        }
    }

    // ---- what the link below and the tasks tell

    private void belowReadable() {
        switch (state) {
            case HANDSHAKING -> shakeHands();
            case OPEN -> {
                if (reader == null) {
                    readAhead();
                } else if (!readerScheduled) {
                    runReader(reader);
                }
            }
            case SAYING_GOODBYE -> discardInput();
            case CLOSED -> {}
        }
    }

    private void belowWritable() {
        try {
            engine.flush(below);
        } catch (IOException broken) {
            outputFailed(broken);
            return;
        }
        switch (state) {
            case OPEN -> {
                if (writer != null && !engine.hasOutput()) {
                    writer.run();
                }
                goOn();
            }
            case SAYING_GOODBYE -> goodbyeGoesOn();
            case HANDSHAKING -> goOn();
            case CLOSED -> {}
        }
    }

    private void outputFailed(IOException broken) {
        switch (state) {
            case HANDSHAKING -> handshakeFailed(TlsFailures.handshake(peer, broken));
            case OPEN -> fail(broken);
            case SAYING_GOODBYE -> goodbyeEnded(broken);
            case CLOSED -> {}
        }
    }

    /// Tells whoever reads or writes next, and lets both try.
    private void fail(IOException broken) {
        failure = broken;
        inputEnd = InputEnd.TOLD;
        goOn();
        if (writer != null) {
            loop.callSoon(this::tellWriter, context);
        }
    }

    private void tellWriter() {
        if (state == State.OPEN && writer != null) {
            writer.run();
        }
    }

    private void runTasks() {
        taskRunning = true;
        watchBelow();
        tasks.run(engine::runTasks, this::tasksDone);
    }

    private void tasksDone(@Nullable Throwable thrown) {
        taskRunning = false;
        if (state == State.CLOSED) {
            engine.release();
            return;
        }
        if (thrown != null) {
            Unbearable.rethrow(thrown);
            outputFailed(new SSLException("a task of the TLS handshake failed: " + thrown, thrown));
            return;
        }
        switch (state) {
            case HANDSHAKING -> shakeHands();
            case OPEN -> answer();
            case SAYING_GOODBYE -> discardInput();
            case CLOSED -> {}
        }
    }

    private void answer() {
        try {
            engine.answer(below);
        } catch (IOException broken) {
            fail(broken);
            return;
        }
        goOn();
    }

    /// Called whenever the state of the engine may have changed: sees to it that whatever can
    /// happen next will.
    private void goOn() {
        if (state == State.CLOSED) {
            return;
        }
        if (!taskRunning && engine.needsTasks()) {
            runTasks();
            return;
        }
        if (inputEnd == InputEnd.NOT_SEEN && endsWithoutGoodbye()) {
            inputEnd = InputEnd.HELD;
        }
        if (inputEnd == InputEnd.HELD && !outputWaits()) {
            loop.callSoon(this::tellInputEnd, context);
        }
        watchBelow();
        scheduleReader();
    }

    private void watchBelow() {
        var input = wantsInput();
        if (input != watchingInput) {
            watchingInput = input;
            if (input) {
                context.run(() -> below.addReader(this::belowReadable));
            } else {
                below.removeReader();
            }
        }
        var output = wantsOutput();
        if (output != watchingOutput) {
            watchingOutput = output;
            if (output) {
                context.run(() -> below.addWriter(this::belowWritable));
            } else {
                below.removeWriter();
            }
        }
    }

    private boolean wantsInput() {
        if (taskRunning || engine.end() != TlsEngine.End.NONE || failure != null) {
            return false;
        }
        return switch (state) {
            case HANDSHAKING, SAYING_GOODBYE -> true;
            case OPEN -> reader != null || (engine.isWriteBlocked() && !hasInput());
            case CLOSED -> false;
        };
    }

    private boolean wantsOutput() {
        if (failure != null) {
            return false;
        }
        return switch (state) {
            case HANDSHAKING, SAYING_GOODBYE -> engine.hasOutput();
            case OPEN ->
                    engine.hasOutput()
                            || (writer != null && !engine.isWriteBlocked() && !taskRunning);
            case CLOSED -> false;
        };
    }

    // ---- reading

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (taskRunning) {
            return 0;
        }
        try {
            return readOrEnd(into);
        } catch (IOException broken) {
            failure = broken;
            throw broken;
        } finally {
            goOn();
        }
    }

    private int readOrEnd(ByteBuffer into) throws IOException {
        var count = engine.read(below, into);
        if (count != 0) {
            return count;
        }
        return switch (engine.end()) {
            case NONE, GOODBYE -> 0;
            case ALERT -> {
                if (inputEnd == InputEnd.TOLD) {
                    engine.readAlert();
                    var result = engine.read(below, into);
                    inputEnd = InputEnd.NOT_SEEN;
                    engine.holdAlerts();
                    yield result;
                }
                yield 0;
            }
            case CUT -> {
                if (inputEnd == InputEnd.TOLD) {
                    throw TlsFailures.truncated(peer);
                }
                yield 0;
            }
        };
    }

    private boolean endsWithoutGoodbye() {
        return switch (engine.end()) {
            case NONE, GOODBYE -> false;
            case ALERT, CUT -> true;
        };
    }

    private void tellInputEnd() {
        if (state == State.OPEN && inputEnd == InputEnd.HELD && !outputWaits()) {
            inputEnd = InputEnd.TOLD;
            scheduleReader();
        }
    }

    private boolean outputWaits() {
        return (writer != null && !engine.isWriteBlocked()) || engine.hasOutput();
    }

    /// Lets a handshake go on that holds up writing, although nobody reads. The end of the input is
    /// the end of the writing too then.
    private void readAhead() {
        try {
            engine.readAhead(below);
            if (engine.end() == TlsEngine.End.ALERT) {
                engine.readAlert();
                engine.readAhead(below);
                engine.holdAlerts();
            }
            if (engine.end() == TlsEngine.End.CUT) {
                throw TlsFailures.truncated(peer);
            }
        } catch (IOException broken) {
            fail(broken);
            return;
        }
        goOn();
    }

    private boolean hasInput() {
        if (failure != null || inputEnd == InputEnd.TOLD) {
            return true;
        }
        try {
            return engine.hasBufferedInput();
        } catch (SSLException _) {
            return true; // reading throws it
        }
    }

    private void scheduleReader() {
        if (state == State.OPEN
                && reader != null
                && !readerScheduled
                && !taskRunning
                && hasInput()) {
            readerScheduled = true;
            loop.callSoon(this::runScheduledReader, context);
        }
    }

    private void runScheduledReader() {
        readerScheduled = false;
        if (state == State.OPEN && reader != null && !taskRunning && hasInput()) {
            runReader(reader);
        }
    }

    private void runReader(Watcher current) {
        current.run();
        scheduleReader();
    }

    @Override
    public void addReader(Runnable callback) {
        reader = Watcher.of(callback);
        goOn();
    }

    @Override
    public void removeReader() {
        if (reader != null) {
            reader = null;
            watchBelow();
        }
    }

    // ---- writing

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (taskRunning) {
            return 0;
        }
        try {
            return engine.write(below, data, offset, count);
        } finally {
            goOn();
        }
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) throws IOException {
        var part = ByteBuffer.allocate((int) Math.min(count, FILE_CHUNK_BYTES));
        file.read(part, offset);
        return part.flip().hasRemaining() ? write(new ByteBuffer[] {part}, 0, 1) : 0;
    }

    @Override
    public void shutdownOutput() {
        throw new UnsupportedOperationException(
                "TLS cannot end one direction alone; close() ends both");
    }

    @Override
    public boolean canShutdownOutput() {
        return false;
    }

    @Override
    public void addWriter(Runnable callback) {
        writer = Watcher.of(callback);
        goOn();
        if (failure != null) {
            loop.callSoon(this::tellWriter, context);
        }
    }

    @Override
    public void removeWriter() {
        if (writer != null) {
            writer = null;
            goOn();
        }
    }

    // ---- the end

    @Override
    public void sayGoodbye(Consumer<@Nullable IOException> said) {
        if (state != State.OPEN) {
            throw new IllegalStateException("cannot say goodbye on " + this + ": it is " + state);
        }
        if (failure != null) {
            said.accept(failure);
            return;
        }
        state = State.SAYING_GOODBYE;
        ended = said;
        goodbyeGoesOn();
    }

    /// First everything written has to be on its way, then the goodbye; then the peer has a limited
    /// time to answer.
    private void goodbyeGoesOn() {
        if (deadline == null && !engine.hasOutput() && !taskRunning) {
            try {
                engine.sayGoodbye(below);
                engine.discardInput(below);
            } catch (IOException broken) {
                goodbyeEnded(broken);
                return;
            }
            deadline = loop.callLater(shutdownTimeout, this::goodbyeTimedOut);
        }
        if (deadline != null && !engine.hasOutput() && peerHasEnded()) {
            goodbyeEnded(null);
        } else {
            goOn();
        }
    }

    private boolean peerHasEnded() {
        return switch (engine.end()) {
            case NONE, ALERT -> false;
            case GOODBYE, CUT -> true;
        };
    }

    private void discardInput() {
        try {
            engine.discardInput(below);
        } catch (IOException broken) {
            goodbyeEnded(broken);
            return;
        }
        goodbyeGoesOn();
    }

    private void goodbyeTimedOut() {
        goodbyeEnded(TlsFailures.goodbyeTimedOut(peer, shutdownTimeout));
    }

    private void goodbyeEnded(@Nullable IOException cause) {
        cancelDeadline();
        var said = ended;
        ended = _ -> {};
        failure = cause;
        state = State.CLOSED;
        watchBelow();
        said.accept(cause);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    /// Bytes that were taken and wait to be sent are dropped, and the connection reset then; after
    /// [#sayGoodbye(Consumer)] there are none.
    @Override
    public void close() {
        if (engine.hasOutput()) {
            reset();
        } else {
            end(below::close);
        }
    }

    @Override
    public void reset() {
        end(below::reset);
    }

    private void end(Runnable endBelow) {
        state = State.CLOSED;
        reader = null;
        writer = null;
        cancelDeadline();
        if (taskRunning) {
            engine.dropBuffers(); // it is released when the task is done
        } else {
            engine.release();
        }
        endBelow.run();
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return below.remoteAddress();
    }

    @Override
    public @Nullable NetworkChannel channel() {
        return below.channel();
    }

    @Override
    public boolean isGone() {
        return below.isGone();
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        if (key == Key.SSL_SESSION) {
            return key.cast(engine.sslEngine().getSession());
        }
        if (key == Key.ALPN_PROTOCOL) {
            var agreed = engine.sslEngine().getApplicationProtocol();
            return agreed == null || agreed.isEmpty() ? null : key.cast(agreed);
        }
        return below.extra(key);
    }

    @Override
    public String toString() {
        return "TLS " + below;
    }
}
