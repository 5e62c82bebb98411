package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;

/// Which places debug mode remembers, where a subclass of the loop says so.
class KeptCreationSitesTest {
    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void aSubclassChoosesTheCallbacksWhosePlacesAreKept() {
        Runnable kept = () -> fail("kept");
        Runnable other = () -> fail("other");
        var reports = new ArrayList<String>();
        try (var loop =
                new SelectorEventLoop(SelectorEventLoop.builder()) {
                    @Override
                    protected boolean keepsCreationSite(Object subject) {
                        return subject == kept;
                    }
                }) {
            loop.setDebug(true);
            loop.setExceptionHandler((_, report) ->
                    reports.add(report.exception() + " " + report.createdAt().isPresent()));
            loop.callSoon(kept);
            loop.callSoon(other);
            loop.runUntilComplete(() -> {
                Async.yieldNow();
            });
        }
        assertThat(reports)
                .containsExactly(
                        "java.lang.IllegalStateException: kept true",
                        "java.lang.IllegalStateException: other false");
    }
}
