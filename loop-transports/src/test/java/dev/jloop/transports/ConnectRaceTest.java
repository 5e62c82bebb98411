package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionGroup;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimedOutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Addresses of one name that race, at exact virtual times.
@ExtendWith(LeakCheck.class)
class ConnectRaceTest {
    private static final InetSocketAddress V6 = address("2001:db8::1");
    private static final InetSocketAddress V4 = address("192.0.2.1");
    private static final InetSocketAddress V6_SECOND = address("2001:db8::2");
    private static final InetSocketAddress V4_SECOND = address("192.0.2.2");
    private static final ConnectOptions DEFAULTS = ConnectOptions.DEFAULTS;

    private static InetSocketAddress address(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 80);
    }

    private static InetSocketAddress local(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    /// A host with addresses that do not answer until the test says so.
    private static final class Host {
        final EventLoop loop;
        final MemoryNetwork network;

        Host(EventLoop loop, InetSocketAddress... addresses) {
            this.loop = loop;
            network = MemoryNetwork.on(loop);
            var ips = new ArrayList<InetAddress>();
            for (var address : addresses) {
                ips.add(address.getAddress());
                network.delays.put(address, loop.createFuture());
            }
            network.hosts.put("example.test", ips);
        }

        /// Makes an address answer after a time.
        void answers(InetSocketAddress address, int millis) {
            LoopFuture<Void> delay = network.delays.get(address);
            loop.callLater(
                    Duration.ofMillis(millis),
                    () -> {
                        if (!delay.isDone()) {
                            delay.setResult(null);
                        }
                    });
        }

        void refuses(InetSocketAddress address, int millis) {
            fails(address, millis, new ConnectException("Connection refused"));
        }

        void fails(InetSocketAddress address, int millis, IOException failure) {
            network.failures.put(address, failure);
            answers(address, millis);
        }

        RecordingProtocol connect(ConnectOptions options) throws IOException {
            return Net.createConnection(RecordingProtocol::new, "example.test", 80, options)
                    .protocol();
        }

        long millis() {
            return Duration.ofNanos(loop.time()).toMillis();
        }

        /// Which addresses were tried, with the milliseconds at which.
        List<String> tries() {
            return network.tries.stream()
                    .map(one ->
                            Addresses.text(one.remote())
                                    + " at "
                                    + Duration.ofNanos(one.nanos()).toMillis())
                    .toList();
        }
    }

    @FunctionalInterface
    private interface Body {
        void run(Host host) throws Exception;
    }

    private static void onHost(Body body, InetSocketAddress... addresses) {
        TestRun.run(VirtualTime.newLoop(), run -> body.run(new Host(run.loop, addresses)));
    }

    /// The same, with a server that the body may connect to.
    private static void withServer(Body body, InetSocketAddress... addresses) {
        onHost(
                host -> {
                    var server = Net.createServer(RecordingProtocol::new, V4);
                    body.run(host);
                    server.close();
                    server.waitClosed();
                    assertThat(host.network.links).allMatch(MemoryNetwork.MemoryLink::isClosed);
                },
                addresses);
    }

    private static void assertPeer(RecordingProtocol client, SocketAddress expected) {
        assertThat(client.transport.extra(Key.PEER_ADDRESS)).isEqualTo(expected);
        client.transport.close();
    }

    @Test
    void aBlackHoleCostsTheHeadStart() {
        withServer(
                host -> {
                    host.answers(V4, 0);
                    var client = host.connect(DEFAULTS);
                    assertThat(host.millis()).isEqualTo(250);
                    assertThat(host.tries())
                            .containsExactly(
                                    "[2001:db8:0:0:0:0:0:1]:80 at 0", "192.0.2.1:80 at 250");
                    assertThat(host.network.delays.get(V6).isCancelled()).isTrue();
                    assertPeer(client, V4);
                },
                V6,
                V4);
    }

    @Test
    void aRefusalCostsNothing() {
        withServer(
                host -> {
                    host.refuses(V6, 0);
                    host.answers(V4, 0);
                    var client = host.connect(DEFAULTS);
                    assertThat(host.millis()).isZero();
                    assertPeer(client, V4);
                },
                V6,
                V4);
    }

    @Test
    void aSlowAddressWinsWhereItIsTheFirstToAnswer() {
        withServer(
                host -> {
                    host.answers(V6, 300);
                    host.answers(V4, 400);
                    var client = host.connect(DEFAULTS);
                    assertThat(host.millis()).isEqualTo(300);
                    assertThat(host.tries()).hasSize(2);
                    assertThat(host.network.delays.get(V4).isCancelled()).isTrue();
                    assertPeer(client, V6);
                },
                V6,
                V4);
    }

    @Test
    void anAnswerWithinTheHeadStartLeavesTheOthersUntried() {
        withServer(
                host -> {
                    host.answers(V6, 249);
                    var client = host.connect(DEFAULTS);
                    assertThat(host.millis()).isEqualTo(249);
                    assertThat(host.tries()).hasSize(1);
                    assertPeer(client, V6);
                },
                V6,
                V4);
    }

    @Test
    void eachFailureStartsTheNextAttemptAtOnce() {
        withServer(
                host -> {
                    host.refuses(V6, 100);
                    host.refuses(V4, 200);
                    host.answers(V6_SECOND, 10_000);
                    host.answers(V4_SECOND, 500);
                    var client = host.connect(DEFAULTS);
                    assertThat(host.tries())
                            .containsExactly(
                                    "[2001:db8:0:0:0:0:0:1]:80 at 0",
                                    "192.0.2.1:80 at 100",
                                    "[2001:db8:0:0:0:0:0:2]:80 at 200",
                                    "192.0.2.2:80 at 450");
                    assertThat(host.millis()).isEqualTo(500);
                    assertThat(host.network.delays.get(V6_SECOND).isCancelled()).isTrue();
                    assertPeer(client, V4_SECOND);
                },
                V6,
                V6_SECOND,
                V4,
                V4_SECOND);
    }

    @Test
    void theDelayIsTheOneAskedFor() {
        withServer(
                host -> {
                    host.answers(V4, 0);
                    assertPeer(
                            host.connect(DEFAULTS.withHappyEyeballsDelay(Duration.ofMillis(20))),
                            V4);
                    assertThat(host.millis()).isEqualTo(20);
                },
                V6,
                V4);
    }

    @Test
    void withoutADelayAnAttemptWaitsForTheFailureOfTheOneBefore() {
        withServer(
                host -> {
                    host.refuses(V6, 20_000);
                    host.answers(V4, 0);
                    assertPeer(host.connect(DEFAULTS.withHappyEyeballsDelay(Duration.ZERO)), V4);
                    assertThat(host.tries())
                            .containsExactly(
                                    "[2001:db8:0:0:0:0:0:1]:80 at 0", "192.0.2.1:80 at 20000");
                },
                V6,
                V4);
    }

    @Test
    void theOrderOfTheResolverIsKeptOnDemand() {
        onHost(
                host -> {
                    for (var address : List.of(V6, V6_SECOND, V4)) {
                        host.refuses(address, 0);
                    }
                    assertThatThrownBy(() -> host.connect(DEFAULTS.withInterleave(0)));
                    assertThat(host.network.tries)
                            .extracting(MemoryNetwork.Try::remote)
                            .containsExactly(V6, V6_SECOND, V4);
                    host.network.tries.clear();
                    assertThatThrownBy(() -> host.connect(DEFAULTS));
                    assertThat(host.network.tries)
                            .extracting(MemoryNetwork.Try::remote)
                            .containsExactly(V6, V4, V6_SECOND);
                },
                V6,
                V6_SECOND,
                V4);
    }

    @Test
    void failuresAreToldInTheOrderOfTheAttemptsAndNotOfTheAnswers() {
        onHost(
                host -> {
                    host.refuses(V6, 900);
                    host.fails(V4, 400, new NoRouteToHostException("No route to host"));
                    assertThatThrownBy(() -> host.connect(DEFAULTS.withAllErrors(true)))
                            .hasMessage(
                                    "cannot connect to example.test:80: [2001:db8:0:0:0:0:0:1]:80:"
                                            + " Connection refused; 192.0.2.1:80: No route to"
                                            + " host")
                            .cause()
                            .isInstanceOfSatisfying(
                                    ExceptionGroup.class,
                                    group ->
                                            assertThat(group.exceptions())
                                                    .extracting(Throwable::getCause)
                                                    .hasExactlyElementsOfTypes(
                                                            ConnectException.class,
                                                            NoRouteToHostException.class));
                    assertThat(host.millis()).isEqualTo(900);
                },
                V6,
                V4);
    }

    @Test
    void attemptsRunInTheContextOfTheCaller() {
        var machine = ContextVar.<String>create("machine");
        onHost(
                host -> {
                    var seen = new ArrayList<String>();
                    host.loop
                            .createTask(
                                    () -> {
                                        machine.set("client");
                                        host.network.beforeConnect = () -> seen.add(machine.get());
                                        host.refuses(V6, 0);
                                        host.refuses(V4, 0);
                                        assertThatThrownBy(() -> host.connect(DEFAULTS))
                                                .isInstanceOf(ConnectException.class);
                                    },
                                    "client")
                            .await();
                    assertThat(seen).containsExactly("client", "client");
                },
                V6,
                V4);
    }

    @Test
    void aLoserThatConnectsInTheSameTurnIsClosed() {
        withServer(
                host -> {
                    host.answers(V6, 300);
                    host.answers(V4, 300);
                    // A network that finishes what it has begun, whatever is cancelled.
                    host.network.whenCancelled = () -> {};
                    var client = host.connect(DEFAULTS);
                    assertThat(host.millis()).isEqualTo(300);
                    assertThat(host.network.links).hasSize(4);
                    assertThat(host.network.links)
                            .filteredOn(link -> link.remoteAddress().equals(V4))
                            .singleElement()
                            .matches(MemoryNetwork.MemoryLink::isClosed);
                    assertPeer(client, V6);
                },
                V6,
                V4);
    }

    @Test
    void aCancelDuringTheRaceGivesUpAllAttemptsAndSaysHowFarTheyWere() {
        onHost(
                host -> {
                    host.refuses(V6, 100);
                    var connecting =
                            host.loop.createTask(() -> host.connect(DEFAULTS), "connecting");
                    Async.sleep(Duration.ofSeconds(1));
                    connecting.cancel("enough");
                    assertThatThrownBy(connecting::await)
                            .isInstanceOf(CancelledError.class)
                            .hasMessage("enough")
                            .satisfies(cancelled ->
                                    assertThat(cancelled.getSuppressed())
                                            .singleElement()
                                            .asString()
                                            .contains(
                                                    "cancelled while connecting to example.test:80:"
                                                        + " [2001:db8:0:0:0:0:0:1]:80: Connection"
                                                        + " refused; 192.0.2.1:80: given up without"
                                                        + " an answer after 0.9 s; 192.0.2.2:80:"
                                                        + " given up without an answer after"
                                                        + " 0.65 s"));
                    assertThat(host.network.delays.get(V4).isCancelled()).isTrue();
                    assertThat(host.network.delays.get(V4_SECOND).isCancelled()).isTrue();
                },
                V6,
                V4,
                V4_SECOND);
    }

    @Test
    void aTimeLimitTellsHowFarEachAddressWas() {
        onHost(
                host -> {
                    host.refuses(V6, 4_900);
                    var options =
                            DEFAULTS.withTimeout(Duration.ofSeconds(5))
                                    .withHappyEyeballsDelay(Duration.ofSeconds(4));
                    assertThatThrownBy(() -> host.connect(options))
                            .isInstanceOf(SocketTimeoutException.class)
                            .hasMessage(
                                    "cannot connect to example.test:80 within 5 s:"
                                            + " [2001:db8:0:0:0:0:0:1]:80: Connection refused;"
                                            + " 192.0.2.1:80: given up without an answer after 1 s;"
                                            + " 192.0.2.2:80: not tried yet")
                            .hasCauseInstanceOf(TimedOutException.class)
                            .satisfies(failure ->
                                    assertThat(failure.getSuppressed())
                                            .hasExactlyElementsOfTypes(ConnectException.class));
                    assertThat(host.millis()).isEqualTo(5_000);
                },
                V6,
                V4,
                V4_SECOND);
    }

    @Test
    void aTimeLimitThatIsNotReachedChangesNothing() {
        withServer(
                host -> {
                    host.answers(V4, 0);
                    assertPeer(host.connect(DEFAULTS.withTimeout(Duration.ofSeconds(1))), V4);
                    assertThat(host.millis()).isEqualTo(250);
                },
                V6,
                V4);
    }

    @Test
    void aBugEndsTheRaceAtOnce() {
        onHost(
                host -> {
                    host.answers(V4, 100);
                    host.network.beforeConnect =
                            () -> {
                                if (host.network.tries.size() == 2) {
                                    throw new IllegalStateException("a bug");
                                }
                            };
                    assertThatThrownBy(() -> host.connect(DEFAULTS))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("a bug");
                    assertThat(host.millis()).isEqualTo(250);
                    assertThat(host.network.delays.get(V6).isCancelled()).isTrue();
                },
                V6,
                V4);
    }

    @Test
    void aBugThatTheWinnerWouldHideIsReported() {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    var host = new Host(run.loop, V6, V4);
                    var server = Net.createServer(RecordingProtocol::new, V4);
                    host.answers(V4, 0);
                    host.network.whenCancelled =
                            () -> {
                                throw new IllegalStateException("a bug");
                            };
                    assertPeer(host.connect(DEFAULTS), V4);
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report -> {
                                assertThat(report.exception()).hasMessage("a bug");
                                assertThat(report.message())
                                        .contains("[2001:db8:0:0:0:0:0:1]:80 broke");
                            });
                    server.close();
                    server.waitClosed();
                });
    }

    @Test
    void anAttemptThatSomebodyCancelsCountsAsFailed() {
        onHost(
                host -> {
                    host.refuses(V4, 400);
                    host.loop.callLater(
                            Duration.ofMillis(100), () -> host.network.delays.get(V6).cancel());
                    assertThatThrownBy(() -> host.connect(DEFAULTS))
                            .hasMessage(
                                    "cannot connect to example.test:80: [2001:db8:0:0:0:0:0:1]:80:"
                                            + " given up without an answer after 0.1 s;"
                                            + " 192.0.2.1:80: Connection refused");
                },
                V6,
                V4);
    }

    @Test
    void onlyAddressesOfTheFamilyOfTheLocalOneAreTried() {
        onHost(
                host -> {
                    host.refuses(V4, 0);
                    host.refuses(V4_SECOND, 0);
                    var from = local("192.0.2.99", 0);
                    assertThatThrownBy(() -> host.connect(DEFAULTS.withLocalAddress(from)))
                            .isInstanceOf(ConnectException.class);
                    assertThat(host.network.tries)
                            .extracting(MemoryNetwork.Try::remote)
                            .containsExactly(V4, V4_SECOND);
                    assertThat(host.network.tries)
                            .extracting(MemoryNetwork.Try::local)
                            .containsOnly(from);
                },
                V6,
                V4,
                V4_SECOND);
    }

    @Test
    void aLocalAddressThatFitsNoRemoteOneIsAClearError() {
        onHost(
                host ->
                        assertThatThrownBy(() ->
                                        host.connect(DEFAULTS.withLocalAddress(local("::1", 0))))
                                .isInstanceOf(SocketException.class)
                                .hasMessage(
                                        "cannot connect to example.test:80 from local address"
                                                + " [0:0:0:0:0:0:0:1]:0: it is of another family"
                                                + " than 192.0.2.1:80, 192.0.2.2:80"),
                V4,
                V4_SECOND);
    }

    @Test
    void theWildcardAddressFitsBothFamilies() {
        onHost(
                host -> {
                    host.refuses(V6, 0);
                    host.refuses(V4, 0);
                    assertThatThrownBy(() ->
                                    host.connect(
                                            DEFAULTS.withLocalAddress(new InetSocketAddress(0))))
                            .isInstanceOf(ConnectException.class);
                    assertThat(host.network.tries).hasSize(2);
                },
                V6,
                V4);
    }

    @Test
    void eachRemoteAddressIsTriedFromTheFirstUsableLocalOneOfItsFamily() {
        onHost(
                host -> {
                    host.refuses(V6, 0);
                    host.refuses(V4, 0);
                    host.network.hosts.put(
                            "here.test",
                            List.of(
                                    InetAddress.ofLiteral("::5"),
                                    InetAddress.ofLiteral("127.0.0.5")));
                    var taken = local("127.0.0.4", 0);
                    host.network.unusable.add(taken);
                    var options =
                            DEFAULTS.withLocalAddresses(
                                    List.of(
                                            taken,
                                            InetSocketAddress.createUnresolved("here.test", 0)));
                    assertThatThrownBy(() -> host.connect(options))
                            .isInstanceOf(ConnectException.class);
                    assertThat(host.network.tries)
                            .extracting(MemoryNetwork.Try::local)
                            .containsExactly(local("::5", 0), taken, local("127.0.0.5", 0));
                },
                V6,
                V4);
    }

    @Test
    void allLocalAddressesThatCannotBeUsedAreNamed() {
        onHost(
                host -> {
                    var first = local("127.0.0.4", 0);
                    var second = local("127.0.0.5", 0);
                    host.network.unusable.addAll(List.of(first, second));
                    assertThatThrownBy(() ->
                                    host.connect(
                                            DEFAULTS.withLocalAddresses(List.of(first, second))))
                            .isInstanceOf(BindException.class)
                            .hasMessage(
                                    "cannot connect to example.test:80 (192.0.2.1:80): cannot use"
                                            + " local address 127.0.0.4:0, cannot use local address"
                                            + " 127.0.0.5:0");
                },
                V4);
    }

    @Test
    void attemptsFromAFixedPortDoNotOverlap() {
        withServer(
                host -> {
                    host.refuses(V4, 1_000);
                    host.answers(V4_SECOND, 0);
                    assertPeer(
                            host.connect(DEFAULTS.withLocalAddress(local("192.0.2.99", 5_000))),
                            V4_SECOND);
                    assertThat(host.tries())
                            .containsExactly("192.0.2.1:80 at 0", "192.0.2.2:80 at 1000");
                },
                V4,
                V4_SECOND);
    }

    @Test
    void aHostWithoutAddressesIsUnknown() {
        onHost(host ->
                assertThatThrownBy(() -> host.connect(DEFAULTS))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage(
                                "cannot resolve host 'example.test': the resolver gave no"
                                        + " address"));
    }

    @Test
    void aTimeLimitIsMoreThanZero() {
        assertThatThrownBy(() -> DEFAULTS.withTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be more than zero, was PT0S");
    }
}
