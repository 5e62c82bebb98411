package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Random;

/// What the contracts of this package ask of whoever extends them: a loop, and what is special
/// about the connections on it.
///
/// Each test runs in a coroutine of a loop of its own. It fails, besides by its own checks, if the
/// loop reports anything to its exception handler that the test does not expect (among it
/// transports and servers that were left open, and exceptions that nobody has looked at), if a
/// buffer that was given to a transport was not released, and if it takes longer than the safety
/// net; then the message shows what every task waits for.
///
/// @since 0.1
public abstract sealed class ConnectionContract permits TransportContract, StreamContract {
    private static final int LEAST_LARGE_TRANSFER = 256 * 1024;

    /// For subclasses.
    protected ConnectionContract() {}

    /// {@return a new loop with what is under test}
    ///
    /// For a network of your own: `loop.provideService(Network.class, network)` on it, or
    /// `SimulatedNetwork.on(loop)`; where nothing is provided, the connections are sockets. It may
    /// be any loop, one with virtual time too: on such a one a test that hangs fails at once.
    ///
    /// Called once for each test, on the thread on which the loop then runs; the contract sets the
    /// exception handler of the loop, and closes it.
    protected abstract EventLoop newLoop();

    /// {@return where the server of a test listens: any port of 127.0.0.1, unless overridden}
    protected SocketAddress address() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    }

    /// {@return the settings of whoever connects: the defaults, unless overridden}
    protected ConnectOptions connectOptions() {
        return ConnectOptions.DEFAULTS;
    }

    /// {@return the settings of whoever listens: the defaults, unless overridden}
    protected ListenOptions listenOptions() {
        return ListenOptions.DEFAULTS;
    }

    /// {@return whether one direction can end before the other, and an end needs no goodbye: true,
    /// unless overridden} Where it is false, as with TLS, the tests of half-closed connections are
    /// skipped, and `canWriteEof()` has to be false.
    protected boolean halfCloses() {
        return true;
    }

    /// {@return whether a peer learns that what was under way to it was dropped, so that
    /// `connectionLost` has a cause: true, unless overridden} Where it is false, as with Unix
    /// sockets, a connection that is aborted looks like one that has ended in the regular way.
    protected boolean resets() {
        return true;
    }

    /// {@return how many bytes the tests of large transfers send: 4 MiB, unless overridden} Choose
    /// fewer where they take long; at least 256 KiB, and more than the network takes while nobody
    /// reads.
    protected int largeTransfer() {
        return 4 * 1024 * 1024;
    }

    /// {@return after how much real time a test fails that is not done: 30 seconds, unless
    /// overridden}
    protected Duration safetyNet() {
        return Duration.ofSeconds(30);
    }

    /// Runs the body of a test.
    final void onLoop(ContractRun.Body body) {
        if (largeTransfer() < LEAST_LARGE_TRANSFER) {
            throw new IllegalStateException(
                    "largeTransfer() must be at least "
                            + LEAST_LARGE_TRANSFER
                            + " bytes, for tests that fill buffers, and returned "
                            + largeTransfer());
        }
        ContractRun.run(this::newLoop, safetyNet(), body);
    }

    /// {@return before how many bytes are written for a peer that does not read, the writer has to
    /// wait}
    final int tooMuch() {
        return (int) Math.min(Integer.MAX_VALUE / 2, 16L * largeTransfer());
    }

    final byte[] largeContent() {
        var content = new byte[largeTransfer()];
        new Random(content.length).nextBytes(content);
        return content;
    }
}
