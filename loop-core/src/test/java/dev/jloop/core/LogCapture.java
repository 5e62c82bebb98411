package dev.jloop.core;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// What jloop logs during a test, in place of printing it.
final class LogCapture implements BeforeEachCallback, AfterEachCallback {
    private static final Duration SAFETY_NET = Duration.ofSeconds(20);

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.jloop");
    private final BlockingQueue<ILoggingEvent> events = new LinkedBlockingQueue<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    events.add(event);
                }
            };

    @Override
    public void beforeEach(ExtensionContext context) {
        appender.start();
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        logger.addAppender(appender);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    List<String> messages() {
        return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    List<ILoggingEvent> events() {
        return List.copyOf(events);
    }

    /// Waits for a line that another thread logs.
    ILoggingEvent await(Predicate<String> message) throws InterruptedException {
        var end = System.nanoTime() + SAFETY_NET.toNanos();
        while (true) {
            var event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("no such line was logged");
            }
            if (message.test(event.getFormattedMessage())) {
                return event;
            }
        }
    }
}
