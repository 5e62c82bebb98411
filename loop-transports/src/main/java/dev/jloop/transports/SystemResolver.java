package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Asks the JDK's resolver on threads of its own, since it blocks.
final class SystemResolver implements Resolver, AutoCloseable {
    private static final int IDLE_SECONDS = 10;

    private final EventLoop loop;
    private final ResolverOptions options;
    private final AnswerCache cache;
    private final ExecutorService threads;
    private final Lookups lookups;

    SystemResolver(EventLoop loop, ResolverOptions options) {
        this(loop, options, NameService.JDK, newThreads());
    }

    SystemResolver(
            EventLoop loop, ResolverOptions options, NameService names, ExecutorService threads) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.options = options;
        this.threads = threads;
        cache = new AnswerCache(options);
        lookups = new Lookups(loop, names, cache, threads, options.threads());
    }

    /// {@return threads without a bound, which [Lookups] keeps}
    static ExecutorService newThreads() {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().daemon().name("jloop-resolver-", 0).factory());
    }

    @Override
    public List<InetAddress> resolve(String host) throws UnknownHostException {
        var literal = Addresses.literal(host);
        if (literal != null) {
            return List.of(literal);
        }
        var question = new Question.AddressesOf(host.toLowerCase(Locale.ROOT));
        return ask(question, host, "cannot resolve host '" + host + "'");
    }

    @Override
    public String nameOf(InetAddress address) throws UnknownHostException {
        var literal = address.getHostAddress();
        return ask(
                new Question.NameOf(address),
                literal,
                "cannot find the name of address " + literal);
    }

    private <V> V ask(Question<V> question, String subject, String failed)
            throws UnknownHostException {
        loop.checkThread("resolve");
        var known = cache.find(question, loop.time());
        return switch (known == null ? await(question, failed) : known) {
            case Answer.Found<V>(var value) -> value;
            case Answer.NotFound<V>(var cause) -> throw unknown(subject, failed, cause);
        };
    }

    private <V> Answer<V> await(Question<V> question, String failed)
            throws ResolverTimeoutException {
        var query = lookups.query(question);
        var waiter = query.join();
        try {
            lookups.advance();
            return Timeout.after(options.deadline()).call(waiter::await);
        } catch (TimedOutException timedOut) {
            throw tooLate(query, failed, timedOut);
        } finally {
            lookups.leave(query, waiter);
        }
    }

    private ResolverTimeoutException tooLate(
            Query<?> query, String failed, TimedOutException timedOut) {
        var failure =
                new ResolverTimeoutException(
                        failed
                                + ": "
                                + lookups.excuse(query, options.deadline())
                                + "; check the name service");
        failure.initCause(timedOut);
        return failure;
    }

    private static UnknownHostException unknown(String subject, String failed, Throwable cause) {
        var reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        var detail =
                reason.regionMatches(true, 0, subject + ": ", 0, subject.length() + 2)
                        ? reason.substring(subject.length() + 2)
                        : reason;
        var failure =
                new UnknownHostException(
                        failed + ": " + detail + "; check the spelling and the name service");
        failure.initCause(cause);
        return failure;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
