package dev.jloop.transports;

import dev.jloop.core.Async;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/// A server whose protocols note what happens, and clients for it.
final class ServerFixture {
    static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final List<RecordingProtocol> accepted = new ArrayList<>();

    RecordingProtocol newProtocol() {
        var protocol = new RecordingProtocol();
        accepted.add(protocol);
        return protocol;
    }

    Server start(ListenOptions options) throws IOException {
        return Net.createServer(this::newProtocol, ANY_PORT, options);
    }

    /// {@return a client that may still wait in the backlog}
    static RecordingProtocol connect(SocketAddress address) throws IOException {
        return Net.createConnection(RecordingProtocol::new, address).protocol();
    }

    static RecordingProtocol connect(Server server) throws IOException {
        return connect(server.addresses().getFirst());
    }

    static void turns(int count) {
        for (var turn = 0; turn < count; turn++) {
            Async.yieldNow();
        }
    }

    static MemoryNetwork.MemoryListener listenerOf(TestRun run, SocketAddress address) {
        return ((MemoryNetwork) Network.of(run.loop)).listenerOn(address);
    }

    /// Ends the server and everyone who is connected to it.
    static void end(Server server) {
        server.close();
        server.abortClients();
        server.waitClosed();
    }
}
