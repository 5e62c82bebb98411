package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// The long work of a handshake, which is the engine's delegated tasks, is done off the loop.
///
/// The key or trust manager here waits for a callback of the loop: on the loop's thread it would
/// wait in vain.
@ExtendWith(LeakCheck.class)
class TlsDelegatedTaskTest {
    /// Something that takes long, until the loop has run a callback.
    private static final class SlowWork {
        private final EventLoop loop = EventLoop.current();
        private final CountDownLatch loopIsFree = new CountDownLatch(1);
        final AtomicReference<Thread> worker = new AtomicReference<>();

        void run() {
            worker.set(Thread.currentThread());
            loop.callSoonThreadsafe(loopIsFree::countDown);
            try {
                if (!loopIsFree.await(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("the loop ran no callback meanwhile");
                }
            } catch (InterruptedException interrupt) {
                throw new AssertionError(interrupt);
            }
        }
    }

    private final RecordingProtocol client = new RecordingProtocol();
    private final RecordingProtocol server = new RecordingProtocol();

    private void connect(SSLContext clientContext, SSLContext serverContext) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var clientTls = TlsOptions.client(clientContext).withServerName("example.test");
        var serverTls = TlsOptions.server(serverContext);
        try (var listening =
                Net.createServer(
                        () -> server, address, ListenOptions.DEFAULTS.withTls(serverTls))) {
            Net.createConnection(
                    () -> client,
                    listening.addresses().getFirst(),
                    ConnectOptions.DEFAULTS.withTls(clientTls));
            server.await("made");
        }
        client.transport.write(ConnectionPairs.bytes("hello"));
        server.awaitText("hello");
        client.transport.close();
        client.awaitLost();
        server.awaitLost();
    }

    private static SSLContext context(KeyManager[] keys, TrustManager[] trust) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Test
    void theLoopRunsOtherCallbacksWhileAServerLooksForItsKey() {
        TestRun.onSockets(_ -> {
            var work = new SlowWork();
            var keys = TestCertificates.keyManagers(TestCertificates.Holder.SERVER)[0];
            connect(
                    TestCertificates.client(),
                    context(
                            new KeyManager[] {
                                new SlowKeys((X509ExtendedKeyManager) keys, work::run)
                            },
                            null));
            assertThat(work.worker.get()).isNotNull().isNotSameAs(Thread.currentThread());
        });
    }

    @Test
    void theLoopRunsOtherCallbacksWhileAClientChecksACertificate() {
        TestRun.onSockets(_ -> {
            var work = new SlowWork();
            connect(
                    context(null, new TrustManager[] {new SlowTrust(work::run)}),
                    TestCertificates.server());
            assertThat(work.worker.get()).isNotNull().isNotSameAs(Thread.currentThread());
        });
    }

    @Test
    void whatAKeyManagerThrowsEndsTheHandshakeOfBothSides() {
        TestRun.onSockets(_ -> {
            var keys = TestCertificates.keyManagers(TestCertificates.Holder.SERVER)[0];
            Runnable failing =
                    () -> {
                        throw new IllegalStateException("no key today");
                    };
            var broken =
                    context(
                            new KeyManager[] {new SlowKeys((X509ExtendedKeyManager) keys, failing)},
                            null);
            assertThatThrownBy(() -> connect(TestCertificates.client(), broken))
                    .isInstanceOf(IOException.class);
            assertThat(client.events).isEmpty();
            assertThat(server.events).isEmpty();
        });
    }

    /// The task of the engine cannot be stopped; it ends by itself, and the connection has long
    /// gone.
    @Test
    void aHandshakeIsCutAtItsDeadlineWhileAKeyManagerStillWorks() {
        TestRun.onSockets(run -> {
            var end = new CountDownLatch(1);
            var keys = TestCertificates.keyManagers(TestCertificates.Holder.SERVER)[0];
            Runnable endless =
                    () -> {
                        try {
                            end.await();
                        } catch (InterruptedException interrupt) {
                            throw new AssertionError(interrupt);
                        }
                    };
            var stuck =
                    context(
                            new KeyManager[] {new SlowKeys((X509ExtendedKeyManager) keys, endless)},
                            null);
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            var serverTls = TlsOptions.server(stuck).withHandshakeTimeout(Duration.ofMillis(50));
            var clientTls =
                    TlsOptions.client(TestCertificates.client()).withServerName("example.test");
            try (var listening =
                    Net.createServer(
                            () -> server, address, ListenOptions.DEFAULTS.withTls(serverTls))) {
                assertThatThrownBy(() ->
                                Net.createConnection(
                                        () -> client,
                                        listening.addresses().getFirst(),
                                        ConnectOptions.DEFAULTS.withTls(clientTls)))
                        .isInstanceOf(IOException.class);
                assertThat(server.events).isEmpty();
            } finally {
                end.countDown();
            }
        });
    }

    /// Key managers of the JDK, with work before each use.
    private static final class SlowKeys extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;
        private final Runnable work;

        SlowKeys(X509ExtendedKeyManager keys, Runnable work) {
            this.keys = keys;
            this.work = work;
        }

        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            work.run();
            return keys.chooseEngineServerAlias(type, issuers, engine);
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return keys.getClientAliases(type, issuers);
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(types, issuers, socket);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    /// Trust in the authority of the tests, with work before each check.
    private static final class SlowTrust extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager trust =
                (X509ExtendedTrustManager) TestCertificates.trustManagers()[0];
        private final Runnable work;

        SlowTrust(Runnable work) {
            this.work = work;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            work.run();
            trust.checkServerTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            trust.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            trust.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            trust.checkServerTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            trust.checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            trust.checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.getAcceptedIssuers();
        }
    }
}
