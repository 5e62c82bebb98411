package dev.jloop.examples.crawl;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TaskGroup;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.sync.AsyncSemaphore;
import dev.jloop.executor.Offload;

import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Fetches pages, one task each, and counts their words in a thread pool. One crawler does one
/// crawl.
///
/// **Threading:** the thread of the loop it was made on only.
public final class Crawler {
    private final EventLoop loop = EventLoop.current();
    private final PageFetcher fetcher = new PageFetcher();
    private final CrawlRecords books = new CrawlRecords();
    private final Set<URI> known = new HashSet<>();
    private final TaskGroup group = new TaskGroup();
    private final CrawlOptions options;
    private final AsyncSemaphore connections;
    private long beginNanos;

    /// Makes a crawler on the current loop.
    ///
    /// @param options how to crawl
    public Crawler(CrawlOptions options) {
        this.options = options;
        this.connections = new AsyncSemaphore(options.connections());
    }

    /// Fetches the pages, and what they link to if the options say so. Suspends until all have
    /// ended.
    ///
    /// A page that fails is recorded and does not end the crawl. Where the crawl is cancelled, the
    /// fetches under way are cancelled and recorded as such.
    ///
    /// @param pages where to begin; each once, however often it is named
    public void crawl(Collection<URI> pages) {
        beginNanos = loop.time();
        group.run(() -> visitAll(pages, 0));
    }

    /// {@return how far the crawl is}
    public CrawlStatus status() {
        return books.status();
    }

    /// {@return the fetches that have ended, in that order; a view}
    public List<FetchRecord> records() {
        return books.records();
    }

    private void visitAll(Collection<URI> pages, int depth) {
        for (var page : pages) {
            if (known.size() < options.mostPages() && known.add(page)) {
                books.pageFound();
                group.createTask(() -> visit(page, depth), "fetch " + page);
            }
        }
    }

    private void visit(URI page, int depth) {
        var links = connections.call(() -> new Fetch(page, depth).run());
        if (options.followLinks()) {
            visitAll(links.stream().filter(link -> isSameSite(page, link)).toList(), depth + 1);
        }
    }

    private static boolean isSameSite(URI page, URI link) {
        return page.getRawAuthority().equalsIgnoreCase(link.getRawAuthority())
                && page.getScheme().equalsIgnoreCase(link.getScheme());
    }

    /// One page on its way.
    private final class Fetch {
        private final URI page;
        private final int depth;
        private final long startNanos = loop.time();

        Fetch(URI page, int depth) {
            this.page = page;
            this.depth = depth;
        }

        /// {@return the links on the page; none if it did not come}
        List<URI> run() {
            books.fetchBegun();
            try {
                var result = Async.withTimeout(options.timeout(), () -> fetcher.fetch(page));
                long endNanos = loop.time();
                var text = result.response();
                var analysis =
                        Offload.toThread(() -> PageAnalysis.of(result.uri(), text.bodyText()));
                end(
                        endNanos,
                        new FetchOutcome.Fetched(
                                text.status(),
                                result.wireBytes(),
                                text.body().length,
                                analysis.words(),
                                result.redirects()));
                return analysis.links();
            } catch (TimedOutException _) {
                return fail("no answer within " + Units.duration(options.timeout()));
            } catch (IOException failure) {
                return fail(Failures.describe(failure));
            } catch (CancelledError cancelled) {
                end(loop.time(), new FetchOutcome.Cancelled());
                throw cancelled;
            }
        }

        private List<URI> fail(String reason) {
            end(loop.time(), new FetchOutcome.Failed(reason));
            return List.of();
        }

        private void end(long endNanos, FetchOutcome outcome) {
            books.fetchEnded(
                    new FetchRecord(
                            page, depth, startNanos - beginNanos, endNanos - beginNanos, outcome));
        }
    }
}
