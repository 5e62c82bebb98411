package dev.jloop.transports;

import java.lang.ref.WeakReference;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/// A context that knows which of its engines are still held by somebody.
final class TrackedContext extends SSLContext {
    private final Engines engines;

    private TrackedContext(SSLContext context, Engines engines) {
        super(engines, context.getProvider(), context.getProtocol());
        this.engines = engines;
    }

    static TrackedContext of(SSLContext context) {
        return new TrackedContext(context, new Engines(context));
    }

    int made() {
        return engines.made.size();
    }

    /// {@return how many engines cannot be collected}
    long held() {
        // A collection that was asked for need not be complete, but soon one is.
        for (var attempt = 0; attempt < 50 && alive() > 0; attempt++) {
            System.gc();
        }
        return alive();
    }

    private long alive() {
        return engines.made.stream().filter(engine -> !engine.refersTo(null)).count();
    }

    private static final class Engines extends SSLContextSpi {
        private final SSLContext context;
        private final List<WeakReference<SSLEngine>> made = new ArrayList<>();

        Engines(SSLContext context) {
            this.context = context;
        }

        private SSLEngine noted(SSLEngine engine) {
            made.add(new WeakReference<>(engine));
            return engine;
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return noted(context.createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return noted(context.createSSLEngine(host, port));
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            context.init(keys, trust, random);
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return context.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context.getServerSocketFactory();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context.getClientSessionContext();
        }
    }
}
