package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.http.server.ServerCertificate;
import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.examples.site.DelayRange;
import dev.jloop.examples.site.DemoSite;
import dev.jloop.examples.site.FolderSite;
import dev.jloop.examples.site.JdkCatalog;
import dev.jloop.examples.site.SiteServer;
import dev.jloop.transports.TlsOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;

@Command(
        name = "http",
        aliases = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Serves the files of a folder, or a small web site about this JDK, over HTTP/1.1 until"
                    + " Ctrl-C. What is posted to /echo comes back.",
            "With --tls it has a certificate that is made for this run and signed by itself; the"
                    + " first lines tell how a client comes to trust it."
        })
final class HttpCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "the folder to serve (default: a web site about this JDK)")
    private @Nullable Path folder;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ListeningPlace place;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "FROM-TO",
            defaultValue = "0-0",
            converter = DelayRangeConverter.class,
            description =
                    "how many milliseconds to wait before each answer about the JDK (default:"
                            + " ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DelayRange delays;

    @Option(
            names = "--max-head",
            paramLabel = "BYTES",
            defaultValue = "16384",
            description =
                    "how large the head of a request may be, from 64 to 1048576 (default:"
                            + " ${DEFAULT-VALUE})")
    private int headBytes;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description =
                    "how long a client may keep the server waiting (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration idleTimeout;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "10000",
            description = "how many connections may be open at a time (default: ${DEFAULT-VALUE})")
    private int maxConnections;

    @Option(names = "--tls", description = "serve over HTTPS")
    private boolean secured;

    @Option(
            names = "--keystore",
            paramLabel = "FILE",
            description =
                    "a key store with the key and certificate to serve HTTPS with; its password is"
                            + " in the environment variable JLOOP_KEYSTORE_PASSWORD")
    private @Nullable Path keystore;

    @Override
    public Integer call() throws IOException {
        var options = options();
        var starting = starting();
        if (keystore == null && !secured) {
            Async.run(() -> serve(starting, options, null));
            return 0;
        }
        var certificate = certificate();
        Async.run(() -> {
            // Inside, so that it is cleaned up on Ctrl-C too.
            try (certificate) {
                var tls = TlsOptions.server(certificate.context()).withAlpn("http/1.1");
                serve(starting, options.withTls(tls), certificate.pem());
            }
        });
        return 0;
    }

    private ServerOptions options() {
        try {
            return new ServerOptions(headBytes, idleTimeout, maxConnections, null);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
    }

    /// Starts to serve what was asked for.
    @FunctionalInterface
    private interface Starting {
        SiteServer start(ServerOptions options) throws IOException;
    }

    private Starting starting() throws IOException {
        if (folder != null) {
            var files = FolderSite.of(folder);
            return options -> SiteServer.start(files, place.host(), place.port(), options);
        }
        var pages = DemoSite.of(JdkCatalog.read());
        return options -> SiteServer.start(pages, delays, place.host(), place.port(), options);
    }

    private ServerCertificate certificate() throws IOException {
        if (keystore == null) {
            return ServerCertificate.makeSelfSigned();
        }
        var password = System.getenv("JLOOP_KEYSTORE_PASSWORD");
        if (password == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--keystore needs the password of the key store in the environment variable"
                            + " JLOOP_KEYSTORE_PASSWORD");
        }
        return ServerCertificate.read(keystore, password);
    }

    private void serve(Starting starting, ServerOptions options, @Nullable Path pem)
            throws IOException {
        var out = spec.commandLine().getOut();
        try (var server = starting.start(options)) {
            out.println("serving " + server.frontPage() + "; Ctrl-C ends it");
            if (pem != null) {
                out.println("try: curl --cacert " + pem + " " + server.frontPage());
            }
            out.flush();
            server.serveForever();
        }
    }
}
