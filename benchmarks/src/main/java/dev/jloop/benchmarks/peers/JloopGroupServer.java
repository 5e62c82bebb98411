package dev.jloop.benchmarks.peers;

import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.LoopGroup;
import dev.jloop.transports.Net;
import dev.jloop.transports.ReservedPort;
import dev.jloop.transports.Server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// The echo of [JloopProtocolServer] on several loops that share a port, for as long as the process
/// lives.
///
/// @param loops how many
record JloopGroupServer(int loops) implements PeerServer {
    @Override
    public int listen(Service service) throws Exception {
        if (service != Service.ECHO) {
            throw PeerServer.notOffered(service);
        }
        var sharing = ListenOptions.DEFAULTS.withBacklog(BACKLOG).withReusePort(true);
        var port = ReservedPort.open(PeerServer.loopback());
        var starting = new CountDownLatch(loops);
        var listening = new CompletableFuture<Integer>();
        var group =
                LoopGroup.builder()
                        .withSignals(false)
                        .start(
                                loops,
                                () -> {
                                    var server = listen(port, sharing);
                                    starting.countDown();
                                    if (starting.getCount() == 0) {
                                        listening.complete(port.address().getPort());
                                    }
                                    server.waitClosed();
                                });
        // The group itself reports a failure of a loop that serves.
        var _ =
                group.ended()
                        .whenComplete((_, failure) -> {
                            listening.completeExceptionally(
                                    new IllegalStateException("the loops have ended", failure));
                        });
        return listening.get();
    }

    private static Server listen(ReservedPort port, ListenOptions options) throws Exception {
        return Net.createServer(JloopProtocolServer.Echo::new, port.address(), options);
    }
}
