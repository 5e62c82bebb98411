package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Flow;

/// The compatibility kit of Reactive Streams, which is written for TestNG. It works in real time:
/// its long timeout is waited for only where something fails, the short one by tests that expect
/// nothing to come.
class FlowTckTest {
    private static final long TIMEOUT_MILLIS = 2000;
    private static final long SILENCE_MILLIS = 30;

    private static TestEnvironment environment() {
        return new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS, SILENCE_MILLIS);
    }

    /// A loop that runs on a thread of its own.
    private static final class RunningLoop {
        final SelectorEventLoop loop = SelectorEventLoop.builder().build();
        private final Thread thread = Thread.ofPlatform().start(loop::runForever);

        void close() throws InterruptedException {
            loop.callSoonThreadsafe(loop::stop);
            thread.join();
            loop.setExceptionHandler((_, _) -> {}); // tests of the kit leave subscriptions open
            loop.close();
        }
    }

    /// A generator as a publisher.
    public static final class PublisherCheck extends FlowPublisherVerification<Long> {
        private @Nullable RunningLoop running;

        /// Called by TestNG.
        public PublisherCheck() {
            super(environment(), TIMEOUT_MILLIS);
        }

        @BeforeClass
        public void start() {
            running = new RunningLoop();
        }

        @AfterClass
        public void stop() throws InterruptedException {
            Objects.requireNonNull(running).close();
        }

        @Override
        public Flow.Publisher<Long> createFlowPublisher(long elements) {
            return new IterablePublisher<>(
                    Objects.requireNonNull(running).loop,
                    Async.<Long>generate(emitter -> {
                        for (var i = 0L; i < elements; i++) {
                            emitter.emit(i);
                        }
                    }));
        }

        @Override
        public Flow.Publisher<Long> createFailedFlowPublisher() {
            var closed = SelectorEventLoop.builder().build();
            closed.close();
            return new IterablePublisher<>(closed, Async.<Long>generate(_ -> {}));
        }
    }

    /// The subscriber behind an iterator, with a task that takes the items.
    public static final class SubscriberCheck extends FlowSubscriberBlackboxVerification<Integer> {
        private @Nullable RunningLoop running;

        /// Called by TestNG.
        public SubscriberCheck() {
            super(environment());
        }

        @BeforeClass
        public void start() {
            running = new RunningLoop();
        }

        @AfterClass
        public void stop() throws InterruptedException {
            Objects.requireNonNull(running).close();
        }

        @Override
        public Flow.Subscriber<Integer> createFlowSubscriber() {
            var loop = Objects.requireNonNull(running).loop;
            Flow.Publisher<Integer> subscribedLater = _ -> {};
            var subscriber = new ReceivedItems<Integer>(loop, subscribedLater, 4);
            loop.execute(() ->
                    loop.createTask(() -> {
                        try {
                            Async.<Integer>generate(subscriber::emitAll).forEach(_ -> {});
                        } catch (RuntimeException _) {
                            // The kit sends failures, and does not look where they come out.
                        }
                    }));
            return subscriber;
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }

    private static TestListenerAdapter check(Class<?> verification) {
        var results = new TestListenerAdapter();
        var kit = new TestNG(false);
        kit.setTestClasses(new Class<?>[] {verification});
        kit.setOutputDirectory(Path.of("target", "tck").toString());
        kit.addListener(results);
        kit.setVerbose(0);
        kit.run();
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(results.getPassedTests()).isNotEmpty();
        for (var failed : results.getFailedTests()) {
            throw new AssertionError(failed.getName(), failed.getThrowable());
        }
        return results;
    }

    /// The kit has names without a test for what no test can tell, and skips optional tests that
    /// fail.
    private static void assertThatNothingOptionalFailed(TestListenerAdapter results) {
        assertThat(results.getSkippedTests())
                .extracting(ITestResult::getName)
                .allMatch(name -> name.startsWith("untested_"));
    }

    @Test
    void aGeneratorIsAPublisherByTheSpecification() {
        assertThatNothingOptionalFailed(check(PublisherCheck.class));
    }

    @Test
    void theSubscriberBehindAnIteratorKeepsToTheSpecification() {
        assertThatNothingOptionalFailed(check(SubscriberCheck.class));
    }
}
