package dev.jloop.transports;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;

/// The other end of a TLS connection, by hand: it can do what a transport never does, such as to
/// end its output alone. Its methods suspend.
final class TlsPeer {
    final Network.Link link;
    final TlsEngine engine;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    TlsPeer(EventLoop loop, Network.Link link, SSLEngine engine) {
        this.link = link;
        this.engine = new TlsEngine(engine, ScratchBuffers.of(loop), new Leftover());
    }

    static TlsPeer client(EventLoop loop, Network.Link link, TlsOptions options) {
        return new TlsPeer(loop, link, TlsTarget.of(options, "localhost", 1).newEngine(null));
    }

    static TlsPeer server(EventLoop loop, Network.Link link, TlsOptions options) {
        return new TlsPeer(loop, link, new TlsServing(options).newEngine(null));
    }

    void shakeHands() throws IOException {
        engine.sslEngine().beginHandshake();
        while (!engine.shakeHands(link)) {
            pause();
        }
    }

    private void pause() {
        if (engine.needsTasks()) {
            engine.runTasks();
        }
        Async.yieldNow();
    }

    void write(byte[] data) throws IOException {
        var buffer = ByteBuffer.wrap(data);
        while (buffer.hasRemaining() || engine.hasOutput()) {
            engine.write(link, new ByteBuffer[] {buffer}, 0, 1);
            pause();
        }
    }

    void sayGoodbye() throws IOException {
        engine.sayGoodbye(link);
        while (engine.hasOutput()) {
            engine.flush(link);
            pause();
        }
    }

    /// Reads until so many bytes have come in all.
    byte[] readBytes(int count) throws IOException {
        while (received.size() < count && receive() >= 0) {
            pause();
        }
        return received.toByteArray();
    }

    /// Reads until the peer has said goodbye, or its stream has ended: see [TlsEngine#end()].
    byte[] readToEnd() throws IOException {
        while (engine.end() == TlsEngine.End.NONE && receive() >= 0) {
            pause();
        }
        return received.toByteArray();
    }

    /// Lets the engine go on with what has come, without reading data.
    void readAhead() throws IOException {
        engine.readAhead(link);
        pause();
    }

    private int receive() throws IOException {
        var into = ByteBuffer.allocate(64 * 1024);
        var count = engine.read(link, into);
        received.write(into.array(), 0, into.position());
        return count;
    }
}
