package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.examples.intro.ConcurrentFetch;
import dev.jloop.examples.site.DelayRange;
import dev.jloop.examples.site.DemoSite;
import dev.jloop.examples.site.JdkCatalog;
import dev.jloop.examples.site.SiteServer;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

@Command(
        name = "gather",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Fetches pages at the same time, a task for each, and gathers what comes. Without"
                        + " any it fetches ten pages of its own, each of which takes 200 ms.")
final class GatherCommand implements Callable<Integer> {
    private static final int OWN_PAGES = 10;
    private static final DelayRange OWN_DELAY =
            new DelayRange(Duration.ofMillis(200), Duration.ofMillis(200));

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "URL",
            converter = PageAddressConverter.class,
            description = "the pages, such as http://localhost:8080/index.html")
    private @Nullable List<URI> pages;

    @Override
    public Integer call() throws IOException {
        var asked = pages;
        if (asked != null) {
            Async.run(() -> fetch(asked));
            return 0;
        }
        var site = DemoSite.of(JdkCatalog.read());
        Async.run(() -> {
            try (var server =
                    SiteServer.start(site, OWN_DELAY, "127.0.0.1", 0, ServerOptions.DEFAULTS)) {
                fetch(Collections.nCopies(OWN_PAGES, server.frontPage()));
            }
        });
        return 0;
    }

    private void fetch(List<URI> addresses) {
        var out = spec.commandLine().getOut();
        var loop = EventLoop.current();
        var start = loop.time();
        for (var page : ConcurrentFetch.fetchAll(addresses)) {
            out.println(page.status() + " " + page.bytes() + " bytes: " + page.address());
        }
        out.println(
                String.format(
                        Locale.ROOT,
                        "%d pages in %.0f ms",
                        addresses.size(),
                        (loop.time() - start) / 1e6));
    }
}
