package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.http.ServerCertificate;
import dev.jloop.examples.site.DelayRange;
import dev.jloop.examples.site.DemoSite;
import dev.jloop.examples.site.JdkCatalog;
import dev.jloop.examples.site.SiteServer;
import dev.jloop.transports.TlsOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Serves a small web site about this JDK over HTTP/1.1 until Ctrl-C.",
            "With --tls it has a certificate that is made for this run and signed by itself; the"
                    + " first lines tell how a client comes to trust it."
        })
final class ServeCommand implements Callable<Integer> {
    private static final int LAST_PORT = 65_535;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "N",
            defaultValue = "0",
            description = "the port, or 0 for any free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description = "the name or address to listen on (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String host;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "FROM-TO",
            defaultValue = "0-0",
            converter = DelayRangeConverter.class,
            description =
                    "how many milliseconds to wait before each answer (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DelayRange delays;

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
        if (port < 0 || port > LAST_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--port must be from 0 to " + LAST_PORT + ", was " + port);
        }
        var site = DemoSite.of(JdkCatalog.read());
        if (keystore == null && !secured) {
            Async.run(() -> serve(site, null, null));
            return 0;
        }
        var certificate = certificate();
        Async.run(() -> {
            // Inside, so that it is cleaned up on Ctrl-C too.
            try (certificate) {
                var options = TlsOptions.server(certificate.context()).withAlpn("http/1.1");
                serve(site, options, certificate.pem());
            }
        });
        return 0;
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

    private void serve(DemoSite site, @Nullable TlsOptions tls, @Nullable Path pem)
            throws IOException {
        var out = spec.commandLine().getOut();
        try (var server = SiteServer.start(site, delays, host, port, tls)) {
            out.println("serving " + server.frontPage() + "; Ctrl-C ends it");
            if (pem != null) {
                out.println("try: curl --cacert " + pem + " " + server.frontPage());
            }
            out.flush();
            server.serveForever();
        }
    }
}
