package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;

/// Publishers of `java.util.concurrent.Flow` as iterables, and iterables as publishers. What the
/// specification says of the signals is checked by [FlowTckTest].
class FlowTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    /// A publisher driven by hand, with one subscriber.
    private static class HandPublisher implements Flow.Publisher<Integer>, Flow.Subscription {
        Flow.@Nullable Subscriber<? super Integer> subscriber;
        final List<Long> requests = new ArrayList<>();
        boolean cancelled;

        @Override
        public void subscribe(Flow.Subscriber<? super Integer> wanted) {
            subscriber = wanted;
            wanted.onSubscribe(this);
        }

        @Override
        public void request(long count) {
            requests.add(count);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void send(int... items) {
            for (var item : items) {
                subscriber().onNext(item);
            }
        }

        Flow.Subscriber<? super Integer> subscriber() {
            return Objects.requireNonNull(subscriber);
        }

        @Override
        public String toString() {
            return "publisher by hand";
        }
    }

    /// Notes what it is told.
    private class Recorder implements Flow.Subscriber<Object> {
        private final String name;
        Flow.@Nullable Subscription subscription;

        Recorder(String name) {
            this.name = name;
        }

        Flow.Subscription subscription() {
            return Objects.requireNonNull(subscription);
        }

        @Override
        public void onSubscribe(Flow.Subscription made) {
            subscription = made;
            calls.add(name + " subscribed");
        }

        @Override
        public void onNext(Object item) {
            calls.add(name + " " + item);
        }

        @Override
        public void onError(Throwable failure) {
            calls.add(name + " failed: " + failure);
        }

        @Override
        public void onComplete() {
            calls.add(name + " complete");
        }
    }

    private static <T> List<T> collect(Iterable<T> items) {
        var all = new ArrayList<T>();
        items.forEach(all::add);
        return all;
    }

    // ---- a publisher to a for-each

    @Test
    void theItemsOfAPublisherOnOtherThreadsComeInOrder() {
        kit.run(() -> {
            var publisher = new SubmissionPublisher<Integer>();
            var consumer = Async.createTask(() -> collect(AsyncIterable.from(publisher, 3)));
            Async.yieldNow();
            var sender =
                    Thread.ofPlatform()
                            .start(() -> {
                                try (publisher) {
                                    IntStream.range(0, 1000).forEach(publisher::submit);
                                }
                            });
            assertThat(consumer.await()).hasSize(1000).isSorted();
            sender.join();
        });
    }

    @Test
    void noMoreThanThePrefetchIsEverRequestedAhead() {
        kit.run(() -> {
            var publisher = new HandPublisher();
            var iterator = AsyncIterable.from(publisher, 4).iterator();
            assertThat(publisher.subscriber).as("before the first item is asked for").isNull();
            var first = Async.createTask(iterator::next);
            Async.yieldNow();
            Async.yieldNow();
            assertThat(publisher.requests).containsExactly(4L);
            publisher.send(1, 2, 3, 4);
            assertThat(first.await()).isEqualTo(1);
            assertThat(publisher.requests).containsExactly(4L);
            assertThat(iterator.next()).isEqualTo(2);
            assertThat(publisher.requests).containsExactly(4L, 2L);
            publisher.send(5);
            publisher.subscriber().onComplete();
            assertThat(iterator.next()).isEqualTo(3);
            assertThat(iterator.next()).isEqualTo(4);
            assertThat(iterator.next()).isEqualTo(5);
            assertThat(iterator.hasNext()).isFalse();
            assertThat(publisher.cancelled).isFalse();
        });
    }

    @Test
    void aPublisherThatFailsDoesSoAfterItsItems() {
        kit.run(() -> {
            for (var failure : List.of(new IOException("source"), new IllegalStateException("s"))) {
                var publisher = new HandPublisher();
                var iterator = AsyncIterable.from(publisher).iterator();
                var first = Async.createTask(iterator::next);
                Async.yieldNow();
                publisher.send(1, 2);
                publisher.subscriber().onError(failure);
                assertThat(first.await()).isEqualTo(1);
                assertThat(iterator.next()).isEqualTo(2);
                if (failure instanceof IOException) {
                    assertThatExceptionOfType(CompletionException.class)
                            .isThrownBy(iterator::hasNext)
                            .withCause(failure);
                } else {
                    assertThatIllegalStateException()
                            .isThrownBy(iterator::hasNext)
                            .isSameAs(failure);
                }
                assertThat(publisher.cancelled).isFalse();
            }
        });
    }

    @Test
    void closingTheIteratorCancelsTheSubscription() {
        kit.run(() -> {
            var publisher = new HandPublisher();
            var iterator = AsyncIterable.from(publisher).iterator();
            var first = Async.createTask(iterator::next);
            Async.yieldNow();
            publisher.send(1, 2);
            assertThat(first.await()).isEqualTo(1);
            iterator.close();
            assertThat(publisher.cancelled).isTrue();
            publisher.send(3); // on its way already
            Async.yieldNow();
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    @Test
    void cancellingTheConsumerCancelsTheSubscription() {
        kit.run(() -> {
            var publisher = new HandPublisher();
            var consumer = Async.createTask(() -> collect(AsyncIterable.from(publisher)));
            Async.yieldNow();
            Async.yieldNow();
            consumer.cancel();
            Async.waitAll(List.of(consumer));
            assertThat(consumer.isCancelled()).isTrue();
            assertThat(publisher.cancelled).isTrue();
        });
    }

    @Test
    void aSubscriptionThatComesAfterTheConsumerHasLeftIsCancelled() {
        kit.run(() -> {
            var kept = new ArrayList<Flow.Subscriber<? super Integer>>();
            var consumer = Async.createTask(() -> collect(AsyncIterable.<Integer>from(kept::add)));
            Async.yieldNow();
            consumer.cancel();
            Async.waitAll(List.of(consumer));
            var late = new HandPublisher();
            kept.getFirst().onSubscribe(late);
            Async.yieldNow();
            assertThat(late.cancelled).isTrue();
            assertThat(late.requests).isEmpty();
        });
    }

    @Test
    void aPublisherThatSendsMoreThanWasRequestedFailsThePass() {
        kit.run(() -> {
            var publisher = new HandPublisher();
            var iterator = AsyncIterable.from(publisher, 2).iterator();
            var first = Async.createTask(iterator::next);
            Async.yieldNow();
            Async.yieldNow();
            publisher.send(1, 2, 3);
            assertThat(first.await()).isEqualTo(1);
            assertThat(iterator.next()).isEqualTo(2);
            assertThatIllegalStateException()
                    .isThrownBy(iterator::next)
                    .withMessageContaining("publisher by hand")
                    .withMessageContaining("more than the 2 items");
            assertThat(publisher.cancelled).isTrue();
        });
    }

    @Test
    void aPublisherWhoseToStringFailsIsReadAllTheSame() {
        kit.run(() -> {
            var publisher =
                    new HandPublisher() {
                        @Override
                        public String toString() {
                            throw new IllegalStateException("toString");
                        }
                    };
            var consumer =
                    Async.createTask(() -> {
                        return collect(AsyncIterable.from(publisher, 1));
                    });
            Async.yieldNow();
            Async.yieldNow();
            publisher.send(1, 2); // one more than requested
            assertThatIllegalStateException()
                    .isThrownBy(consumer::await)
                    .withMessageContaining("sent more than the 1");
        });
    }

    @Test
    void aSubscriptionThatCannotBeAskedFailsThePass() {
        kit.run(() -> {
            var publisher =
                    new HandPublisher() {
                        @Override
                        public void request(long count) {
                            throw new IllegalArgumentException("request");
                        }
                    };
            var consumer =
                    Async.createTask(() -> {
                        return collect(AsyncIterable.from(publisher));
                    });
            Async.sleep(SECOND);
            assertThat(consumer.isDone()).isTrue();
            assertThatIllegalArgumentException().isThrownBy(consumer::await).withMessage("request");
            assertThat(publisher.cancelled).isTrue();
        });
    }

    @Test
    void thePrefetchIsAtLeastOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AsyncIterable.from(new HandPublisher(), 0))
                .withMessageContaining("0");
        assertThatNullPointerException().isThrownBy(() -> AsyncIterable.from(null));
    }

    // ---- an iterable as a publisher

    private AsyncIterable<Integer> counted(int count) {
        return Async.generate(emitter -> {
            try {
                for (var i = 1; i <= count; i++) {
                    calls.add("makes " + i);
                    emitter.emit(i);
                }
            } finally {
                calls.add("ends");
            }
        });
    }

    @Test
    void nothingIsMadeThatWasNotRequested() {
        kit.run(() -> {
            var subscriber = new Recorder("a");
            counted(2).toPublisher().subscribe(subscriber);
            assertThat(calls).isEmpty();
            Async.sleep(SECOND);
            assertThat(calls).containsExactly("a subscribed");
            subscriber.subscription().request(1);
            Async.sleep(SECOND);
            assertThat(calls).containsExactly("a subscribed", "makes 1", "a 1");
            subscriber.subscription().request(10);
            Async.sleep(SECOND);
            assertThat(calls).endsWith("makes 2", "a 2", "ends", "a complete");
        });
    }

    @Test
    void eachSubscriberGetsItsOwnPass() {
        kit.run(() -> {
            var publisher = counted(1).toPublisher();
            for (var name : List.of("a", "b")) {
                var subscriber = new Recorder(name);
                publisher.subscribe(subscriber);
                Async.sleep(SECOND);
                subscriber.subscription().request(Long.MAX_VALUE);
                subscriber.subscription().request(Long.MAX_VALUE);
                Async.sleep(SECOND);
            }
            assertThat(calls).contains("a 1", "a complete", "b 1", "b complete");
        });
    }

    @Test
    void cancellingTheSubscriptionClosesTheGenerator() {
        kit.run(() -> {
            var subscriber = new Recorder("a");
            counted(5).toPublisher().subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(1);
            Async.sleep(SECOND);
            subscriber.subscription().cancel();
            subscriber.subscription().request(1);
            Async.sleep(SECOND);
            assertThat(calls).containsExactly("a subscribed", "makes 1", "a 1", "ends");
            assertThat(Async.allTasks()).containsExactly(Async.currentTask());
        });
    }

    @Test
    void cancellingInterruptsABodyThatWaitsButNotItsCleanUp() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        try {
                            Async.sleep(SECOND.multipliedBy(1000));
                            emitter.emit(1);
                        } finally {
                            Async.sleep(SECOND);
                            calls.add("cleaned up");
                        }
                    });
            var subscriber = new Recorder("a");
            items.toPublisher().subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(1);
            Async.sleep(SECOND);
            subscriber.subscription().cancel();
            subscriber.subscription().cancel();
            Async.sleep(SECOND.multipliedBy(3));
            assertThat(calls).containsExactly("a subscribed", "cleaned up");
        });
    }

    @Test
    void aFailureOfTheBodyReachesTheSubscriberUnwrapped() {
        kit.run(() -> {
            var subscriber = new Recorder("a");
            Async.<Integer>generate(
                            _ -> {
                                throw new IOException("body");
                            })
                    .toPublisher()
                    .subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(1);
            Async.sleep(SECOND);
            assertThat(calls).endsWith("a failed: java.io.IOException: body");
        });
    }

    @Test
    void aRequestThatIsNotPositiveEndsTheSubscription() {
        kit.run(() -> {
            var subscriber = new Recorder("a");
            counted(5).toPublisher().subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(0);
            Async.sleep(SECOND);
            assertThat(calls)
                    .last()
                    .asString()
                    .startsWith("a failed: java.lang.IllegalArgumentException")
                    .contains("request: 0");
        });
    }

    @Test
    void aSubscriberThatThrowsIsReportedAndHasLeftByThat() {
        kit.run(() -> {
            var subscriber =
                    new Recorder("a") {
                        @Override
                        public void onNext(Object item) {
                            throw new IllegalStateException("subscriber");
                        }
                    };
            counted(5).toPublisher().subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(5);
            Async.sleep(SECOND);
        });
        assertThat(calls).containsExactly("a subscribed", "makes 1", "ends");
        assertThat(kit.takeOnlyReport().exception()).hasMessage("subscriber");
    }

    @Test
    void aPassOverAPublisherOfTheSameLoopLetsVirtualTimePass() {
        kit.run(() -> {
            var slow =
                    Async.<String>generate(emitter -> {
                        for (var name : List.of("a", "b", "c")) {
                            Async.sleep(SECOND);
                            emitter.emit(name);
                        }
                    });
            assertThat(AsyncIterable.from(slow.toPublisher(), 1)).containsExactly("a", "b", "c");
        });
    }

    @Test
    void aSourceThatNeverAwaitsLetsOthersRunNowAndThen() {
        kit.run(() -> {
            var subscriber = new Recorder("a");
            counted(1_000_000).toPublisher().subscribe(subscriber);
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().request(Long.MAX_VALUE);
            Async.yieldNow();
            Async.yieldNow();
            Async.yieldNow();
            subscriber.subscription().cancel();
            Async.sleep(SECOND);
            assertThat(calls).hasSizeLessThan(100_000).endsWith("ends");
        });
    }

    @Test
    void aLoopThatClosesTellsItsSubscribers() {
        var active = new Recorder("active");
        var tooLate = new Recorder("too late");
        var publisher =
                kit.run(() -> {
                    var made = counted(5).toPublisher();
                    made.subscribe(active);
                    Async.yieldNow();
                    Async.yieldNow();
                    return made;
                });
        var never = new Recorder("never begun");
        publisher.subscribe(never);
        kit.loop().close();
        publisher.subscribe(tooLate);
        assertThat(calls)
                .contains("active subscribed", "never begun subscribed", "too late subscribed");
        assertThat(calls)
                .anyMatch(call ->
                        call.startsWith("active failed: " + CancellationException.class.getName()));
        assertThat(calls).anyMatch(call -> call.startsWith("never begun failed: "));
        assertThat(calls)
                .anyMatch(call ->
                        call.startsWith("too late failed: java.lang.IllegalStateException"));
        assertThat(kit.takeOnlyReport().message()).contains("still pending");
    }

    @Test
    void aTaskThatIsCancelledAtOnceTellsItsSubscriber() {
        kit.run(() -> {
            counted(5).toPublisher().subscribe(new Recorder("a"));
            while (Async.allTasks().size() == 1) {
                Async.yieldNow();
            }
            Async.allTasks().stream()
                    .filter(task -> task != Async.currentTask())
                    .forEach(LoopFuture::cancel);
            Async.sleep(SECOND);
            assertThat(calls)
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo("a subscribed"),
                            second ->
                                    assertThat(second)
                                            .startsWith(
                                                    "a failed: "
                                                            + CancellationException.class
                                                                    .getName()));
        });
    }

    @Test
    void itemsWhoseToStringFailsArePublishedAllTheSame() {
        var items =
                new AsyncIterable<Integer>() {
                    @Override
                    public AsyncIterator<Integer> iterator() {
                        return counted(1).iterator();
                    }

                    @Override
                    public String toString() {
                        throw new IllegalStateException("toString");
                    }
                };
        kit.run(() -> {
            assertThat(collect(AsyncIterable.from(items.toPublisher()))).containsExactly(1);
            var subscriber = new Recorder("a");
            items.toPublisher().subscribe(subscriber);
            Async.sleep(SECOND);
            subscriber.subscription().request(2);
            Async.sleep(SECOND);
            assertThat(calls).endsWith("a complete");
        });
    }

    @Test
    void signalsOfOtherThreadsReachTheLoop() throws InterruptedException {
        try (var loop = SelectorEventLoop.builder().build()) {
            var complete = new CountDownLatch(1);
            var publisher =
                    loop.runUntilComplete(() -> {
                        return counted(1000).toPublisher();
                    });
            var seen = new ArrayList<Object>();
            var other =
                    Thread.ofPlatform()
                            .start(() ->
                                    publisher.subscribe(
                                            new Flow.Subscriber<Object>() {
                                                private Flow.@Nullable Subscription subscription;

                                                @Override
                                                public void onSubscribe(Flow.Subscription made) {
                                                    subscription = made;
                                                    more();
                                                }

                                                @Override
                                                public void onNext(Object item) {
                                                    seen.add(item);
                                                    more();
                                                }

                                                private void more() {
                                                    var current =
                                                            Objects.requireNonNull(subscription);
                                                    Thread.ofVirtual()
                                                            .start(() -> current.request(1));
                                                }

                                                @Override
                                                public void onError(Throwable failure) {
                                                    throw new AssertionError(failure);
                                                }

                                                @Override
                                                public void onComplete() {
                                                    complete.countDown();
                                                    loop.stop();
                                                }
                                            }));
            loop.runForever();
            other.join();
            complete.await();
            assertThat(seen).hasSize(1000).startsWith(1, 2, 3).endsWith(1000);
        }
    }
}
