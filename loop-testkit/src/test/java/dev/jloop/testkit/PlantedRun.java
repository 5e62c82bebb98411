package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

import java.util.Map;
import java.util.regex.Pattern;

/// Runs the tests of a class that was made for it, and tells how they went.
final class PlantedRun {
    private PlantedRun() {}

    static Events of(Class<?> planted, Map<String, String> properties) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameters(properties)
                .selectors(DiscoverySelectors.selectClass(planted))
                .execute()
                .testEvents();
    }

    /// {@return what its only test fails with}
    static Throwable failure(Class<?> planted, Map<String, String> properties) {
        return failureIn(
                of(planted, properties).assertStatistics(counts -> counts.started(1).failed(1)));
    }

    static Throwable failureIn(Events events) {
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .findFirst()
                .flatMap(TestExecutionResult::getThrowable)
                .orElseThrow();
    }

    static String message(Class<?> planted, Map<String, String> properties) {
        return String.valueOf(failure(planted, properties).getMessage());
    }

    /// {@return what the first group of `pattern` is in `text`}
    static String find(String pattern, String text) {
        var found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
        return found.group(1);
    }
}
