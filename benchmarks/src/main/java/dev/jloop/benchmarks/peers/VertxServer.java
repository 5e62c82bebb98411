package dev.jloop.benchmarks.peers;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;

/// Vert.x with one event loop and its own defaults.
final class VertxServer implements PeerServer {
    @Override
    public int listen(Service service) {
        var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        var address = PeerServer.loopback();
        return switch (service) {
            case ECHO ->
                    vertx.createNetServer(
                                    new NetServerOptions()
                                            .setAcceptBacklog(BACKLOG)
                                            .setTcpNoDelay(true))
                            .connectHandler(VertxServer::echo)
                            .listen(0, address.getHostString())
                            .await()
                            .actualPort();
            case HTTP ->
                    vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(BACKLOG))
                            .requestHandler(VertxServer::greet)
                            .listen(0, address.getHostString())
                            .await()
                            .actualPort();
        };
    }

    private static void echo(NetSocket socket) {
        socket.exceptionHandler(_ -> {}); // a client that has reset its connection ends that alone
        socket.handler(data -> {
            socket.write(data);
            if (socket.writeQueueFull()) {
                socket.pause();
                socket.drainHandler(_ -> socket.resume());
            }
        });
    }

    private static void greet(HttpServerRequest request) {
        request.response().putHeader("Content-Type", "text/plain").end(Service.GREETING);
    }
}
