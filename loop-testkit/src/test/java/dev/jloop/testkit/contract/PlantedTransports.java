package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.testkit.MemoryPair;
import dev.jloop.testkit.VirtualTimeLoop;
import dev.jloop.transports.Network;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterAll;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Transports with one bug each, of which [ContractsFindBugsTest] runs the contract.
final class PlantedTransports {
    private PlantedTransports() {}

    /// Two ends in memory, with something between them and their protocols.
    abstract static class Wrapped extends TransportContract {
        @Override
        protected EventLoop newLoop() {
            return VirtualTimeLoop.create();
        }

        @Override
        protected int largeTransfer() {
            return 256 * 1024;
        }

        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server)
                throws IOException {
            MemoryPair.connect(wrapped(client), wrapped(server));
        }

        /// {@return what gets the events in place of a protocol}
        Between wrapped(RecordingProtocol protocol) {
            return new Between(protocol, this::wrapped);
        }

        /// {@return what a protocol gets in place of its transport}
        Transport wrapped(Transport transport) {
            return Tampering.with(Transport.class, transport, "no method", Tampering.PASS_ON);
        }
    }

    /// Passes everything on.
    static class NoBug extends Wrapped {}

    static class TellsTheEndTwice extends Wrapped {
        @Override
        Between wrapped(RecordingProtocol protocol) {
            return new Between(protocol, this::wrapped) {
                @Override
                public void connectionLost(Throwable cause) {
                    super.connectionLost(cause);
                    super.connectionLost(cause);
                }
            };
        }
    }

    static class NeverPausesWriting extends Wrapped {
        @Override
        Between wrapped(RecordingProtocol protocol) {
            return new Between(protocol, this::wrapped) {
                @Override
                public void pauseWriting() {}

                @Override
                public void resumeWriting() {}
            };
        }
    }

    static class ForgetsTheEndOfTheStream extends Wrapped {
        @Override
        Between wrapped(RecordingProtocol protocol) {
            return new Between(protocol, this::wrapped) {
                @Override
                public boolean eofReceived() {
                    return false;
                }
            };
        }
    }

    static class SwallowsFailures extends Wrapped {
        @Override
        Between wrapped(RecordingProtocol protocol) {
            return new Between(protocol, this::wrapped) {
                @Override
                public void dataReceived(ByteBuf data) {
                    try {
                        super.dataReceived(data);
                    } catch (AssertionError swallowed) {
                        // The bug.
                    }
                }
            };
        }
    }

    static class IgnoresPauseReading extends Wrapped {
        @Override
        Transport wrapped(Transport transport) {
            return Tampering.with(Transport.class, transport, "pauseReading", (_, _) -> null);
        }
    }

    static class LosesTheRestAtClose extends Wrapped {
        @Override
        Transport wrapped(Transport transport) {
            return Tampering.with(
                    Transport.class,
                    transport,
                    "close",
                    (_, _) -> {
                        transport.abort();
                        return null;
                    });
        }
    }

    static class KeepsBuffers extends Wrapped {
        @Override
        Transport wrapped(Transport transport) {
            return Tampering.with(
                    Transport.class,
                    transport,
                    "write",
                    (call, arguments) -> {
                        if (arguments[0] instanceof ByteBuf buffer) {
                            buffer.retain();
                        }
                        return call.invoke(transport, arguments);
                    });
        }
    }

    /// A test of it that fails shows what the test has found first.
    static class FailsToAbort extends NeverPausesWriting {
        @Override
        Transport wrapped(Transport transport) {
            return Tampering.with(
                    Transport.class,
                    super.wrapped(transport),
                    "abort",
                    (_, _) -> {
                        transport.abort();
                        throw new IllegalStateException("aborting fails");
                    });
        }
    }

    static class SendsTooLittle extends NoBug {
        @Override
        protected int largeTransfer() {
            return 256 * 1024 - 1;
        }
    }

    static class LeavesSomethingOpen extends Wrapped {
        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server)
                throws IOException {
            super.connect(client, server);
            MemoryPair.connect(new RecordingProtocol(), new RecordingProtocol());
        }
    }

    private static EventLoop onPipes(PipeNetwork.Bug bug) {
        var loop = VirtualTimeLoop.create();
        loop.provideService(Network.class, new PipeNetwork(loop, bug));
        return loop;
    }

    /// Transports over a network of one's own.
    static class OverPipes extends TransportContract {
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.NONE;
        }

        @Override
        protected EventLoop newLoop() {
            return onPipes(bug());
        }

        @Override
        protected int largeTransfer() {
            return 256 * 1024;
        }
    }

    static class LosesTheOrder extends OverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.LOSES_THE_ORDER;
        }
    }

    static class EndsInsteadOfReset extends OverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.ENDS_INSTEAD_OF_RESET;
        }
    }

    static class TakesEverything extends OverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.TAKES_EVERYTHING;
        }
    }

    static class NeverEndsOneDirection extends OverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.NEVER_ENDS_ONE_DIRECTION;
        }
    }

    /// Streams over a network of one's own.
    static class StreamsOverPipes extends StreamContract {
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.NONE;
        }

        @Override
        protected EventLoop newLoop() {
            return onPipes(bug());
        }

        @Override
        protected int largeTransfer() {
            return 256 * 1024;
        }
    }

    static class StreamsLoseTheOrder extends StreamsOverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.LOSES_THE_ORDER;
        }
    }

    static class StreamsEndInsteadOfReset extends StreamsOverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.ENDS_INSTEAD_OF_RESET;
        }
    }

    static class StreamsTakeEverything extends StreamsOverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.TAKES_EVERYTHING;
        }
    }

    static class StreamsNeverEndOneDirection extends StreamsOverPipes {
        @Override
        PipeNetwork.Bug bug() {
            return PipeNetwork.Bug.NEVER_ENDS_ONE_DIRECTION;
        }
    }

    // ---- wrong use

    static class MakesNoLoop extends Wrapped {
        @Override
        @SuppressWarnings("NullAway") // the mistake
        protected EventLoop newLoop() {
            return null;
        }
    }

    static class ConnectsNobody extends Wrapped {
        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server) {}
    }

    static class HangsOnARealLoop extends Wrapped {
        @Override
        protected EventLoop newLoop() {
            return SelectorEventLoop.builder().build();
        }

        @Override
        protected Duration safetyNet() {
            return Duration.ofMillis(50);
        }

        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server) {
            EventLoop.current().createFuture("a peer that never comes").await();
        }
    }

    /// Its loop reports why nothing comes.
    static class ThrowsInACallbackAndHangs extends HangsOnARealLoop {
        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server) {
            EventLoop.current()
                    .callSoon(() -> {
                        throw new IllegalStateException("the reason for it all");
                    });
            super.connect(client, server);
        }
    }

    static class BlocksTheLoop extends HangsOnARealLoop {
        private static final CountDownLatch OVER = new CountDownLatch(1);

        @Override
        protected void connect(RecordingProtocol client, RecordingProtocol server) {
            try {
                OVER.await();
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
        }

        @AfterAll
        static void endIt() {
            OVER.countDown();
        }
    }
}
