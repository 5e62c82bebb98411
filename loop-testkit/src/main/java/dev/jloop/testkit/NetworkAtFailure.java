package dev.jloop.testkit;

/// Goes with the failure of a test: the hosts, sockets and last packets of its simulated network.
final class NetworkAtFailure extends Exception {
    private static final long serialVersionUID = 1;

    NetworkAtFailure(SimulatedNetwork network) {
        super(network.describe(), null, false, false);
    }
}
