package dev.jloop.benchmarks.peers;

import dev.jloop.netty.NettyConnection;
import dev.jloop.netty.NettyOptions;
import dev.jloop.netty.NettyServer;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;

import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import java.io.IOException;

/// Our coroutines: a task for each connection, which reads and writes as if it blocked. HTTP is
/// Netty's codec under them.
final class JloopStreamsServer implements PeerServer {
    private static final int MOST_BYTES = 256 * 1024;

    private static final ListenOptions LISTEN = ListenOptions.DEFAULTS.withBacklog(BACKLOG);

    @Override
    public int listen(Service service) throws Exception {
        return LoopThread.listen(() -> server(service));
    }

    private static Server server(Service service) throws IOException {
        return switch (service) {
            case ECHO ->
                    Streams.startServer(
                            JloopStreamsServer::echo,
                            PeerServer.loopback(),
                            StreamOptions.DEFAULTS.withListen(LISTEN));
            case HTTP ->
                    NettyServer.start(
                            HttpGreeter::addCodec,
                            JloopStreamsServer::greet,
                            PeerServer.loopback(),
                            NettyOptions.DEFAULTS.withListen(LISTEN));
        };
    }

    private static void echo(StreamReader reader, StreamWriter writer) {
        try {
            for (var data = reader.readBuffer(MOST_BYTES);
                    data.isReadable();
                    data = reader.readBuffer(MOST_BYTES)) {
                writer.writeBuffer(data);
            }
        } catch (IOException _) {
            // a client that has reset its connection ends that alone
        }
    }

    private static void greet(NettyConnection connection) {
        try {
            for (var message = connection.receive();
                    message != null;
                    message = connection.receive()) {
                ReferenceCountUtil.release(message);
                if (message instanceof LastHttpContent) {
                    connection.send(HttpGreeter.greeting());
                }
            }
        } catch (IOException _) {
            // as above
        }
    }
}
